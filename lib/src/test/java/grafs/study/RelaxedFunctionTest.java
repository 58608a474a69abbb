package grafs.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.model.Activations;
import grafs.notebook.Plots;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RelaxedFunctionTest {

  private static final double[] X = {-3, -1, -0.3, 0, 0.4, 1, 2.5};

  private final long seed = 20261127L;

  private static CellSpace space(String... operations) {
    return CellSpace.of(grafs.cell.Operations.of(operations), grafs.cell.Bounds.SMOOTH)
        .withUnits(1);
  }

  private static RelaxedFunction equal(CellSpace space) {
    return RelaxedFunction.random(space, 0, 0);
  }

  @Test
  void equalWeightsGiveTheAverage() {
    // Both edges give (x + |x|)/2, and so do left and right of two equal values.
    RelaxedFunction cell = equal(space("identity", "abs", "left", "right"));
    double[] relu = Arrays.stream(X).map(x -> Math.max(x, 0)).toArray();
    assertArrayEquals(relu, cell.values(X), 1e-12);
  }

  @Test
  void coldCellsComputeTheDecidedFunction() {
    RelaxedFunction cell = RelaxedFunction.random(CellSpace.wide(), 1, seed);
    double[] x = {-0.5, -0.1, 0, 0.2, 0.6};
    double[] cold = cell.atTemperature(1e-7).values(x);
    double[] decided = cell.decided().values(x);
    for (int i = 0; i < x.length; i++) {
      // The decided function has no bounds: compared only where the cell's bounds are inactive.
      if (Math.abs(decided[i]) < 1) {
        assertEquals(decided[i], cold[i], 1e-6, cell.decided() + " at " + x[i] + ", seed " + seed);
      }
    }
  }

  @Test
  void alphaDerivativesMatchFiniteDifferences() {
    RelaxedFunction cell = RelaxedFunction.random(CellSpace.paper(), 1, seed);
    int place = 3;
    double[][] derivatives = cell.alphaDerivatives(place, X);
    double[] alpha = cell.alpha()[place];
    for (int o : new int[] {0, 4, 17, 22}) {
      double value = alpha[o];
      double h = 1e-3;
      alpha[o] = value + h;
      double step = alpha[o];
      double[] above = cell.values(X);
      alpha[o] = value - h;
      step -= alpha[o];
      double[] below = cell.values(X);
      alpha[o] = value;
      for (int i = 0; i < X.length; i++) {
        assertEquals(
            (above[i] - below[i]) / step,
            derivatives[o][i],
            1e-4 * Math.max(1, Math.abs(derivatives[o][i])),
            "operation " + o + " at " + X[i] + ", seed " + seed);
      }
    }
  }

  @Test
  void fittingComesCloser() {
    CellSpace space = space("identity", "max0", "tanh", "add", "left");
    Plots.Curve relu = Plots.curve(Activations.of("relu").get());
    double before = RelaxedFunction.fitted(space, Expression.parse("max0(x)"), 0, seed).error(relu);
    double after = RelaxedFunction.fitted(space, Expression.parse("max0(x)"), 60, seed).error(relu);
    assertTrue(after < before / 3, before + " → " + after + ", seed " + seed);
  }

  @Test
  void theErrorIsTheRootMeanSquareOverNormalInputs() {
    RelaxedFunction identity = equal(space("identity", "left"));
    assertEquals(1, identity.error(x -> new double[x.length]), 0.01);
    assertEquals(0, identity.error(x -> x), 1e-12);
  }
}
