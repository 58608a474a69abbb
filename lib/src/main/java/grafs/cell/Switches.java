package grafs.cell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * At which arguments the operations of a cell pass from one smooth piece to the next: the {@link
 * Joints} of unary operations, those of binary ones in each argument, and whether a binary one has
 * a kink where its arguments are equal.
 */
final class Switches {

  /** Second arguments with which binary operations are looked at. */
  private static final double[] OTHERS = {0.7703, -1.3107};

  private static final double SMALL = 1e-6;

  /**
   * An operation's.
   *
   * @param first the joints in its first argument, ascending
   * @param second those in its second
   * @param diagonal whether it has a kink where both are equal
   */
  private record Own(double[] first, double[] second, boolean diagonal) {}

  private record Key(Operation op, Bounds bounds) {}

  /** It takes a second to look at all operations. */
  private static final Map<Key, Own> KNOWN = new ConcurrentHashMap<>();

  /**
   * A place's, of all operations in play.
   *
   * @param first the joints in its first argument, ascending
   * @param second those in its second
   * @param diagonal whether there is a kink where both are equal
   * @param surfaces where else there are
   */
  record Of(double[] first, double[] second, boolean diagonal, List<Surface> surfaces) {}

  /**
   * Where an operation's value comes to where a bound on values sets in.
   *
   * @param function the operation without bounds
   * @param β its β
   * @param levels the values
   * @param from arguments of lesser magnitude do not reach them
   */
  record Surface(Operation.Function function, double β, double[] levels, double from) {

    static Surface of(Operation.Function function, double β, double level) {
      double[] d = new double[4];
      double from = 1;
      for (; from < 1e3; from *= 1.1) {
        double largest = 0;
        for (double a : new double[] {-from, -0.25, 0, 0.25, from}) {
          for (double b : new double[] {-from, -0.25, 0, 0.25, from}) {
            function.evaluate(a, b, β, d);
            largest = Math.max(largest, Math.abs(d[0]));
          }
        }
        if (largest > level) {
          break;
        }
      }
      return new Surface(function, β, new double[] {-level, level}, from / 1.1);
    }

    boolean mayBeReached(double a, double b) {
      return Math.abs(a) > from || Math.abs(b) > from;
    }

    double value(double a, double b, double[] d) {
      function.evaluate(a, b, β, d);
      return d[0];
    }
  }

  private final List<Place> places;
  private final Bounds bounds;
  private final Own[][] byOperation;

  Switches(List<Place> places, Bounds bounds) {
    this.places = places;
    this.bounds = bounds;
    byOperation =
        places.stream()
            .map(
                place ->
                    place.candidates().stream()
                        .map(op -> KNOWN.computeIfAbsent(new Key(op, bounds), Switches::own))
                        .toArray(Own[]::new))
            .toArray(Own[][]::new);
  }

  /**
   * Returns the switches of all places in one pass.
   *
   * @param weights the weights of the pass
   */
  Of[] of(CellWeights weights) {
    return IntStream.range(0, places.size())
        .mapToObj(p -> of(p, weights.candidates().of(p), weights.beta()[p]))
        .toArray(Of[]::new);
  }

  private Of of(int p, List<Integer> candidates, double... β) {
    List<Own> own = candidates.stream().map(o -> byOperation[p][o]).toList();
    List<Surface> surfaces = new ArrayList<>();
    for (int o : candidates) {
      Operation op = places.get(p).candidates().get(o);
      if (Double.isFinite(bounds.unchanged()) && (op.arity() == 2 || op.hasBeta())) {
        Surface surface = Surface.of(op.function(), β[o], bounds.unchanged());
        if (surface.from < 100) {
          surfaces.add(surface);
        }
      }
    }
    return new Of(
        Joints.union(own.stream().map(Own::first).toList(), Joints.NEAR),
        Joints.union(own.stream().map(Own::second).toList(), Joints.NEAR),
        own.stream().anyMatch(Own::diagonal),
        surfaces);
  }

  /** {@return the joints of all edges and operations that x enters} */
  double[] ofInput() {
    List<double[]> all = new ArrayList<>();
    for (int p = 0; p < byOperation.length; p++) {
      List<Integer> operands = places.get(p).operands();
      for (Own own : byOperation[p]) {
        if (operands.get(0) < 0) {
          all.add(own.first);
        }
        if (operands.size() == 2 && operands.get(1) < 0) {
          all.add(own.second);
        }
      }
    }
    return Joints.union(all, Joints.NEAR);
  }

  private static Own own(Key key) {
    Operation op = key.op;
    Bounds bounds = key.bounds;
    Bounds.Bounded bounded = bounds.of(op);
    double[] d = new double[4];
    double β = op.beta();
    if (op.arity() == 1 && op.hasBeta() && Double.isFinite(bounds.unchanged())) {
      // They move with β, and the cell's surfaces are where they are.
      return new Own(new double[0], new double[0], false);
    }
    if (op.arity() == 1) {
      return new Own(
          Joints.of(x -> at(bounded, x, 0, β, d, 0), x -> at(bounded, x, 0, β, d, 1)),
          new double[0],
          false);
    }
    double[] first = null;
    double[] second = null;
    boolean diagonal = false;
    for (double c : OTHERS) {
      first = common(first, Joints.jumps(x -> at(bounded, x, c, β, d, 1)));
      second = common(second, Joints.jumps(x -> at(bounded, c, x, β, d, 2)));
      double bend =
          at(bounded, c + SMALL, c, β, d, 0)
              - 2 * at(bounded, c, c, β, d, 0)
              + at(bounded, c - SMALL, c, β, d, 0);
      diagonal |= Math.abs(bend) > 1e-3 * SMALL;
    }
    return new Own(first, second, diagonal);
  }

  private static double at(Bounds.Bounded op, double a, double b, double β, double[] d, int which) {
    op.evaluate(a, b, β, d);
    return d[which];
  }

  /** What is a joint whatever the other argument. */
  private static double[] common(double[] one, double[] two) {
    return one == null
        ? two
        : Arrays.stream(one)
            .filter(a -> Arrays.stream(two).anyMatch(b -> Math.abs(a - b) < SMALL))
            .toArray();
  }
}
