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
 * How near an activation function g comes to another one, f, after the best scaling and shift of g:
 *
 * <pre>distance = min over a, b, c of √mean((f(x) − a·g(b·x) − c)²) / deviation(f(x))</pre>
 *
 * <p>The mean and the standard deviation are over pre-activations, the numbers x that f received in
 * a network. Two functions at distance 0 are interchangeable in the network, since the weights
 * before and after the activation can absorb a, b and c. A constant g is at distance 1. |b| is
 * searched first on a grid from 1/8 to 8, then between the neighbours of the grid's best point.
 * Therefore |b| is at most 8.6.
 *
 * @param distance 0 to 1, or NaN (see {@link #of})
 * @param a the best factor of g's values
 * @param b the best factor of g's argument
 * @param c the best constant
 */
public record Nearness(double distance, double a, double b, double c) {

  /** The largest |b| of the grid; the smallest is its inverse. */
  private static final double LARGEST = 8;

  /**
   * The number of values of |b| on a geometric grid. Each value is tried with either sign; the
   * search for b continues around the best one.
   */
  private static final int FACTORS = 61;

  /**
   * The unit in which {@link #nearest} compares distances: they are rounded down to multiples of
   * it, so that nearly equal distances count as a tie.
   */
  private static final double TIE = 1e-4;

  /**
   * A known activation and its nearness to a function.
   *
   * @param known the activation
   * @param nearness how near the activation comes to the function
   */
  public record Named(KnownActivation known, Nearness nearness) {

    /**
     * {@return a text such as {@code ReLU within 0.01}} The number is the distance, rounded up to
     * one significant digit, and at least 0.001.
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
   * Fits g to f.
   *
   * @param f a function, such as one that a search has found
   * @param g the function that is scaled
   * @param seen at least one pre-activation that f received; if there are more than 512, f and g
   *     are compared at 512 evenly spaced quantiles of them
   * @return how near g comes to f; the distance is NaN if f is constant over the points of
   *     comparison or has a value there that is not finite
   */
  public static Nearness of(Expression f, Expression g, double... seen) {
    double[] x = sample(seen);
    return of(f.values(x), g, x);
  }

  /**
   * Finds the known activation that comes nearest to a function.
   *
   * @param f a function
   * @param seen at least one pre-activation that f received
   * @return the nearest known activation. If several are at nearly the same distance, the one whose
   *     factor a is nearest to 1 is returned: tanh, for example, is a scaled sigmoid, but is
   *     recognised as tanh. Empty if no distance is finite, as for a constant f
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

  /** Sorts the values and returns at most 512 of them, at equally spaced ranks. */
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
    // The minimum lies between the neighbours of the grid's best point. Each round tries one value
    // on either side of the best b so far, and halves the step in log |b|.
    for (double ratio = Math.sqrt(step); ratio > 1 + 1e-7; ratio = Math.sqrt(ratio)) {
      for (double b : new double[] {best.b / ratio, best.b * ratio}) {
        Nearness other = fit(y, g, b, x);
        best = other.distance < best.distance ? other : best;
      }
    }
    // b = 1 is preferred where another b is no better. For g = ReLU, for example, any positive b
    // gives the same distance.
    Nearness one = fit(y, g, 1, x);
    return one.distance <= best.distance + 1e-6 ? one : best;
  }

  /** Fits a and c by least squares for a given b; y are f's values at x. */
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
