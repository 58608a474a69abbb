package grafs.cell;

import static grafs.cell.RandomActivations.ALL;
import static grafs.cell.RandomActivations.binary;
import static grafs.cell.RandomActivations.unary;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import grafs.op.Binary;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;

/** Compares functions in source code to the blocks they were written from. */
final class Agreement {

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  /** Each operation alone, then random functions of one to three units. */
  List<DiscreteActivation> functions() {
    List<DiscreteActivation> functions = new ArrayList<>();
    for (Unary op : ALL.unary()) {
      List<Unary> edges = List.of(op, unary("identity"));
      functions.add(RandomActivations.of(edges, List.of(binary("left")), random));
    }
    for (Binary op : ALL.binary()) {
      List<Unary> edges = List.of(unary("sin"), unary("shift"));
      functions.add(RandomActivations.of(edges, List.of(op), random));
    }
    for (int i = 0; i < 100; i++) {
      functions.add(RandomActivations.random(random));
    }
    return functions;
  }

  int singles() {
    return ALL.unary().size() + ALL.binary().size();
  }

  double[] points(int count) {
    double[] x =
        DoubleStream.generate(() -> (float) (3 * random.nextGaussian())).limit(count).toArray();
    x[0] = 0;
    return x;
  }

  static boolean[] within(NDManager manager, DiscreteActivation f, double[] x) {
    // DJL takes LeakyReLU's slope as a float32, 2e-8 off: of larger values sine, cosine and
    // quotients
    // can make 1e-5 of that.
    Evaluation evaluation = new Evaluation(manager.create(x), 1e3);
    f.simplified().fold(evaluation);
    return evaluation.within();
  }

  void compare(
      String what,
      List<DiscreteActivation> functions,
      double[] x,
      List<double[]> y,
      DataType type) {
    long compared = 0;
    double largest = 0;
    for (int i = 0; i < functions.size(); i++) {
      DiscreteActivation f = functions.get(i);
      try (NDManager manager = NDManager.newBaseManager()) {
        boolean[] within = within(manager, f, x);
        NDArray at = manager.create(x).toType(type, false);
        Block block = f.get();
        block.initialize(manager, type, at.getShape());
        double[] expected =
            block
                .forward(new ParameterStore(manager, false), new NDList(at), false)
                .singletonOrThrow()
                .toType(DataType.FLOAT64, false)
                .toDoubleArray();
        largest =
            Math.max(
                largest,
                assertClose(
                    f + ", " + what + " in " + type + ", seed " + seed,
                    x,
                    within,
                    expected,
                    y.get(i)));
        for (boolean w : within) {
          compared += w ? 1 : 0;
        }
      }
    }
    System.out.printf(
        "%s in %s: %d functions, %.1f %% of their points compared, largest difference %.1e%n",
        what, type, functions.size(), 100.0 * compared / x.length / functions.size(), largest);
    assertTrue(compared > 0.8 * x.length * functions.size(), what + " compared too few points");
  }

  static double assertClose(
      String what, double[] x, boolean[] within, double[] expected, double[] actual) {
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      if (within[i]) {
        double difference = Math.abs(expected[i] - actual[i]) / Math.max(1, Math.abs(expected[i]));
        assertTrue(
            difference <= 1e-5, what + " at " + x[i] + ": " + expected[i] + ", " + actual[i]);
        largest = Math.max(largest, difference);
      }
    }
    return largest;
  }

  @Override
  public String toString() {
    return "seed " + seed;
  }
}
