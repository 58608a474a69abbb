package grafs.run;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Wilcoxon's signed-rank test (F. Wilcoxon, Individual comparisons by ranking methods, Biometrics
 * Bulletin 1, 1945). Equal values share the mean of their ranks, and p-values come from the exact
 * distribution over all signs, given these ranks; so they hold for any number of runs, with ties or
 * without.
 *
 * @param p two-sided: twice the smaller tail, at most 1
 * @param correlation the rank-biserial correlation: the share of positive differences in the rank
 *     sum minus that of negative ones, −1 to 1 (D. S. Kerby, The simple difference formula,
 *     Comprehensive Psychology 3, 2014)
 */
record Wilcoxon(double p, double correlation) {

  /**
   * Tests whether differences lie around 0.
   *
   * @param differences of the pairs, possibly infinite; zeros are left out, as Wilcoxon did
   * @param tolerance how much two numbers may differ and still count as equal
   * @return the signed-rank test
   */
  static Wilcoxon signedRank(double[] differences, double tolerance) {
    double[] kept = Arrays.stream(differences).filter(d -> Math.abs(d) > tolerance).toArray();
    int[] ranks = doubledRanks(Arrays.stream(kept).map(Math::abs).toArray(), tolerance);
    int total = Arrays.stream(ranks).sum();
    if (total == 0) {
      return new Wilcoxon(1, 0);
    }
    int positive =
        IntStream.range(0, kept.length).filter(i -> kept[i] > 0).map(i -> ranks[i]).sum();
    // The probability of each doubled rank sum, if both signs are equally likely.
    double[] probability = new double[total + 1];
    probability[0] = 1;
    int reached = 0;
    for (int rank : ranks) {
      reached += rank;
      for (int sum = reached; sum >= 0; sum--) {
        probability[sum] = (probability[sum] + (sum < rank ? 0 : probability[sum - rank])) / 2;
      }
    }
    double below = Arrays.stream(probability, 0, positive + 1).sum();
    double above = Arrays.stream(probability, positive, probability.length).sum();
    double p = Math.min(1, 2 * Math.min(below, above));
    return new Wilcoxon(p, 2.0 * positive / total - 1);
  }

  /**
   * Ranks values.
   *
   * @param values finite or infinite
   * @param tolerance how much two values may differ and still count as equal
   * @return twice the ranks from 1, so that the mean ranks of equal values are whole numbers
   */
  static int[] doubledRanks(double[] values, double tolerance) {
    return Arrays.stream(values)
        .mapToInt(
            value -> 1 + Arrays.stream(values).mapToInt(o -> places(o, value, tolerance)).sum())
        .toArray();
  }

  /** What another value adds to the doubled rank of a value: 2 if it is smaller, 1 if equal. */
  private static int places(double other, double value, double tolerance) {
    // Two infinities are equal, though their difference is not a number.
    return other == value || Math.abs(other - value) <= tolerance ? 1 : other < value ? 2 : 0;
  }
}
