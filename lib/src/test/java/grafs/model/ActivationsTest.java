package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivationsTest {

  private static final float[] X = {-3, -1, 0, 0.5f, 2};

  /** Computed from the definitions in double precision, apart from this code. */
  private static final Map<String, double[]> EXPECTED =
      Map.of(
          "relu", new double[] {0, 0, 0, 0.5, 2},
          "leaky_relu", new double[] {-0.03, -0.01, 0, 0.5, 2},
          "elu", new double[] {-0.9502129316321, -0.6321205588286, 0, 0.5, 2},
          "silu",
              new double[] {
                -0.1422776195327, -0.2689414213700, 0, 0.3112296656009, 1.7615941559558
              },
          "gelu",
              new double[] {
                -0.0040496940949, -0.1586552539315, 0, 0.3457312306370, 1.9544997361037
              });

  @Test
  void baselinesHaveTheirTextbookValues() {
    assertEquals(List.of("relu", "leaky_relu", "elu", "silu", "gelu"), Activations.names());
    try (NDManager manager = NDManager.newBaseManager()) {
      for (String name : Activations.names()) {
        NDList in = new NDList(manager.create(X));
        float[] y =
            Activations.of(name)
                .get()
                .forward(new ParameterStore(manager, false), in, false)
                .head()
                .toFloatArray();
        for (int i = 0; i < X.length; i++) {
          // GELU's tanh form is 4e-4 off at −3 and 1.5e-4 at −1: this tells it from the exact one.
          assertEquals(EXPECTED.get(name)[i], y[i], 1e-6, name + "(" + X[i] + ")");
        }
      }
    }
  }

  @Test
  void unknownNamesAreAnsweredWithTheKnown() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Activations.of("swoosh")).getMessage();
    assertTrue(message.contains("'swoosh'") && message.contains("gelu"), message);
  }
}
