package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import smile.stat.hypothesis.CorTest;

@ExtendWith(Seed.class)
class RankCorrelationTest {

  private static void assertCorrelation(double rho, double p, RankCorrelation actual) {
    assertEquals(rho, actual.rho(), 1e-12);
    assertEquals(p, actual.p(), 1e-12);
  }

  @Test
  void smallSamplesHaveTheSharesOfAllOrders() {
    double[] three = {1, 2, 3};
    assertCorrelation(1, 1 / 3.0, RankCorrelation.of(three, new double[] {0.1, 0.2, 0.9}));
    assertCorrelation(-1, 1 / 3.0, RankCorrelation.of(three, new double[] {9, 8, 7}));
    // One of three differs: it is at the end in two orders of three.
    assertCorrelation(Math.sqrt(3) / 2, 2 / 3.0, RankCorrelation.of(three, new double[] {5, 5, 6}));
    double[] four = {1, 2, 3, 4};
    assertCorrelation(1, 2 / 24.0, RankCorrelation.of(four, four));
    // Of the 120 orders of five, 16 have a correlation of 0.8 or more, or −0.8 or less.
    assertCorrelation(
        0.8,
        16 / 120.0,
        RankCorrelation.of(new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 4, 3, 5}));
    assertCorrelation(1, 1, RankCorrelation.of(new double[] {1, 2}, new double[] {3, 4}));
  }

  @Test
  void whatDoesNotVaryHasNone() {
    double[] varies = {0.1, 0.5, 0.3, 0.2};
    for (double[] same :
        new double[][] {
          {0.7, 0.7, 0.7, 0.7},
          {0.0, -0.0, 0.0, -0.0},
          {0.3, 0.1 + 0.2, 0.3, 0.3},
          {1, 2, 3, Double.NaN},
          {1, 2, 3, Double.NEGATIVE_INFINITY}
        }) {
      assertCorrelation(Double.NaN, Double.NaN, RankCorrelation.of(same, varies));
      assertCorrelation(Double.NaN, Double.NaN, RankCorrelation.of(varies, same));
    }
    assertThrows(
        IllegalArgumentException.class, () -> RankCorrelation.of(varies, new double[] {1, 2, 3}));
  }

  @Test
  void largerSamplesAgreeWithTheFormulaAndHaveNoZero() {
    Random random = new Random(Seed.get());
    for (int n : new int[] {9, 10, 30}) {
      double[] x = random.doubles(n).toArray();
      double[] y = Arrays.stream(x).map(v -> v + random.nextGaussian() / 2).toArray();
      CorTest formula = CorTest.spearman(x, y);
      RankCorrelation own = RankCorrelation.of(x, y);
      assertEquals(formula.cor, own.rho(), 1e-9);
      // The t distribution is a poor fit for nine.
      assertEquals(formula.pvalue, own.p(), n < 30 ? 0.03 : 0.006);
      assertEquals(own, RankCorrelation.of(x, y));
      double p = RankCorrelation.of(x, x).p();
      assertTrue(p > 0 && p <= 1e-5, n + ": " + p);
    }
    // One of ten differs: it is the best in one order of ten, the worst in another.
    double[] ten = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    double[] one = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    assertEquals(0.2, RankCorrelation.of(ten, one).p(), 0.006);
  }
}
