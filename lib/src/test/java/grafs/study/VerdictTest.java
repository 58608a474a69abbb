package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.run.Comparison;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests how many pairs of trainings a statistical test needs for a power of 80 %, as {@link
 * Verdict} computes it: against the numbers of the statistics program R, and against simulated
 * tests.
 */
class VerdictTest {

  private static final long SEED = 1;
  private static final int TRIALS = 4000;

  /**
   * Four standard deviations of the share of successes in TRIALS trials that each succeed with a
   * probability of 0.8.
   */
  private static final double CHANCE = 4 * Math.sqrt(0.8 * 0.2 / TRIALS);

  /**
   * The exact numbers are those of R 4.2.2: {@code power.t.test(delta, sd=1, sig.level, power=0.8,
   * type="paired")}.
   */
  @ParameterizedTest
  @CsvSource({
    "0.05, 0.3, 89.14957724562697",
    "0.05, 0.5, 33.367204088022",
    "0.05, 0.8, 14.302803316243569",
    "0.05, 1.2, 7.5877187560935857",
    "0.05, 2, 4.2207313362638788",
    "0.005, 0.5, 57.210341918378923",
    "0.005, 0.8, 24.777114204916849",
    "0.005, 2, 7.2113903348710116",
    "0.0005, 0.8, 35.175099106061602",
    "0.0005, 2, 10.229469553312764"
  })
  void formulasAreWithinOneSeedOfTheExactNumber(double level, double effect, double pairs) {
    assertEquals(Math.ceil(pairs), Verdict.pairs(effect, level), 1);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.05", "0.8, 0.05", "1.5, 0.005"})
  void soManyPairsGiveAPowerOfEightyPercent(double effect, double level) {
    Random random = new Random(SEED);
    int pairs = Verdict.pairs(effect, level);
    // The number of pairs is rounded up, so the power may be a few percent more than 80 %.
    assertEquals(
        0.83,
        share(
            () -> Comparison.paired(normal(random, pairs, effect), new double[pairs]).p() < level),
        0.03 + CHANCE,
        pairs + " pairs");
  }

  @Test
  void soManySeedsGiveRanksAPowerOfEightyPercent() {
    Random random = new Random(SEED);
    // For two independent normal gains X and X' of mean 0.5 and standard deviation 1, P(X + X' > 0)
    // = Φ(0.5·√2) = 0.7602. The rank-biserial correlation is about 2·P − 1.
    int pairs = Verdict.pairsByRanks(2 * 0.7602 - 1, 0.05);
    assertEquals(
        0.82,
        share(
            () -> Comparison.paired(normal(random, pairs, 0.5), new double[pairs]).rankP() < 0.05),
        0.05 + CHANCE,
        pairs + " pairs");
  }

  @Test
  void ranksNeedEnoughSeedsForAnySmallPValue() {
    double[] found = new double[Verdict.pairsByRanks(1, 0.0001)];
    Arrays.fill(found, 1);
    assertTrue(Comparison.paired(found, new double[found.length]).p() < 0.0001);
  }

  /** {@return the share of TRIALS simulated tests that detect the effect} */
  private static double share(BooleanSupplier seen) {
    return IntStream.range(0, TRIALS).filter(i -> seen.getAsBoolean()).count() / (double) TRIALS;
  }

  private static double[] normal(Random random, int n, double mean) {
    return IntStream.range(0, n).mapToDouble(i -> mean + random.nextGaussian()).toArray();
  }
}
