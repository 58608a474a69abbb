package grafs.study;

import smile.stat.distribution.GaussianDistribution;

/** Computes how many seeds a two-sided test needs to detect an effect with a power of 80 %. */
final class SampleSize {

  private static final double POWER = 0.8;

  private static final GaussianDistribution NORMAL = GaussianDistribution.getInstance();

  private SampleSize() {}

  /**
   * Computes the sample size of the paired t test (W. C. Guenther, Sample size formulas for normal
   * theory t tests, The American Statistician 35, 1981).
   *
   * @param effect Cohen's d_z
   * @param level the significance level, such as 0.05
   * @return the number of pairs
   */
  static int pairs(double effect, double level) {
    double z = quantile(level);
    return whole(squaredSum(z) / (effect * effect) + z * z / 2);
  }

  /**
   * Computes the sample size of the signed-rank test (G. E. Noether, Sample size determination for
   * some common nonparametric tests, Journal of the American Statistical Association 82, 1987).
   *
   * @param correlation the rank-biserial correlation
   * @param level the significance level
   * @return the number of pairs; at least the number from which on p can be below the level
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

  /** Rounds up, to at least 2, since a variance needs two values. */
  private static int whole(double size) {
    return (int) Math.max(2, Math.ceil(size));
  }
}
