package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.cell.KnownActivation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the values, gradients and names of the activations that {@link Activations} makes. */
class ActivationsTest {

  private static final float[] X = {-3, -1, 0, 0.5f, 2};

  /**
   * The values of activations at {@link #X}, computed in double precision from their definitions,
   * independently of this project's code.
   */
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
    List<String> five = List.of("relu", "leaky_relu", "elu", "silu", "gelu");
    assertEquals(five, Activations.names().subList(0, 5));
    try (NDManager manager = NDManager.newBaseManager()) {
      for (String name : five) {
        NDList in = new NDList(manager.create(X));
        float[] y =
            Activations.of(name)
                .get()
                .forward(new ParameterStore(manager, false), in, false)
                .head()
                .toFloatArray();
        for (int i = 0; i < X.length; i++) {
          // The tolerance is small enough to tell GELU from its tanh approximation, whose error is
          // 4e-4 at −3 and 1.5e-4 at −1.
          assertEquals(EXPECTED.get(name)[i], y[i], 1e-6, name + "(" + X[i] + ")");
        }
      }
    }
  }

  /**
   * Returns an activation's value in double precision. Where this method has no formula of its own,
   * the value comes from the function of {@link KnownActivation}, an enum of this library; such a
   * value is not an independent reference.
   */
  private static double formula(String name, double x) {
    double e = Math.exp(x);
    return switch (name) {
      case "squared_relu" -> x > 0 ? x * x : 0;
      case "squared_leaky_relu" -> x > 0 ? x * x : x * x / 4;
      case "mish" -> x * Math.tanh(Math.log1p(e));
      case "hard_swish" -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
      case "selu" -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (e - 1));
      case "softplus" -> Math.log1p(e);
      case "tanh" -> Math.tanh(x);
      case "quick_gelu" -> x / (1 + Math.exp(-1.702 * x));
      case "xielu" -> x > 0 ? 0.8 * x * x + x / 2 : 0.8 * (e - 1 - x) + x / 2;
      default -> KnownActivation.valueOf(name.toUpperCase(Locale.ROOT)).function().values(x)[0];
    };
  }

  @Test
  void allHaveTheirValuesAndGradients() {
    double[] points = {-4.3, -2.2, -0.7, -0.01, 0.02, 0.6, 1.9, 3.4};
    float[] x = new float[points.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) points[i];
    }
    assertEquals(31 + 1, Activations.names().size(), Activations.names().toString());
    try (NDManager manager = NDManager.newBaseManager()) {
      for (String name : Activations.names()) {
        NDArray in = manager.create(x, new Shape(1, x.length));
        in.setRequiresGradient(true);
        Block block = Activations.of(name).get();
        block.initialize(manager, DataType.FLOAT32, in.getShape());
        float[] y;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          NDArray out =
              block.forward(new ParameterStore(manager, false), new NDList(in), true).head();
          y = out.toFloatArray();
          collector.backward(out.sum());
        }
        float[] slopes = in.getGradient().toFloatArray();
        for (int i = 0; i < x.length; i++) {
          String where = name + "(" + x[i] + ")";
          double expected = formula(name, x[i]);
          double slope = (formula(name, x[i] + 1e-6) - formula(name, x[i] - 1e-6)) / 2e-6;
          assertEquals(expected, y[i], 2e-5 * Math.max(1, Math.abs(expected)), where);
          assertEquals(slope, slopes[i], 2e-4 * Math.max(1, Math.abs(slope)), where);
        }
        // The gradient of each trainable parameter is not 0.
        block
            .getParameters()
            .values()
            .forEach(p -> assertTrue(p.getArray().getGradient().abs().sum().getFloat() > 0, name));
      }
    }
  }

  @Test
  void unknownNamesAreAnsweredWithTheKnown() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Activations.of("swoosh")).getMessage();
    assertTrue(message.contains("'swoosh'") && message.contains("gelu"), message);
  }

  @Test
  void namesMayBeWrittenAsTablesWriteThem() {
    for (String name : List.of("relu", "gelu", "leaky_relu", "silu", "elu")) {
      assertEquals(Activations.title(name), Activations.title(Activations.title(name)));
    }
  }
}
