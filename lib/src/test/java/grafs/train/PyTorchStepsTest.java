package grafs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import grafs.train.SgdSettings.Decay;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests that the optimizers of this library give the same weights as those of PyTorch. The network
 * tanh(x·w1ᵀ + b1)·w2ᵀ + b2 is trained for 50 steps with the mean squared error, in float64. This
 * is done in three ways, whose weights must agree:
 *
 * <ul>
 *   <li>by a {@link WeightOptimizer};
 *   <li>by PyTorch's formulas, which are written here in Java;
 *   <li>by PyTorch itself: the script {@code optimizer_steps.py} in the test resources wrote the
 *       weights to {@code optimizer_steps.json}.
 * </ul>
 *
 * <p>The build runs tests with the tag {@code likeGpu} a second time, with the system property
 * {@code grafs.likeGpu=true}. Then the CPU executes the code that is meant for GPUs.
 */
@Tag("likeGpu")
class PyTorchStepsTest {

  private static final int STEPS = 50;
  private static final int EXAMPLES = 6;
  private static final int IN = 3;
  private static final int HIDDEN = 4;
  private static final int OUT = 2;
  private static final Map<String, Shape> SHAPES = new LinkedHashMap<>();

  static {
    SHAPES.put("w1", new Shape(HIDDEN, IN));
    SHAPES.put("b1", new Shape(HIDDEN));
    SHAPES.put("w2", new Shape(OUT, HIDDEN));
    SHAPES.put("b2", new Shape(OUT));
  }

  private final double[] x = numbers(1000, EXAMPLES * IN);
  private final double[] y = numbers(2000, EXAMPLES * OUT);

