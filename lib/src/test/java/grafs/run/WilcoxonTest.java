package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tests Wilcoxon's signed-rank test ({@link Wilcoxon}). */
class WilcoxonTest {

  @Test
  void tiesShareRanksAndZerosAreLeftOut() {
    // The expected p is that of SciPy 1.17.1, wilcoxon(d, zero_method='wilcox',
    // method=PermutationMethod(n_resamples=10**7)), which tries all combinations of signs.
    Wilcoxon test =
        Wilcoxon.signedRank(
            new double[] {0.02, -0.01, 0, 0.01, 0.03, 0.01, 0.02, 0, -0.02, 0.05, 0.04}, 0);
    assertEquals(0.08203125, test.p(), 1e-12);
    assertEquals((38.0 - 7) / 45, test.correlation(), 1e-12);
  }

  @Test
  void roundingDoesNotBreakTies() {
    double[] differences = {0.81 - 0.80, 0.56 - 0.55, 0.75 - 0.76, 0.3 - 0.3, 0.1 + 0.2 - 0.3};
    // The last two differences count as 0. The other three are equal in magnitude and have the
    // ranks 2, 2 and 2; two of them are positive, one is negative.
    assertEquals(1 / 3.0, Wilcoxon.signedRank(differences, 1e-13).correlation(), 1e-12);
  }

  @Test
  void smallestPValueIsThatOfAllSignsAlike() {
    for (int n = 1; n <= 50; n++) {
      double[] differences = new double[n];
      Arrays.setAll(differences, i -> i + 1);
      double p = Math.min(1, Math.pow(0.5, n - 1));
      assertEquals(p, Wilcoxon.signedRank(differences, 0).p(), 1e-12 * p);
    }
  }
}
