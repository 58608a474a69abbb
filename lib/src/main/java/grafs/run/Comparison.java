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
 * A statistical comparison of a found activation function with a baseline activation. Both are
 * trained with several seeds, and the two trainings with the same seed are a pair. The merit of a
 * training is its accuracy or minus its loss, so that more is better; it is −∞ if the training
 * diverged. The gain of a pair is the merit with the found function minus the merit with the
 * baseline.
 *
 * <p>The test is the paired t test. The t test is undefined if a training diverged or if the gains
 * of all pairs are equal. In these cases Wilcoxon's signed-rank test is used instead, for which a
 * diverged training is worse than any other.
 *
 * @param test the test used
 * @param pairs the number of pairs
 * @param leftOut the number of trainings, with either function, that have no partner of the same
 *     seed
 * @param diverged the number of trainings in the pairs that diverged
 * @param gain the mean gain of the pairs, positive if the found function is better; for the
 *     signed-rank test the median gain; NaN without pairs, or if the two middle gains are −∞ and ∞
 * @param lower the lower end of the 95 % confidence interval of the mean gain, not corrected for
 *     the number of comparisons; NaN unless the test is the t test
 * @param upper the upper end of that interval
 * @param effect the effect size: for the t test the mean gain divided by the standard deviation of
 *     the gains, for the signed-rank test the rank-biserial correlation, −1 to 1; NaN without a
 *     test
 * @param p the two-sided p-value of the test used, not corrected for the number of comparisons
 *     ({@link #holm} does that), accurate to 2e-8; NaN without a test
 * @param rankP the two-sided p-value of the signed-rank test, whichever test was used; it does not
 *     assume normally distributed gains. With n pairs it is at least 2¹⁻ⁿ; NaN without a test
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

  /**
   * The tolerance for rounding errors, as a fraction of the largest magnitude of a finite merit.
   * Gains whose magnitude is at most the tolerance count as 0, and gains that differ by at most the
   * tolerance count as equal.
   */
  private static final double ROUNDING = 1e-13;

  /** The statistical test of a comparison. */
  public enum Test {
    /** Student's t test of the gains of the pairs. */
    PAIRED_T("paired t", "d_z"),
    /** Wilcoxon's signed-rank test of the gains of the pairs. */
    SIGNED_RANK("signed rank", "r"),
    /** No test: there are fewer than two pairs. */
    NONE("none", "");

    private final String title;
    private final String effect;

    Test(String title, String effect) {
      this.title = title;
      this.effect = effect;
    }

    /** {@return the name of the test in tables} */
    public String title() {
      return title;
    }

    /**
     * {@return the symbol of the test's effect size in tables} {@code d_z} is Cohen's d for pairs,
     * the mean gain divided by the standard deviation of the gains (J. Cohen, Statistical Power
     * Analysis, 1988); {@code r} is the rank-biserial correlation.
     */
    public String effect() {
      return effect;
    }
  }

  /**
   * Compares trainings. Two trainings with the same key, such as the seed, are a pair.
   *
   * @param <K> the type of the keys
   * @param found the merits of the trainings with the found function, by key; more is better; −∞ if
   *     the training diverged
   * @param baseline the merits of the trainings with the baseline, by key
   * @return the comparison; without a test if there are fewer than two pairs
   */
  public static <K> Comparison of(Map<K, Double> found, Map<K, Double> baseline) {
    List<K> pairs = found.keySet().stream().filter(baseline::containsKey).toList();
    return paired(
        pairs.stream().mapToDouble(found::get).toArray(),
        pairs.stream().mapToDouble(baseline::get).toArray(),
        found.size() + baseline.size() - 2 * pairs.size());
  }

  /**
   * Compares trainings that are given as pairs.
   *
   * @param found the merits of the trainings with the found function, more is better; −∞ if the
   *     training diverged
   * @param baseline the merits of the trainings with the baseline, in the same order of seeds
   * @return the comparison; without a test if there are fewer than two pairs
   * @throws IllegalArgumentException if the arrays differ in length
   */
  public static Comparison paired(double[] found, double[] baseline) {
    if (found.length != baseline.length) {
      throw new IllegalArgumentException(
          "%d trainings with the found function and %d with the baseline cannot be paired: give one of each for every seed"
              .formatted(found.length, baseline.length));
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
    double rankP = ranks.p();
    if (diverged > 0 || MathEx.max(gains) - MathEx.min(gains) <= rounding) {
      double gain = median(Arrays.stream(gains));
      double effect = ranks.correlation();
      return new Comparison(
          Test.SIGNED_RANK, n, leftOut, diverged, gain, none, none, effect, rankP, rankP);
    }
    double mean = MathEx.mean(gains);
    double deviation = MathEx.sd(gains);
    double error = deviation / Math.sqrt(n);
    TDistribution t = new TDistribution(null, n - 1);
    double half = error * t.inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    double p = 2 * t.cumulativeProbability(-Math.abs(mean / error));
    return new Comparison(
        Test.PAIRED_T, n, leftOut, 0, mean, mean - half, mean + half, mean / deviation, p, rankP);
  }

  /** The difference of two merits; 0, not NaN, if both trainings diverged. */
  private static double gain(double found, double baseline) {
    return found == baseline ? 0 : found - baseline;
  }

  /**
   * Computes the median; of an even number of values, the mean of the two in the middle.
   *
   * @param values the values, possibly infinite
   * @return the median; NaN if there are no values, or if the two in the middle are −∞ and ∞
   */
  public static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /**
   * Corrects p-values for the number of comparisons by Holm's step-down procedure (S. Holm, A
   * simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6,
   * 1979). Rejecting each null hypothesis whose corrected p-value is below a level keeps the
   * probability of any false rejection below that level, however the comparisons depend on each
   * other.
   *
   * @param p the p-values of all comparisons that are made together; NaN for a comparison without a
   *     test, which is not counted
   * @return the corrected p-values in the same order, at most 1; NaN where the p-value is NaN
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