  /**
   * Returns sin(first), sin(first + 1), …: numbers that this test and the script can both compute.
   */
  private static double[] numbers(int first, int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> Math.sin(first + i));
    return values;
  }

  /** Returns the initial weights by name. */
  private static Map<String, double[]> weights() {
    Map<String, double[]> weights = new LinkedHashMap<>();
    SHAPES.forEach(
        (name, shape) -> weights.put(name, numbers(100 * weights.size(), (int) shape.size())));
    return weights;
  }

  @Test
  void sgd() throws IOException {
    Map<String, double[]> w = weights();
    Map<String, double[]> b = zeros();
    for (int step = 1; step <= STEPS; step++) {
      double rate = step <= 25 ? 0.1 : step <= 37 ? 0.01 : 0.001;
      gradient(w)
          .forEach(
              (name, g) -> {
                for (int i = 0; i < g.length; i++) {
                  b.get(name)[i] = 0.9 * b.get(name)[i] + g[i] + 1e-2 * w.get(name)[i];
                  w.get(name)[i] -= rate * b.get(name)[i];
                }
              });
    }
    compare("SGD", w, new SgdSettings(0.1, 0.9, 1e-2, Decay.STEPS));
  }

  @Test
  void adam() throws IOException {
    IntToDoubleFunction rate = past -> 0.01 * (1 + Math.cos(Math.PI * past / STEPS)) / 2;
    compare("Adam", adam(rate, 0.999, 0, 0), new AdamSettings(0.01, 0.9, 0.999, 0, 0, 0, 0));
  }

  @Test
  void adamW() throws IOException {
    IntToDoubleFunction rate =
        past ->
            past < 5
                ? 0.02 * past / 5
                : 0.002 + 0.018 * (1 + Math.cos(Math.PI * (past - 5) / (STEPS - 5))) / 2;
    compare(
        "AdamW", adam(rate, 0.99, 0.1, 0.3), new AdamSettings(0.02, 0.9, 0.99, 0.1, 0.1, 0.3, 0.1));
  }

  /**
   * Trains by PyTorch's formulas of AdamW, with β₁ = 0.9, and returns the weights.
   *
   * @param rates a function from the number of steps before a step to its learning rate
   * @param beta2 the decay rate of the running mean of squared gradients
   * @param decay the weight decay of w1 and w2; the biases have none
   * @param clip the largest norm of the gradient; 0 for no clipping
   */
  private Map<String, double[]> adam(
      IntToDoubleFunction rates, double beta2, double decay, double clip) {
    double beta1 = 0.9;
    Map<String, double[]> w = weights();
    Map<String, double[]> m = zeros();
    Map<String, double[]> v = zeros();
    int clipped = 0;
    for (int step = 1; step <= STEPS; step++) {
      double rate = rates.applyAsDouble(step - 1);
      double correction1 = 1 - Math.pow(beta1, step);
      double correction2 = 1 - Math.pow(beta2, step);
      Map<String, double[]> gradient = gradient(w);
      double squares =
          gradient.values().stream().flatMapToDouble(Arrays::stream).map(g -> g * g).sum();
      double factor = clip == 0 ? 1 : Math.min(1, clip / (Math.sqrt(squares) + 1e-6));
      clipped += factor < 1 ? 1 : 0;
      gradient.forEach(
          (name, g) -> {
            double own = SHAPES.get(name).dimension() > 1 ? decay : 0;
            for (int i = 0; i < g.length; i++) {
              double clear = factor * g[i];
              w.get(name)[i] *= 1 - rate * own;
              m.get(name)[i] = beta1 * m.get(name)[i] + (1 - beta1) * clear;
              v.get(name)[i] = beta2 * v.get(name)[i] + (1 - beta2) * clear * clear;
              w.get(name)[i] -=
                  rate
                      * (m.get(name)[i] / correction1)
                      / (Math.sqrt(v.get(name)[i] / correction2) + 1e-8);
            }
          });
    }
    assertTrue(clip == 0 || clipped > 5 && clipped < STEPS - 5, clipped + " steps are clipped");
    return w;
  }

  private static Map<String, double[]> zeros() {
    Map<String, double[]> zeros = new LinkedHashMap<>();
    SHAPES.forEach((name, shape) -> zeros.put(name, new double[(int) shape.size()]));
    return zeros;
  }

  /**
   * Returns the gradient of the mean squared error at the given weights, computed by
   * backpropagation in plain Java.
   */
  private Map<String, double[]> gradient(Map<String, double[]> w) {
    Map<String, double[]> gradient = zeros();
    for (int n = 0; n < EXAMPLES; n++) {
      double[] hidden = new double[HIDDEN];
      double[] back = new double[HIDDEN];
      for (int h = 0; h < HIDDEN; h++) {
        double sum = w.get("b1")[h];
        for (int i = 0; i < IN; i++) {
          sum += w.get("w1")[h * IN + i] * x[n * IN + i];
        }
        hidden[h] = Math.tanh(sum);
      }
      for (int o = 0; o < OUT; o++) {
        double error = w.get("b2")[o] - y[n * OUT + o];
        for (int h = 0; h < HIDDEN; h++) {
          error += w.get("w2")[o * HIDDEN + h] * hidden[h];
        }
        double upstream = 2 * error / (EXAMPLES * OUT);
        gradient.get("b2")[o] += upstream;
        for (int h = 0; h < HIDDEN; h++) {
          gradient.get("w2")[o * HIDDEN + h] += upstream * hidden[h];
          back[h] += upstream * w.get("w2")[o * HIDDEN + h];
        }
      }
      for (int h = 0; h < HIDDEN; h++) {
        double upstream = back[h] * (1 - hidden[h] * hidden[h]);
        gradient.get("b1")[h] += upstream;
        for (int i = 0; i < IN; i++) {
          gradient.get("w1")[h * IN + i] += upstream * x[n * IN + i];
        }
      }
    }
    return gradient;
  }

  /**
   * Compares the weights after 50 steps that the formulas, PyTorch and this library's optimizer
   * give.
   *
   * @param name the optimizer's name in {@code optimizer_steps.json}
   * @param formulas the weights that the formulas give
   * @param settings the settings of the optimizer to be tested
   */
  private void compare(String name, Map<String, double[]> formulas, OptimizerSettings settings)
      throws IOException {
    JsonObject pyTorch;
    try (Reader reader =
        new InputStreamReader(
            PyTorchStepsTest.class.getResourceAsStream("optimizer_steps.json"),
            StandardCharsets.UTF_8)) {
      pyTorch = new Gson().fromJson(reader, JsonObject.class).getAsJsonObject(name);
    }
    Map<String, double[]> own = train(settings);
    formulas.forEach(
        (weight, expected) -> {
          // The tolerance is this large because DJL's native operations take hyperparameters as
          // float32. A momentum of 0.9, for example, then has a rounding error of 2e-8.
          double tolerance = 1e-6 * Arrays.stream(expected).map(Math::abs).max().orElseThrow();
          for (int i = 0; i < expected.length; i++) {
            String where = "%s[%d] after %s".formatted(weight, i, name);
            double theirs = pyTorch.getAsJsonArray(weight).get(i).getAsDouble();
            assertEquals(theirs, expected[i], 1e-10 * Math.abs(theirs), where);
            assertEquals(expected[i], own.get(weight)[i], tolerance, where);
          }
        });
  }

  /**
   * Trains the network for 50 steps with a {@link WeightOptimizer} and returns the weights by name.
   */
  private Map<String, double[]> train(OptimizerSettings settings) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray inputs = manager.create(x, new Shape(EXAMPLES, IN));
      NDArray labels = manager.create(y, new Shape(EXAMPLES, OUT));
      PairList<String, NDArray> w = new PairList<>();
      weights().forEach((name, values) -> w.add(name, manager.create(values, SHAPES.get(name))));
      w.values().forEach(weight -> weight.setRequiresGradient(true));
      try (WeightOptimizer optimizer = settings.optimizer(w, STEPS)) {
        for (int step = 0; step < STEPS; step++) {
          try (NDScope scope = new NDScope();
              GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            scope.suppressNotUsedWarning();
            NDArray hidden = inputs.matMul(w.get("w1").transpose()).add(w.get("b1")).tanh();
            NDArray output = hidden.matMul(w.get("w2").transpose()).add(w.get("b2"));
            collector.backward(output.sub(labels).square().mean());
          }
          optimizer.step(1);
        }
      }
      Map<String, double[]> after = new LinkedHashMap<>();
      for (Pair<String, NDArray> weight : w) {
        after.put(weight.getKey(), weight.getValue().toDoubleArray());
      }
      return after;
    }
  }
}
