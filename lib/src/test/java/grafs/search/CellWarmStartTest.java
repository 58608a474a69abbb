package grafs.search;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import grafs.cell.CellSpace;
import grafs.model.Activations;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CellWarmStartTest {

  @ParameterizedTest
  @ValueSource(strings = {"relu", "gelu", "silu"})
  void startsNearTheDefaultYetUndecided(String activation) {
    CellSpace space = CellSpace.paper();
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 3)) {
      double error =
          CellWarmStart.DEFAULT.fit(
              space, alpha, Relaxation.SOFTMAX, Activations.of(activation).get());
      assertTrue(error < 0.05, activation + " is missed by " + error);
      float largest = Relaxation.SOFTMAX.weights(alpha, 1).unary().max().getFloat();
      assertTrue(largest < 0.9, "one operation already has the weight " + largest);
    }
  }
}
