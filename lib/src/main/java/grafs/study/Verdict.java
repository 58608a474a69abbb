package grafs.study;

import grafs.run.Comparison;

/**
 * The verdict of runs on a claim.
 *
 * @param outcome the answer
 * @param seedsNeeded if there are too few seeds, the number that would show the observed effect
 *     with a power of 80 %, or an effect of {@value #LARGE} standard deviations if none was
 *     observed; otherwise 0
 * @param reason why, in a few words
 */
record Verdict(Outcome outcome, int seedsNeeded, String reason) {

  /** A large effect, in standard deviations (J. Cohen, Statistical Power Analysis, 1988). */
  static final double LARGE = 0.8;

  /**
   * The largest accepted probability that any of the claims judged together is wrongly confirmed.
   */
  static final double LEVEL = 0.05;

  /** A rank test needs this many times the runs of a t test if the values are normal. */
  private static final double EFFICIENCY = Math.PI / 3;

  /** The answers. */
  enum Outcome {
    /** The gain is statistically significant. */
    HOLDS("holds"),
    /**
     * The found function is significantly worse, or the confidence interval excludes any gain, or
     * there were enough runs to show a large gain.
     */
    DOES_NOT_HOLD("does not hold"),
    /** There are too few runs to decide. */
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
   * @param corrected its p-value, corrected for multiple comparisons; NaN if it has none
   * @param comparisons the number of comparisons made together; {@code seedsNeeded} is for a test
   *     at {@code LEVEL} divided by it
   * @return the verdict
   */
  static Verdict of(Comparison comparison, double corrected, int comparisons) {
    double level = LEVEL / Math.max(1, comparisons);
    boolean ranked = comparison.test() == Comparison.Test.SIGNED_RANK;
    int enough = (int) Math.ceil((ranked ? EFFICIENCY : 1) * SampleSize.pairs(LARGE, level));
    if (comparison.test() == Comparison.Test.NONE) {
      return new Verdict(Outcome.TOO_FEW_SEEDS, enough, "fewer than two seeds pair");
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
          "%d seeds would show a gain of %s standard deviations".formatted(enough, LARGE));
    }
    if (comparison.effect() > 0) {
      int needed =
          ranked
              ? SampleSize.signedRank(comparison.effect(), level)
              : SampleSize.pairs(comparison.effect(), level);
      return new Verdict(
          Outcome.TOO_FEW_SEEDS,
          Math.max(needed, comparison.pairs() + 1),
          "better, but it may be chance");
    }
    return new Verdict(Outcome.TOO_FEW_SEEDS, enough, "no better so far");
  }

  /** {@return the answer, with the seeds that are needed where there are too few} */
  @Override
  public String toString() {
    return outcome == Outcome.TOO_FEW_SEEDS
        ? "%s: %d needed".formatted(outcome.title(), seedsNeeded)
        : outcome.title();
  }
}
