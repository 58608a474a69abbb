package grafs.study;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Spearman's rank correlation, tested by permutation (C. Spearman, The proof and measurement of
 * association between two things, American Journal of Psychology 15, 1904): p is the share of the
 * permutations of the second values whose correlation is at least as large in magnitude. It is
 * valid for any number of values, with ties or without, and is never 0.
 *
 * @param rho the correlation of the ranks, −1 to 1; NaN where it is not defined
 * @param p two-sided; NaN where the correlation is not defined
 */
record RankCorrelation(double rho, double p) {

  /** Up to this many values, all permutations are counted: 9! = 362 880. */
  private static final int MOST_EXACT = 9;

  /** For more values, this many random permutations are drawn, beside the observed one. */
  private static final int ORDERS = 99_999;

  /** Values that differ by at most this share of the largest magnitude count as equal. */
  private static final double ROUNDING = 1e-9;

  /**
   * Correlates values.
   *
   * @param x the first values
   * @param y the second values, as many
   * @return their rank correlation; NaN if all values of one side are equal up to rounding, or a
   *     value is not finite
   * @throws IllegalArgumentException if their numbers differ
   */
  public static RankCorrelation of(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "%d values and %d values are no pairs".formatted(x.length, y.length));
    }
    if (!DoubleStream.concat(Arrays.stream(x), Arrays.stream(y)).allMatch(Double::isFinite)) {
      return new RankCorrelation(Double.NaN, Double.NaN);
    }
    int[] first = centred(x);
    int[] second = centred(y);
    double squares = Math.sqrt(product(first, first)) * Math.sqrt(product(second, second));
    if (squares == 0) {
      return new RankCorrelation(Double.NaN, Double.NaN);
    }
    long observed = Math.abs(product(first, second));
    double p =
        x.length <= MOST_EXACT ? exact(first, second, observed) : sampled(first, second, observed);
    double rho = product(first, second) / squares;
    return new RankCorrelation(Math.max(-1, Math.min(1, rho)), p);
  }

  /** Twice the ranks minus their mean: integers, so that equal correlations compare as equal. */
  private static int[] centred(double[] values) {
    int n = values.length;
    double size = DoubleStream.of(values).map(Math::abs).max().orElse(0);
    double tie = ROUNDING * size;
    return DoubleStream.of(values)
        .mapToInt(v -> DoubleStream.of(values).mapToInt(o -> twice(o, v, tie)).sum() - n)
        .toArray();
  }

  /**
   * What a value adds to twice the rank of another: 2 if it is smaller, 1 if equal, otherwise 0.
   */
  private static int twice(double value, double other, double tie) {
    return Math.abs(value - other) <= tie ? 1 : value < other ? 2 : 0;
  }

  private static long product(int[] a, int[] b) {
    return IntStream.range(0, a.length).mapToLong(i -> (long) a[i] * b[i]).sum();
  }

  private static double exact(int[] a, int[] b, long observed) {
    long all = 1;
    for (int i = 2; i <= a.length; i++) {
      all *= i;
    }
    return (double) asMuch(a, b.clone(), 0, 0, observed) / all;
  }

  /**
   * Counts the permutations of the second ranks from an index on that correlate at least as much.
   */
  private static long asMuch(int[] a, int[] b, int place, long sum, long observed) {
    if (place == a.length) {
      return Math.abs(sum) >= observed ? 1 : 0;
    }
    long count = 0;
    for (int i = place; i < b.length; i++) {
      swap(b, place, i);
      count += asMuch(a, b, place + 1, sum + (long) a[place] * b[place], observed);
      swap(b, place, i);
    }
    return count;
  }

  private static double sampled(int[] a, int[] b, long observed) {
    // A fixed seed, so that a table is reproducible.
    Random random = new Random(a.length);
    int[] order = b.clone();
    int count = 1;
    for (int n = 0; n < ORDERS; n++) {
      for (int i = order.length - 1; i > 0; i--) {
        swap(order, i, random.nextInt(i + 1));
      }
      count += Math.abs(product(a, order)) >= observed ? 1 : 0;
    }
    return count / (ORDERS + 1.0);
  }

  private static void swap(int[] values, int i, int j) {
    int value = values[i];
    values[i] = values[j];
    values[j] = value;
  }
}
