package grafs.run;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Wilcoxon's tests by ranks (F. Wilcoxon, Individual comparisons by ranking methods, Biometrics
 * Bulletin 1, 1945). Equal values share the mean of their ranks, and p-values come from the exact
 * distribution over all signs or all divisions into two groups, given these ranks; so they hold for
 * any number of runs, with ties or without.
 *
 * @param p two-sided: twice the smaller tail, at most 1
 * @param correlation the rank-biserial correlation: the part of the ranks or pairs that speaks for
 *     the first minus the part that speaks against it, −1 to 1 (D. S. Kerby, The simple difference
 *     formula, Comprehensive Psychology 3, 2014)
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
    // The probability of each doubled sum of ranks, every sign being as likely as the other.
    double[] probability = new double[total + 1];
    probability[0] = 1;
    int reached = 0;
    for (int rank : ranks) {
      reached += rank;
      for (int sum = reached; sum >= 0; sum--) {
        probability[sum] = (probability[sum] + (sum < rank ? 0 : probability[sum - rank])) / 2;
      }
    }
    return new Wilcoxon(twoSided(probability, positive), 2.0 * positive / total - 1);
  }

  /**
   * Tests whether one group lies higher than another.
   *
   * @param first the values of one group, possibly −∞; at least one
   * @param second the values of the other; at least one
   * @return the rank-sum test
   */
  static Wilcoxon rankSum(double[] first, double[] second) {
    double[] all = DoubleStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    int[] ranks = doubledRanks(all, 0);
    int observed = Arrays.stream(ranks, 0, first.length).sum();
    int total = Arrays.stream(ranks).sum();
    // choices[n][s]: the number of subsets of n values whose doubled ranks sum to s.
    double[][] choices = new double[first.length + 1][total + 1];
    choices[0][0] = 1;
    int reached = 0;
    for (int rank : ranks) {
      reached += rank;
      for (int size = first.length; size > 0; size--) {
        for (int sum = reached; sum >= rank; sum--) {
          choices[size][sum] += choices[size - 1][sum - rank];
        }
      }
    }
    double divisions = Arrays.stream(choices[first.length]).sum();
    double[] probability = Arrays.stream(choices[first.length]).map(c -> c / divisions).toArray();
    double u = observed / 2.0 - first.length * (first.length + 1) / 2.0;
    return new Wilcoxon(
        twoSided(probability, observed), 2 * u / (first.length * second.length) - 1);
  }

  private static double twoSided(double[] probability, int observed) {
    double below = Arrays.stream(probability, 0, observed + 1).sum();
    double above = Arrays.stream(probability, observed, probability.length).sum();
    return Math.min(1, 2 * Math.min(below, above));
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
