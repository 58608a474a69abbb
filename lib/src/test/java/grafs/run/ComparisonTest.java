package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.run.Comparison.Test;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests {@link Comparison}. It compares trainings with a found activation function and trainings
 * with a baseline by the paired t test, or by Wilcoxon's signed-rank test if the t test is
 * undefined. The expected numbers are those of SciPy 1.17.1: {@code ttest_rel(a, b)} with {@code
 * confidence_interval(0.95)}, and {@code wilcoxon(a - b, method='exact')}. R 4.2.2's {@code t.test}
 * and {@code wilcox.test} give the same to 14 digits.
 */
class ComparisonTest {

  private static final double[] FOUND = {
    0.917, 0.9235, 0.8857, 0.9014, 0.9228, 0.9133, 0.9087, 0.9136, 0.9117, 0.9098, 0.8989, 0.9093,
    0.8926, 0.9069, 0.9014, 0.9307, 0.9159, 0.9276, 0.9045, 0.9061, 0.9012, 0.904, 0.9029, 0.9067,
    0.876, 0.8745, 0.9045, 0.9004, 0.9124, 0.9102
  };

  private static final double[] BASELINE = {
    0.9105, 0.9178, 0.8745, 0.8986, 0.9101, 0.9135, 0.9065, 0.915, 0.9029, 0.9055, 0.9018, 0.8893,
    0.8915, 0.9038, 0.8942, 0.9127, 0.9129, 0.918, 0.8997, 0.9138, 0.8909, 0.8918, 0.9008, 0.9028,
    0.884, 0.8827, 0.9036, 0.8914, 0.9121, 0.9039
  };

  private static final double DIVERGED = Double.NEGATIVE_INFINITY;

  private static void close(double expected, double actual) {
    assertEquals(expected, actual, 1e-7 * Math.max(1, Math.abs(expected)));
  }

  private static Map<Integer, Double> merits(double[] merits, int... seeds) {
    Map<Integer, Double> bySeed = new LinkedHashMap<>();
    for (int seed : seeds) {
      bySeed.put(seed, merits[seed - 1]);
    }
    return bySeed;
  }

  @ParameterizedTest
  @CsvSource({
    "2, 0.041685878561400574, 0.0010175181055300268,"
        + " 0.011182481894470072, 10.78337841309463, 0.5",
    "3, 0.045128595809197335, 0.0004183063115975891,"
        + " 0.01518169368840247, 2.6249089937306915, 0.25",
    "5, 0.01304073147952858, 0.002710877263560932,"
        + " 0.012849122736439086, 1.9056839631409854, 0.0625",
    "30, 0.0009308878397230015, 0.002041892374620423,"
        + " 0.007131440958712891, 0.6730221560121102, 0.0007296018302440643"
  })
  void pairsAgreeWithSciPy(
      int n, double p, double lower, double upper, double effect, double rankP) {
    Comparison pairs = Comparison.paired(Arrays.copyOf(FOUND, n), Arrays.copyOf(BASELINE, n));
    assertEquals(Test.PAIRED_T, pairs.test());
    close(p, pairs.p());
    close(lower, pairs.lower());
    close(upper, pairs.upper());
    close((lower + upper) / 2, pairs.gain());
    close(effect, pairs.effect());
    close(rankP, pairs.rankP());
  }

  @org.junit.jupiter.api.Test
  void runsPairBySeedInWhateverOrder() {
    Map<Integer, Double> found = merits(FOUND, 1, 2, 3, 4, 5);
    assertEquals(
        Comparison.paired(Arrays.copyOf(FOUND, 5), Arrays.copyOf(BASELINE, 5)),
        Comparison.of(found, merits(BASELINE, 3, 1, 5, 2, 4)));

    Comparison three = Comparison.of(found, merits(BASELINE, 2, 3, 1));
    assertEquals(3, three.pairs());
    assertEquals(2, three.leftOut());
    close(0.045128595809197335, three.p());
  }

  @org.junit.jupiter.api.Test
  void runsOfOtherSeedsHaveNoTest() {
    Map<Integer, Double> found = merits(FOUND, 1, 2, 3, 4, 5);
    Comparison one = Comparison.of(found, merits(BASELINE, 5, 6, 7, 8, 9, 10, 11, 12));
    assertEquals(Test.NONE, one.test());
    assertEquals(1, one.pairs());
    assertEquals(4 + 7, one.leftOut());
    Comparison none = Comparison.of(found, merits(BASELINE, 6, 7, 8, 9, 10, 11, 12));
    assertEquals(Test.NONE, none.test());
    assertEquals(0, none.pairs());
    assertTrue(Double.isNaN(none.gain()) && Double.isNaN(none.p()));
  }

  @org.junit.jupiter.api.Test
  void oneSeedHasNoTest() {
    Comparison one = Comparison.of(Map.of("1", 0.9), Map.of("1", 0.8));
    assertEquals(Test.NONE, one.test());
    close(0.1, one.gain());
    assertTrue(Double.isNaN(one.p()));
  }

  @org.junit.jupiter.api.Test
  void divergedTrainingsRankBelowAllOthers() {
    double[] steady = {0.80, 0.81, 0.82, 0.83, 0.84, 0.85};
    double[] once = {0.90, 0.92, DIVERGED, 0.95, 0.97, 0.99};
    Comparison worse = Comparison.paired(once, steady);
    assertEquals(Test.SIGNED_RANK, worse.test());
    assertEquals(1, worse.diverged());
    close((15 - 6) / 21.0, worse.effect()); // ranks 1 to 5 are positive, rank 6 is negative
    Comparison better = Comparison.paired(steady, once);
    close(worse.p(), better.p());
    close(-worse.effect(), better.effect());

    Comparison both =
        Comparison.paired(
            new double[] {DIVERGED, 0.9, 0.9}, new double[] {DIVERGED, 0.8, DIVERGED});
    assertEquals(1, both.effect(), "two diverged trainings are no difference");
    assertEquals(3, both.diverged());

    assertEquals(DIVERGED, Metric.ACCURACY.merit(Double.NaN));
    assertEquals(DIVERGED, Metric.LOSS.merit(Double.NaN));
    assertEquals(-1.5, Metric.LOSS.merit(1.5), "a lower loss is better");
  }

  @org.junit.jupiter.api.Test
  void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    double[] found = {0.1, 0.2, 0.4, DIVERGED};
    close(0.15, Comparison.paired(found, new double[4]).gain());
    assertEquals(DIVERGED, Comparison.paired(new double[] {DIVERGED, 0.2}, new double[2]).gain());
    close(0.2, Comparison.median(DoubleStream.of(0.4, 0.1, 0.2)));
    assertTrue(Double.isNaN(Comparison.median(DoubleStream.of())));
  }

  @org.junit.jupiter.api.Test
  void differencesThatDoNotVaryAreComparedByRanks() {
    // Each pair differs by 0.01, except for rounding errors.
    double[] found = {0.80, 0.85, 0.90, 0.76, 0.56};
    double[] baseline = {0.79, 0.84, 0.89, 0.75, 0.55};
    Comparison pairs = Comparison.paired(found, baseline);
    assertEquals(Test.SIGNED_RANK, pairs.test());
    close(0.0625, pairs.p());
    assertEquals(1, pairs.effect());
    Comparison same = Comparison.paired(found, found);
    assertEquals(1, same.p());
    assertEquals(0, same.effect());
  }
}
