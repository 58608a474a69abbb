package grafs.cell;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How near a function comes to another after the best scaling:
 *
 * <pre>distance = min over a, b, c of √mean((f(x) − a·g(b·x) − c)²) / deviation of f(x)</pre>
 *
 * <p>over the pre-activations x that f received in a network. The weights around an activation can
 * absorb a, b and c, so that functions at distance 0 are interchangeable there. A constant is at
 * distance 1. |b| is between 1/8 and 8.
 *
 * @param distance 0 to 1
 * @param a the factor of g's values
 * @param b the factor of g's argument
 * @param c the constant that is added
 */
public record Nearness(double distance, double a, double b, double c) {

  /** The largest |b|; the smallest is its inverse. */
  private static final double LARGEST = 8;

  /** The number of values of |b| on a geometric grid; the best of them is then refined. */
  private static final int FACTORS = 61;

  /** Distances are rounded down to multiples of this before comparison, so that close ones tie. */
  private static final double TIE = 1e-4;

  /**
   * The known activation that a function comes nearest to.
   *
   * @param known the activation
   * @param nearness how near it is
   */
  public record Named(KnownActivation known, Nearness nearness) {

    /**
     * {@return such as {@code ReLU within 0.01}; the distance is rounded up, and at least 0.001}
     */
    @Override
    public String toString() {
      BigDecimal within = BigDecimal.valueOf(Math.max(nearness.distance, 0.001));
      return known.title()
          + " within "
          + within.round(new MathContext(1, RoundingMode.CEILING)).toPlainString();
    }
  }

  /**
   * Compares two functions.
   *
   * @param f a function, such as one that a search found
   * @param g another
   * @param seen pre-activations that f was given; of more than 512, 512 quantiles are used
   * @return how near g comes to f; the distance is NaN if f is constant over these points or a
   *     value is not finite
   */
  public static Nearness of(Expression f, Expression g, double... seen) {
    double[] x = sample(seen);
    return of(f.values(x), g, x);
  }

  /**
   * Finds the known activation that is nearest to a function.
   *
   * @param f a function
   * @param seen pre-activations that it was given
   * @return the nearest known activation; on ties the one with a nearest to 1, since tanh is a
   *     scaled sigmoid; empty if no distance is finite, as for a constant f
   */
  public static Optional<Named> nearest(Expression f, double... seen) {
    double[] x = sample(seen);
    double[] y = f.values(x);
    return Arrays.stream(KnownActivation.values())
        .filter(known -> known.function() != null)
        .map(known -> new Named(known, of(y, known.function(), x)))
        .filter(named -> Double.isFinite(named.nearness.distance))
        .min(
            Comparator.<Named>comparingDouble(named -> Math.floor(named.nearness.distance / TIE))
                .thenComparingDouble(named -> Math.abs(named.nearness.a - 1)));
  }

  private static double[] sample(double... seen) {
    double[] sorted = seen.clone();
    Arrays.sort(sorted);
    int count = Math.min(512, seen.length);
    return IntStream.range(0, count)
        .mapToDouble(i -> sorted[(int) ((i + 0.5) * seen.length / count)])
        .toArray();
  }

  private static Nearness of(double[] y, Expression g, double... x) {
    double step = Math.pow(LARGEST, 2.0 / (FACTORS - 1));
    Nearness best =
        DoubleStream.iterate(1 / LARGEST, b -> b * step)
            .limit(FACTORS)
            .flatMap(b -> DoubleStream.of(b, -b))
            .mapToObj(b -> fit(y, g, b, x))
            .min(Comparator.comparingDouble(Nearness::distance))
            .orElseThrow();
    // The minimum lies between the grid's neighbours; each round halves the step in log b.
    for (double ratio = Math.sqrt(step); ratio > 1 + 1e-7; ratio = Math.sqrt(ratio)) {
      for (double b : new double[] {best.b / ratio, best.b * ratio}) {
        Nearness other = fit(y, g, b, x);
        best = other.distance < best.distance ? other : best;
      }
    }
    // b = 1 is preferred where b does not matter, as for ReLU.
    Nearness one = fit(y, g, 1, x);
    return one.distance <= best.distance + 1e-6 ? one : best;
  }

  /** Least-squares fit of a and c for one b. */
  private static Nearness fit(double[] y, Expression g, double b, double... x) {
    double[] z = g.values(Arrays.stream(x).map(v -> b * v).toArray());
    double meanY = Arrays.stream(y).average().orElseThrow();
    double meanZ = Arrays.stream(z).average().orElseThrow();
    double yy = 0;
    double yz = 0;
    double zz = 0;
    for (int i = 0; i < y.length; i++) {
      yy += (y[i] - meanY) * (y[i] - meanY);
      yz += (y[i] - meanY) * (z[i] - meanZ);
      zz += (z[i] - meanZ) * (z[i] - meanZ);
    }
    double a = zz == 0 ? 0 : yz / zz;
    double c = meanY - a * meanZ;
    double left = 0;
    for (int i = 0; i < y.length; i++) {
      double miss = y[i] - a * z[i] - c;
      left += miss * miss;
    }
    return new Nearness(Math.sqrt(left / yy), a, b, c);
  }
}
