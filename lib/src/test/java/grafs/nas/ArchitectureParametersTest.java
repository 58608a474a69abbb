package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link ArchitectureParameters}: the starting values of α and the steps of its optimizer,
 * Adam. α are the numbers that rate the operations from which a search composes an activation
 * function.
 */
class ArchitectureParametersTest {

  @Test
  void alphasOptimizerHasThePapersNumbers() {
    ArchitectureParameters parameters = new ArchitectureParameters(CellSpace.paper(), 1);
    double start = parameters.alpha()[0][0];
    assertTrue(start >= 0 && start < 1e-6, "U(0, 1)·1e-6");
    Adam adam = parameters.alpha;
    double[] gradients = {0.3, -2, 0.7, 0.1, 5};
    double m = 0;
    double v = 0;
    double value = start;
    for (int t = 1; t <= gradients.length; t++) {
      adam.gradient[0][0] = gradients[t - 1];
      adam.step(0.1);
      double g = gradients[t - 1] + 1e-3 * value;
      m = 0.5 * m + 0.5 * g;
      v = 0.999 * v + 0.001 * g * g;
      value -=
          0.1 * (m / (1 - Math.pow(0.5, t))) / (Math.sqrt(v / (1 - Math.pow(0.999, t))) + 1e-8);
      assertEquals(value, parameters.alpha()[0][0], 1e-12, "step " + t);
    }
  }
}
