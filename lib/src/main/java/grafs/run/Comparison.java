package grafs.run;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import smile.math.MathEx;
import smile.math.special.Beta;
import smile.math.special.Gamma;

/**
 * Runs with a found function against runs with a baseline: how much better, how sure. Pairs of the
 * same seed are compared by the paired t test; where fewer than two seeds pair, by Welch's. Where a
 * t test has no meaning, ranks decide, by Wilcoxon's signed-rank test for pairs and rank-sum test
 * for groups: if a training diverged, which ranks below every other, and if the numbers do not vary
 * at all.
 *
 * @param test by which the two are compared
 * @param found the runs of the found function that are compared
 * @param baseline the runs of the baseline that are compared
 * @param leftOut the runs of both that have no partner, where runs are compared in pairs
 * @param diverged how many of the runs compared diverged
 * @param gain the mean difference of the merits, positive if found is better: accuracy, or loss
 *     saved; the difference of the medians where ranks decide, and of pairs the median difference;
 *     NaN where it is not defined
 * @param lower the lower end of its 95 % interval, that of this comparison by itself; NaN where
 *     ranks decide
 * @param upper the upper end
 * @param effect how large the gain is beside the scatter of seeds; see {@link Test#effect}
 * @param p two-sided, not yet corrected for other comparisons, within 2e-8; NaN without a test
 * @param rankP the p-value by ranks, for whoever doubts that scatter is normal; with n pairs it is
 *     no less than 2¹⁻ⁿ
 */
