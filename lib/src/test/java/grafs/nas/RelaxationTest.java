package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link Relaxation}. In a search, operations are mixed with weights w, which a relaxation
 * computes or draws from α, one number for each operation. The tests check w and the gradients of
 * α.
 */
class RelaxationTest {

  private static final double[] ALPHA = {0.3, -1.2, 0.9, -0.1};
  private static final double[] TARGET = {1, -2, 0.5, 3};

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Returns {@link #ALPHA} with one of its numbers increased by h. */
  private static double[] moved(int by, double h) {
    double[] alpha = ALPHA.clone();
    alpha[by] += h;
    return alpha;
  }

  /**
   * For a loss that is linear in w, the mean over draws of the gradient of α equals the gradient of
   * the mean loss. GDAS is left out, since its gradient is biased.
   */
  @Test
  void gradientsAreUnbiased() {
    for (Relaxation relaxation :
        new Relaxation[] {Relaxation.SOFTMAX, Relaxation.DRNAS, Relaxation.REINMAX}) {
      SplittableRandom random = new SplittableRandom(4);
      int draws = 200_000;
      double[] mean = new double[ALPHA.length];
      double[] weights = new double[ALPHA.length];
      for (int i = 0; i < draws; i++) {
        Relaxation.Sample sample = relaxation.sample(ALPHA, random);
        assertEquals(1, Arrays.stream(sample.weights()).sum(), 1e-12);
        double[] g = sample.backward().apply(TARGET);
        for (int k = 0; k < mean.length; k++) {
          mean[k] += g[k] / draws;
          weights[k] += sample.weights()[k] / draws;
        }
      }
      for (int k = 0; k < mean.length; k++) {
        assertEquals(relaxation.mean(ALPHA)[k], weights[k], 5e-3, relaxation + ", weight " + k);
        double h = 1e-5;
        double above = dot(relaxation.mean(moved(k, h)), TARGET);
        double below = dot(relaxation.mean(moved(k, -h)), TARGET);
        assertEquals((above - below) / (2 * h), mean[k], 1e-2, relaxation + ", α " + k);
      }
    }
  }

  @Test
  void oneOperationIsDrawnByOneHotRelaxations() {
    SplittableRandom random = new SplittableRandom(4);
    for (Relaxation relaxation : new Relaxation[] {Relaxation.GDAS, Relaxation.REINMAX}) {
      for (int i = 0; i < 100; i++) {
        double[] w = relaxation.sample(ALPHA, random).weights();
        assertEquals(1, Arrays.stream(w).filter(v -> v == 1).count());
        assertEquals(3, Arrays.stream(w).filter(v -> v == 0).count());
      }
    }
  }

  @Test
  void theSmallestRandomNumberGivesFiniteGradients() {
    double[] g = Relaxation.GDAS.sample(ALPHA, () -> 0L).backward().apply(TARGET);
    assertTrue(Arrays.stream(g).allMatch(Double::isFinite), Arrays.toString(g));
  }

  @Test
  void eachCellDrawsForItselfWhereItShould() {
    CellSpace space = CellSpace.paper();
    double[][] alpha = new ArchitectureParameters(space, 1).alpha();
    Candidates candidates = Candidates.all(space).without(0, 3).without(2, 0);
    for (Relaxation relaxation : Relaxation.values()) {
      Relaxation.Draw draw = relaxation.draw(alpha, candidates, 5, new SplittableRandom(1));
      assertEquals(relaxation.perCell() ? 5 : 1, draw.weights().length, relaxation.toString());
      for (double[][] row : draw.weights()) {
        assertEquals(0, row[0][3], 0, "what is not in play has no weight");
        assertEquals(1, Arrays.stream(row[0]).sum(), 1e-12);
      }
      double[][] back = CellWeights.zeros(alpha);
      double[][][] g = new double[draw.weights().length][][];
      Arrays.setAll(g, row -> Arrays.stream(alpha).map(a -> a.clone()).toArray(double[][]::new));
      for (double[][] row : g) {
        Arrays.setAll(row[0], o -> o);
      }
      draw.backward(g, back);
      assertEquals(0, back[0][3], 0);
      assertTrue(Math.abs(back[0][7]) > 0);
    }
    Relaxation.Draw draw = Relaxation.DRNAS.draw(alpha, candidates, 2, new SplittableRandom(1));
    assertNotEquals(draw.weights()[0][0][0], draw.weights()[1][0][0]);
  }

  /**
   * The sample and the gradient are finite for α = −40, although e⁻⁴⁰ is far below 1e-3, the
   * smallest parameter of the Dirichlet distribution with which samples are drawn.
   */
  @Test
  void veryLowAlphaIsFiniteAndHasAGradient() {
    double[] alpha = {-40, 0, 2};
    Relaxation.Sample sample = Relaxation.DRNAS.sample(alpha, new SplittableRandom(3));
    double[] g = sample.backward().apply(new double[] {1, 0, 0});
    assertTrue(Arrays.stream(g).allMatch(Double::isFinite));
    assertEquals(1, Arrays.stream(sample.weights()).sum(), 1e-12);
  }
}
