package grafs.run;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The result of Wilcoxon's signed-rank test (F. Wilcoxon, Individual comparisons by ranking
 * methods, Biometrics Bulletin 1, 1945), which {@link Comparison} uses. The differences of pairs
 * are ranked by magnitude; under the null hypothesis each has either sign with equal probability.
 * Equal magnitudes share the mean of their ranks. The p-value is computed from all combinations of
 * signs with these ranks, so it is exact for any number of pairs, with ties or without.
 *
 * @param p the two-sided p-value: twice the smaller tail, at most 1
 * @param correlation the rank-biserial correlation: the share of positive differences in the sum of
 *     ranks minus the share of negative ones, −1 to 1 (D. S. Kerby, The simple difference formula,
 *     Comprehensive Psychology 3, 2014)
 */
record Wilcoxon(double p, double correlation) {

  /**
   * Tests whether differences lie symmetrically around 0.
   *
   * @param differences the differences of pairs, possibly infinite; those that count as 0 are left
   *     out, as Wilcoxon did
   * @param tolerance how much two numbers may differ and still count as equal
   * @return the result; p 1 and correlation 0 if all differences count as 0
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
    // Element s is the probability that the doubled ranks of the positive differences sum to s, if
    // both signs are equally likely.
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
   * Ranks values by size, from 1; equal values share the mean of their ranks.
   *
   * @param values finite or infinite values
   * @param tolerance how much two values may differ and still count as equal
   * @return twice the rank of each value, a whole number even if the rank is one such as 2.5
   */
  static int[] doubledRanks(double[] values, double tolerance) {
    return Arrays.stream(values)
        .mapToInt(
            value -> 1 + Arrays.stream(values).mapToInt(o -> places(o, value, tolerance)).sum())
        .toArray();
  }

  /**
   * Returns what another value adds to a value's doubled rank: 2 if the other value is smaller, 1
   * if it is equal, 0 if it is larger.
   */
  private static int places(double other, double value, double tolerance) {
    // ==, since the difference of two equal infinities is NaN.
    return other == value || Math.abs(other - value) <= tolerance ? 1 : other < value ? 2 : 0;
  }
}
