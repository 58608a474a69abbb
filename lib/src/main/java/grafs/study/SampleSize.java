package grafs.study;

import smile.stat.distribution.GaussianDistribution;

/** How many seeds a two-sided test needs to see an effect with a power of 80 %. */
final class SampleSize {

  private static final double POWER = 0.8;

  private static final GaussianDistribution NORMAL = GaussianDistribution.getInstance();

  private SampleSize() {}

  /**
   * The paired t test's (W. C. Guenther, Sample size formulas for normal theory t tests, The
   * American Statistician 35, 1981).
   *
   * @param effect Cohen's d_z
   * @param level the test's, such as 0.05
   * @return the number of pairs
   */
  static int pairs(double effect, double level) {
    double z = quantile(level);
    return whole(squaredSum(z) / (effect * effect) + z * z / 2);
  }

  /**
   * The signed-rank test's (G. E. Noether, Sample size determination for some common nonparametric
   * tests, Journal of the American Statistical Association 82, 1987).
   *
   * @param correlation the rank-biserial correlation
   * @param level the test's
   * @return the number of pairs, not fewer than with which p can fall below the level at all
   */
  static int signedRank(double correlation, double level) {
    int fewest = 1;
    while (Math.pow(0.5, fewest - 1) >= level) {
      fewest++;
    }
    double pairs = 4 * squaredSum(quantile(level)) / (3 * correlation * correlation);
    return Math.max(fewest, whole(pairs));
  }

  private static double quantile(double level) {
    return NORMAL.quantile(1 - level / 2);
  }

  private static double squaredSum(double z) {
    return Math.pow(z + NORMAL.quantile(POWER), 2);
  }

  /** A variance needs two. */
  private static int whole(double size) {
    return (int) Math.max(2, Math.ceil(size));
  }
}
