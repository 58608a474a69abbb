package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Bounds;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Operations;
import grafs.cell.RelaxedCell;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Tests regularisers, penalties computed from the relaxed cell of a search. The cell is a small
 * graph of operations. Here it has three places: two edges, which mix unary operations, and a
 * vertex, which mixes add and left. left(a, b) is a.
 */
class RegularizerTest {

  private static final CellSpace SPACE =
      CellSpace.of(
              Operations.of("identity", "negative", "abs", "sin", "add", "left"), Bounds.SMOOTH)
          .withUnits(1);

  private static final RelaxedCell CELL = new RelaxedCell(SPACE);

  private static CellWeights weights(double[]... rows) {
    return new CellWeights(new double[][][] {rows}, SPACE.betaStart(null), Candidates.all(SPACE));
  }

  /**
   * Returns the penalty of the cell left(o(x), o(x)) = o(x) with one unary operation o.
   *
   * @param goal the regulariser
   * @param operation the index of o among identity, negative, abs, sin
   */
  private static double of(Regularizer goal, int operation) {
    double[] one = new double[4];
    one[operation] = 1;
    CellWeights weights = weights(one, one, new double[] {0, 1});
    return goal.penalize(CELL, weights, weights.zeroGradient());
  }

  @Test
  void penaltiesAreWhatTheySay() {
    Regularizer cheap = new Regularizer.Cheap(2, Map.of("sin", 3.0, "left", 1.0));
    assertEquals(2 * 1, of(cheap, 0), 1e-12);
    assertEquals(2 * (2 * 3 + 1), of(cheap, 3), 1e-12, "sin on both edges");
    assertEquals(0, of(new Regularizer.Rising(5), 0), 1e-12);
    assertEquals(5, of(new Regularizer.Rising(5), 1), 1e-9, "−x falls everywhere by 1");
    assertEquals(2.5, of(new Regularizer.Rising(5), 2), 1e-9, "|x| falls on one half");
    assertEquals(0, of(new Regularizer.Smooth(1), 0), 1e-9);
    // For |x| at the 81 points, all but one of the 79 second differences are 0. The one at the kink
    // is 2·0.1, and the square of f″ there is (2·0.1/0.1²)² = 400. For sin, f″ is −sin.
    assertEquals(400 / 79.0, of(new Regularizer.Smooth(1), 2), 1e-9);
    double mean = 0;
    for (int i = 1; i < 80; i++) {
      mean += Math.pow(Math.sin(0.1 * (i - 40)), 2) / 79;
    }
    assertEquals(mean, of(new Regularizer.Smooth(1), 3), 1e-2);
  }

  @Test
  void derivativesAreDifferences() {
    Random random = new Random(4);
    for (Regularizer goal :
        new Regularizer[] {
          new Regularizer.Cheap(2, Map.of("sin", 3.0)),
          new Regularizer.Rising(3),
          new Regularizer.Smooth(0.5)
        }) {
      double[][] w = {
        random.doubles(4).toArray(), random.doubles(4).toArray(), random.doubles(2).toArray()
      };
      CellWeights weights = weights(w);
      CellWeights.Gradient gradient = weights.zeroGradient();
      goal.penalize(CELL, weights, gradient);
      for (int p = 0; p < w.length; p++) {
        for (int o = 0; o < w[p].length; o++) {
          double h = 1e-6;
          w[p][o] += h;
          double above = goal.penalize(CELL, weights, weights.zeroGradient());
          w[p][o] -= 2 * h;
          double below = goal.penalize(CELL, weights, weights.zeroGradient());
          w[p][o] += h;
          double difference = (above - below) / (2 * h);
          double tolerance = 1e-4 * Math.max(1, Math.abs(difference));
          assertEquals(
              difference, gradient.weights()[0][p][o], tolerance, goal + " " + p + " " + o);
        }
      }
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Regularizer.Rising(0));
    assertThrows(IllegalArgumentException.class, () -> new Regularizer.Smooth(Double.NaN));
    for (double cost : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      Map<String, Double> costs = Map.of("sin", cost);
      String said =
          assertThrows(IllegalArgumentException.class, () -> new Regularizer.Cheap(1, costs))
              .getMessage();
      assertTrue(said.contains("cost of sin"), said);
    }
    // A cost for exp is allowed, since exp is an operation of this library, although not of this
    // search space.
    assertEquals(0, of(new Regularizer.Cheap(1, Map.of("exp", 1.0)), 0));
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> of(new Regularizer.Cheap(1, Map.of("sine", 1.0)), 0))
            .getMessage();
    assertTrue(said.contains("unknown operation: sine"), said);
  }
}
