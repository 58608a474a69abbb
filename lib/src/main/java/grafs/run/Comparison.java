package grafs.run;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import smile.math.MathEx;

/**
 * A statistical comparison of runs with a found function and runs with a baseline, in pairs of the
 * same seed. The test is the paired t test. Where that is undefined, it is Wilcoxon's signed-rank
 * test: if a training diverged, which ranks below every other, or if the differences do not vary at
 * all.
 *
 * @param test the test used
 * @param pairs the number of pairs
 * @param leftOut the number of runs of both that have no partner
 * @param diverged how many of the runs compared diverged
 * @param gain the mean difference of the merits (accuracy, or minus the loss), positive if found is
 *     better; the median difference for the signed-rank test; NaN where it is not defined
 * @param lower the lower end of the gain's 95 % confidence interval, not corrected for other
 *     comparisons; NaN unless the test is the t test
 * @param upper the upper end
 * @param effect the effect size: of the t test the gain divided by the standard deviation of the
 *     differences, of the signed-rank test the rank-biserial correlation; NaN without a test
 * @param p the two-sided p-value, not corrected for other comparisons, accurate to 2e-8; NaN
 *     without a test
 * @param rankP the p-value of the signed-rank test, which does not assume normally distributed
 *     differences; with n pairs it is at least 2¹⁻ⁿ
 */
public record Comparison(
    Test test,
    int pairs,
    int leftOut,
    int diverged,
    double gain,
    double lower,
    double upper,
    double effect,
    double p,
    double rankP) {

  private static final double CONFIDENCE = 0.95;

  /** Differences up to this fraction of the largest value count as 0: they are rounding errors. */
  private static final double ROUNDING = 1e-13;

  /** How runs are compared. */
  public enum Test {
    /** Student's t test of the pairs' differences. */
    PAIRED_T("paired t", "d_z"),
    /** Wilcoxon's signed-rank test of the pairs' differences. */
    SIGNED_RANK("signed rank", "r"),
    /** No test: there are fewer than two pairs. */
    NONE("none", "");

    private final String title;
    private final String effect;

    Test(String title, String effect) {
      this.title = title;
      this.effect = effect;
    }

    /** {@return what it is called in tables} */
    public String title() {
      return title;
    }

    /**
     * {@return the symbol of its effect size} {@code d_z} is Cohen's, the mean difference of pairs
     * divided by the differences' standard deviation (J. Cohen, Statistical Power Analysis, 1988);
     * {@code r} is the rank-biserial correlation.
     */
    public String effect() {
      return effect;
    }
  }

  /**
   * Compares runs, in pairs of the same seed or other key.
   *
   * @param found the merits of the found function by seed, more is better; −∞ for a diverged
   *     training
   * @param baseline those of the baseline
   * @return the comparison; without a test if fewer than two seeds pair
   */
  public static <K> Comparison of(Map<K, Double> found, Map<K, Double> baseline) {
    List<K> pairs = found.keySet().stream().filter(baseline::containsKey).toList();
    return paired(
        pairs.stream().mapToDouble(found::get).toArray(),
        pairs.stream().mapToDouble(baseline::get).toArray(),
        found.size() + baseline.size() - 2 * pairs.size());
  }

  /**
   * Compares pairs.
   *
   * @param found the merits of the found function, more is better; −∞ for a diverged training
   * @param baseline those of the baseline with the same seeds, in the same order
   * @return the comparison; without a test if there are fewer than two pairs
   * @throws IllegalArgumentException if there are not as many of both
   */
  public static Comparison paired(double[] found, double[] baseline) {
    if (found.length != baseline.length) {
      throw new IllegalArgumentException(
          "%d runs and %d runs are no pairs".formatted(found.length, baseline.length));
    }
    return paired(found, baseline, 0);
  }

  private static Comparison paired(double[] found, double[] baseline, int leftOut) {
    int n = found.length;
    double[] gains = IntStream.range(0, n).mapToDouble(i -> gain(found[i], baseline[i])).toArray();
    double[] all = DoubleStream.concat(Arrays.stream(found), Arrays.stream(baseline)).toArray();
    int diverged = (int) Arrays.stream(all).filter(m -> m == Double.NEGATIVE_INFINITY).count();
    double none = Double.NaN;
    if (n < 2) {
      double gain = n == 0 ? none : gains[0];
      return new Comparison(Test.NONE, n, leftOut, diverged, gain, none, none, none, none, none);
    }
    double rounding =
        ROUNDING * Arrays.stream(all).filter(Double::isFinite).map(Math::abs).max().orElse(0);
    Wilcoxon ranks = Wilcoxon.signedRank(gains, rounding);
    double p = ranks.p();
    if (diverged > 0 || MathEx.max(gains) - MathEx.min(gains) <= rounding) {
      double gain = median(Arrays.stream(gains));
      double effect = ranks.correlation();
      return new Comparison(Test.SIGNED_RANK, n, leftOut, diverged, gain, none, none, effect, p, p);
    }
    double mean = MathEx.mean(gains);
    double deviation = MathEx.sd(gains);
    double error = deviation / Math.sqrt(n);
    TDistribution t = new TDistribution(null, n - 1);
    double half = error * t.inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    return new Comparison(
        Test.PAIRED_T,
        n,
        leftOut,
        0,
        mean,
        mean - half,
        mean + half,
        mean / deviation,
        2 * t.cumulativeProbability(-Math.abs(mean / error)),
        p);
  }

  /** The difference; 0, not NaN, if both trainings diverged. */
  private static double gain(double found, double baseline) {
    return found == baseline ? 0 : found - baseline;
  }

  /**
   * Computes the median: of an even number of values, the mean of the two in the middle.
   *
   * @param values the values, infinite ones included
   * @return their median; NaN if there are none, or if those in the middle are −∞ and ∞
   */
  public static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /**
   * Corrects p-values for the number of comparisons by Holm's step-down procedure: the chance of
   * any false rejection stays below the level, however the comparisons depend on each other (S.
   * Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
   * Statistics 6, 1979).
   *
   * @param p those of all comparisons made together; NaN for one that could not be made, which is
   *     not counted
   * @return the corrected ones in the same order, at most 1: reject where they are below the level;
   *     NaN where it was
   */
  public static double[] holm(double... p) {
    int[] order =
        IntStream.range(0, p.length)
            .filter(i -> !Double.isNaN(p[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] corrected = new double[p.length];
    Arrays.fill(corrected, Double.NaN);
    double largest = 0;
    for (int i = 0; i < order.length; i++) {
      largest = Math.max(largest, Math.min(1, (order.length - i) * p[order[i]]));
      corrected[order[i]] = largest;
    }
    return corrected;
  }
}