public record Comparison(
    Test test,
    int found,
    int baseline,
    int leftOut,
    int diverged,
    double gain,
    double lower,
    double upper,
    double effect,
    double p,
    double rankP) {

  private static final double CONFIDENCE = 0.95;

  /** Differences this much smaller than the values are what rounding left of equal ones. */
  private static final double ROUNDING = 1e-13;

  private static final Wilcoxon UNTESTED = new Wilcoxon(Double.NaN, Double.NaN);

  /** How runs are compared. */
  public enum Test {
    /** Student's, of the differences of pairs. */
    PAIRED_T("paired t", "d_z"),
    /** Of two groups whose variances may differ. */
    WELCH("Welch's t", "g"),
    /** Wilcoxon's, of the differences of pairs. */
    SIGNED_RANK("signed rank", "r"),
    /** Wilcoxon's, of two groups; also named after Mann and Whitney. */
    RANK_SUM("rank sum", "r"),
    /** None can be made: a group has a single run. */
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
     * by their standard deviation (J. Cohen, Statistical Power Analysis, 1988); {@code g} is
     * Hedges', the difference of means by the pooled standard deviation, without its bias (L. V.
     * Hedges, Journal of Educational Statistics 6, 1981); {@code r} is the rank-biserial
     * correlation.
     */
    public String effect() {
      return effect;
    }
  }

  /**
   * Compares runs, in pairs of the same seed where at least two seeds pair.
   *
   * @param found the runs of the found function, at least one
   * @param baseline the runs of the baseline, at least one
   * @return the comparison
   * @throws IllegalArgumentException if the runs differ in network, data set, scale or metric, or
   *     one side has none, or more than one activation, or a seed twice
   */
  public static Comparison of(List<Measurement> found, List<Measurement> baseline) {
    Map<Long, Double> ours = Measurement.merits(found);
    Map<Long, Double> theirs = Measurement.merits(baseline);
    found.get(0).requireComparable(baseline.get(0));
    long[] pairs =
        ours.keySet().stream().filter(theirs::containsKey).mapToLong(Long::longValue).toArray();
    if (pairs.length > 1) {
      Comparison paired =
          paired(
              Arrays.stream(pairs).mapToDouble(ours::get).toArray(),
              Arrays.stream(pairs).mapToDouble(theirs::get).toArray());
      return paired.leavingOut(ours.size() + theirs.size() - 2 * pairs.length);
    }
    return unpaired(values(ours), values(theirs));
  }

  private static double[] values(Map<Long, Double> merits) {
    return merits.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * Compares pairs.
   *
   * @param found the merits of the found function, more is better; −∞ for a diverged training
   * @param baseline those of the baseline with the same seeds, in the same order
   * @return the comparison; without a test if there is one pair only
   * @throws IllegalArgumentException if there are not as many of both, or none
   */
  public static Comparison paired(double[] found, double[] baseline) {
    int n = found.length;
    if (n != baseline.length || n == 0) {
      throw new IllegalArgumentException(
          "%d runs and %d runs are no pairs".formatted(n, baseline.length));
    }
    double[] gains = IntStream.range(0, n).mapToDouble(i -> gain(found[i], baseline[i])).toArray();
    int diverged = diverged(found) + diverged(baseline);
    if (n == 1) {
      return ranked(Test.NONE, 1, 1, diverged, gains[0], UNTESTED);
    }
    double rounding = rounding(found, baseline);
    Wilcoxon ranks = Wilcoxon.signedRank(gains, rounding);
    if (diverged > 0 || spread(gains) <= rounding) {
      return ranked(Test.SIGNED_RANK, n, n, diverged, median(gains), ranks);
    }
    double mean = MathEx.mean(gains);
    double deviation = MathEx.sd(gains);
    return student(
        Test.PAIRED_T, n, n, mean, deviation / Math.sqrt(n), n - 1, mean / deviation, ranks);
  }

  /**
   * Compares two groups of runs whose seeds have nothing to do with each other.
   *
   * @param found the merits of the found function, more is better; −∞ for a diverged training
   * @param baseline those of the baseline
   * @return the comparison; without a test if a group has one run only
   * @throws IllegalArgumentException if a group is empty
   */
  public static Comparison unpaired(double[] found, double[] baseline) {
    int n = found.length;
    int m = baseline.length;
    if (n == 0 || m == 0) {
      throw new IllegalArgumentException("%d runs and %d runs cannot be compared".formatted(n, m));
    }
    int diverged = diverged(found) + diverged(baseline);
    double medians = gain(median(found), median(baseline));
    if (n == 1 || m == 1) {
      return ranked(Test.NONE, n, m, diverged, medians, UNTESTED);
    }
    Wilcoxon ranks = Wilcoxon.rankSum(found, baseline);
    if (diverged > 0 || Math.max(spread(found), spread(baseline)) <= rounding(found, baseline)) {
      return ranked(Test.RANK_SUM, n, m, diverged, medians, ranks);
    }
    double mean = MathEx.mean(found) - MathEx.mean(baseline);
    double one = MathEx.var(found);
    double other = MathEx.var(baseline);
    double error = Math.sqrt(one / n + other / m);
    // Welch and Satterthwaite's.
    double freedom = Math.pow(error, 4) / (square(one / n) / (n - 1) + square(other / m) / (m - 1));
    double pooled = Math.sqrt(((n - 1) * one + (m - 1) * other) / (n + m - 2));
    // Hedges' factor J, exactly.
    double half = (n + m - 2) / 2.0;
    double unbiased = Math.exp(Gamma.lgamma(half) - Gamma.lgamma(half - 0.5)) / Math.sqrt(half);
    return student(Test.WELCH, n, m, mean, error, freedom, unbiased * mean / pooled, ranks);
  }

  private static double square(double value) {
    return value * value;
  }

  private static Comparison student(
      Test test,
      int found,
      int baseline,
      double mean,
      double error,
      double freedom,
      double effect,
      Wilcoxon ranks) {
    // P(|T| > t) = I(ν/2, 1/2; ν/(ν + t²)), and the interval ends where that is 5 %.
    double p =
        Beta.regularizedIncompleteBetaFunction(
            freedom / 2, 0.5, freedom / (freedom + square(mean / error)));
    double x = Beta.inverseRegularizedIncompleteBetaFunction(freedom / 2, 0.5, 1 - CONFIDENCE);
    double half = error * Math.sqrt(freedom * (1 - x) / x);
    return new Comparison(
        test, found, baseline, 0, 0, mean, mean - half, mean + half, effect, p, ranks.p());
  }

  private static Comparison ranked(
      Test test, int found, int baseline, int diverged, double gain, Wilcoxon ranks) {
    double none = Double.NaN;
    return new Comparison(
        test,
        found,
        baseline,
        0,
        diverged,
        gain,
        none,
        none,
        ranks.correlation(),
        ranks.p(),
        ranks.p());
  }

  private Comparison leavingOut(int runs) {
    return new Comparison(
        test, found, baseline, runs, diverged, gain, lower, upper, effect, p, rankP);
  }

  /** {@return the gain, its interval, the effect and p, in a line} */
  @Override
  public String toString() {
    String interval =
        Double.isNaN(lower)
            ? ""
            : String.format(Locale.ROOT, " (95 %% interval %+.4g to %+.4g)", lower, upper);
    String tested =
        test == Test.NONE
            ? "no test"
            : String.format(
                Locale.ROOT, "%s, %s = %.2f, p = %.2g", test.title(), test.effect(), effect, p);
    return String.format(
        Locale.ROOT, "gain %+.4g%s, %d and %d runs, %s", gain, interval, found, baseline, tested);
  }

  /** Two diverged trainings are equally bad. */
  private static double gain(double found, double baseline) {
    return found == baseline ? 0 : found - baseline;
  }

  private static int diverged(double[] merits) {
    return (int) Arrays.stream(merits).filter(m -> m == Double.NEGATIVE_INFINITY).count();
  }

  private static double spread(double[] values) {
    return MathEx.max(values) - MathEx.min(values);
  }

  private static double rounding(double[] found, double[] baseline) {
    return ROUNDING
        * DoubleStream.concat(Arrays.stream(found), Arrays.stream(baseline))
            .filter(Double::isFinite)
            .map(Math::abs)
            .max()
            .orElse(0);
  }

  private static double median(double[] values) {
    // Smile's sorts its argument.
    return MathEx.median(values.clone());
  }
}
