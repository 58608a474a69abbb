package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

/** Tests {@link Comparison#holm}, which corrects p-values for the number of comparisons. */
class HolmTest {

  @Test
  void agreesWithR() {
    // The expected numbers are those of p.adjust(p, "holm") in R 4.2.2.
    assertArrayEquals(
        new double[] {0.05, 0.12, 0.12, 0.03, 0.12, 0.7, 0.0007},
        Comparison.holm(0.01, 0.04, 0.03, 0.005, 0.04, 0.7, 0.0001),
        1e-12);
  }

  @Test
  void oneComparisonNeedsNoCorrectionAndNoneExceedsOne() {
    assertArrayEquals(new double[] {0.04}, Comparison.holm(0.04));
    assertArrayEquals(new double[] {1, 1}, Comparison.holm(0.9, 0.6));
    assertArrayEquals(new double[0], Comparison.holm());
  }

  @Test
  void whatCouldNotBeTestedCountsForNone() {
    double none = Double.NaN;
    assertArrayEquals(
        new double[] {none, 0.06, none, 0.04}, Comparison.holm(none, 0.06, none, 0.02), 1e-12);
    assertArrayEquals(new double[] {none}, Comparison.holm(none));
  }
}
