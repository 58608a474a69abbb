package grafs.study;

import grafs.run.Comparison;
import smile.stat.distribution.GaussianDistribution;

/**
 * The verdict on the claim that a found activation function is better than a baseline, a known
 * activation. It follows from one {@link Comparison} of trainings with both, in pairs of the same
 * seed. The gain of a pair is the difference of the two test scores, positive if the found function
 * is better.
 *
 * @param outcome whether the claim holds
 * @param seedsNeeded if there are too few seeds, the number of pairs with which a test would detect
 *     a gain with a power of 80 %; otherwise 0. The gain is the observed one. If no gain was
 *     observed, or there was no test, it is a gain of {@value #LARGE} standard deviations
 * @param reason the reason for the outcome, in a few words
 */
record Verdict(Outcome outcome, int seedsNeeded, String reason) {

  /** A large effect, in standard deviations (J. Cohen, Statistical Power Analysis, 1988). */
  static final double LARGE = 0.8;

  /**
   * The significance level: the accepted probability that, of all comparisons made together, at
   * least one is wrongly said to show a gain.
   */
  static final double LEVEL = 0.05;

  /** The probability with which a test should detect an effect that exists. */
  private static final double POWER = 0.8;

  private static final GaussianDistribution NORMAL = GaussianDistribution.getInstance();

  /**
   * The number of pairs that a signed-rank test needs, divided by the number that a t test needs
   * for the same power, if gains are normally distributed: the inverse of the signed-rank test's
   * asymptotic relative efficiency, 3/π.
   */
  private static final double EFFICIENCY = Math.PI / 3;

  /** The possible answers. */
  enum Outcome {
    /** The gain is positive and statistically significant. */
    HOLDS("holds"),
    /**
     * The found function is significantly worse, or the confidence interval excludes any gain, or
     * there is no significant gain though the pairs are enough to detect a large one.
     */
    DOES_NOT_HOLD("does not hold"),
    /** There are too few pairs of runs to decide. */
    TOO_FEW_SEEDS("too few seeds");

    private final String title;

    Outcome(String title) {
      this.title = title;
    }

    /** {@return the answer in words} */
    String title() {
      return title;
    }
  }

  /**
   * Judges a comparison.
   *
   * @param comparison the comparison
   * @param corrected its p-value, corrected for the number of comparisons; NaN if it has none
   * @param comparisons the number of comparisons made together; {@code seedsNeeded} is computed for
   *     the significance level {@link #LEVEL} divided by this number
   * @return the verdict
   */
  static Verdict of(Comparison comparison, double corrected, int comparisons) {
    double level = LEVEL / Math.max(1, comparisons);
    boolean ranked = comparison.test() == Comparison.Test.SIGNED_RANK;
    int enough = (int) Math.ceil((ranked ? EFFICIENCY : 1) * pairs(LARGE, level));
    if (comparison.test() == Comparison.Test.NONE) {
      return new Verdict(Outcome.TOO_FEW_SEEDS, enough, "fewer than two seeds trained with both");
    }
    if (corrected < LEVEL && comparison.effect() > 0) {
      return new Verdict(Outcome.HOLDS, 0, "better, and not by chance");
    }
    if (corrected < LEVEL) {
      return new Verdict(Outcome.DOES_NOT_HOLD, 0, "worse, and not by chance");
    }
    if (comparison.upper() <= 0) {
      return new Verdict(Outcome.DOES_NOT_HOLD, 0, "the interval excludes any gain");
    }
    if (comparison.pairs() >= enough) {
      return new Verdict(
          Outcome.DOES_NOT_HOLD,
          0,
          "no significant gain, though %d pairs suffice to detect one of %s standard deviations"
              .formatted(enough, LARGE));
    }
    if (comparison.effect() > 0) {
      int needed =
          ranked ? pairsByRanks(comparison.effect(), level) : pairs(comparison.effect(), level);
      return new Verdict(
          Outcome.TOO_FEW_SEEDS,
          Math.max(needed, comparison.pairs() + 1),
          "better, but it may be chance");
    }
    return new Verdict(Outcome.TOO_FEW_SEEDS, enough, "no better so far");
  }

  /**
   * Computes how many pairs a two-sided paired t test needs to detect an effect with power 0.8 (W.
   * C. Guenther, Sample size formulas for normal theory t tests, The American Statistician 35,
   * 1981).
   *
   * @param effect Cohen's d_z: the mean gain divided by the standard deviation of the gains
   * @param level the significance level, such as 0.05
   * @return the number of pairs
   */
  static int pairs(double effect, double level) {
    double z = quantile(level);
    return whole(squaredSum(z) / (effect * effect) + z * z / 2);
  }

  /**
   * Computes how many pairs Wilcoxon's two-sided signed-rank test needs to detect an effect with
   * power 0.8 (G. E. Noether, Sample size determination for some common nonparametric tests,
   * Journal of the American Statistical Association 82, 1987).
   *
   * @param correlation the effect as rank-biserial correlation, −1 to 1, not 0
   * @param level the significance level, such as 0.05
   * @return the number of pairs; at least so many that the smallest possible p-value, 2¹⁻ⁿ with n
   *     pairs, is below the level
   */
  static int pairsByRanks(double correlation, double level) {
    int fewest = 1;
    while (Math.pow(0.5, fewest - 1) >= level) {
      fewest++;
    }
    double pairs = 4 * squaredSum(quantile(level)) / (3 * correlation * correlation);
    return Math.max(fewest, whole(pairs));
  }

  /** {@return the quantile of N(0, 1) that a two-sided test of this level compares with} */
  private static double quantile(double level) {
    return NORMAL.quantile(1 - level / 2);
  }

  /** {@return (z + the quantile of N(0, 1) at the power)², a factor in both formulas for pairs} */
  private static double squaredSum(double z) {
    return Math.pow(z + NORMAL.quantile(POWER), 2);
  }

  /** Rounds a number of pairs up, to at least 2, since a variance needs two values. */
  private static int whole(double size) {
    return (int) Math.max(2, Math.ceil(size));
  }

  /** {@return the answer; if there are too few seeds, with the number that is needed} */
  @Override
  public String toString() {
    return outcome == Outcome.TOO_FEW_SEEDS
        ? "%s: %d needed".formatted(outcome.title(), seedsNeeded)
        : outcome.title();
  }
}
