package grafs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.util.PairList;
import grafs.train.SgdSettings.Decay;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Tests the weight decay and the learning rate schedules of {@link AdamSettings}. Also tests, for
 * Adam and SGD, {@link OptimizerSettings#annealed}, which replaces a constant learning rate by one
 * that falls, and the checks of the settings.
 */
class AdamSettingsTest {

  @Test
  void vectorsDoNotDecay() {
    try (NDManager manager = NDManager.newBaseManager()) {
      PairList<String, NDArray> weights = new PairList<>();
      weights.add("matrix", manager.create(new float[] {1, -2, 3, -4}, new Shape(2, 2)));
      weights.add("vector", manager.create(new float[] {5, -6}));
      weights.values().forEach(weight -> weight.setRequiresGradient(true));
      try (WeightOptimizer adam =
          new AdamSettings(0.1, 0.9, 0.95, 0.5, 0, 1, 0.1).optimizer(weights, 10)) {
        // The gradients are 0, so that only the weight decay can change the weights.
        try (NDScope scope = new NDScope();
            GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          scope.suppressNotUsedWarning();
          for (NDArray weight : weights.values()) {
            collector.backward(weight.mul(weight.zerosLike()).sum());
          }
        }
        adam.step(1);
      }
      float kept = 1 - 0.5f * 0.1f;
      assertArrayEquals(
          new float[] {kept, -2 * kept, 3 * kept, -4 * kept},
          weights.get("matrix").toFloatArray(),
          1e-6f);
      assertArrayEquals(new float[] {5, -6}, weights.get("vector").toFloatArray());
    }
  }

  @Test
  void aRateThatDoesNotFallStaysAsItIs() {
    AdamSettings settings = new AdamSettings(0.02, 0.9, 0.999, 0, 0, 0, 1);
    for (int step : new int[] {1, 2, 10, 11}) {
      assertEquals(0.02f, settings.learningRates(10).getNewValue(step), 1e-9f, "step " + step);
    }
  }

  @Test
  void theRateRisesAndFalls() {
    AdamSettings settings = new AdamSettings(1, 0.9, 0.95, 0, 0.25, 0, 0.1);
    float[] rates = new float[20];
    for (int step = 1; step <= 20; step++) {
      rates[step - 1] = settings.learningRates(20).getNewValue(step);
    }
    assertArrayEquals(new float[] {0, 0.2f, 0.4f, 0.6f, 0.8f, 1}, Arrays.copyOf(rates, 6), 1e-6f);
    for (int past = 6; past < 20; past++) {
      double cosine = (1 + Math.cos(Math.PI * (past - 5) / 15)) / 2;
      assertEquals(0.1 + 0.9 * cosine, rates[past], 1e-6, "step " + (past + 1));
    }
    assertEquals(0.1f, settings.learningRates(20).getNewValue(21), 1e-6f);
  }

  @Test
  void theRateStaysAfterAWarmUpOfAllSteps() {
    AdamSettings settings = new AdamSettings(1, 0.9, 0.95, 0, 0.5, 0, 0.1);
    assertEquals(0, settings.learningRates(1).getNewValue(1));
    assertEquals(1, settings.learningRates(1).getNewValue(2));
  }

  @Test
  void annealedRatesFall() {
    AdamSettings constant = new AdamSettings(1, 0.9, 0.95, 0.1, 0.25, 1, 1);
    assertEquals(new AdamSettings(1, 0.9, 0.95, 0.1, 0.25, 1, 0), constant.annealed());
    AdamSettings falling = new AdamSettings(1, 0.9, 0.95, 0.1, 0.25, 1, 0.1);
    assertEquals(falling, falling.annealed());
    assertEquals(
        new SgdSettings(0.1, 0.9, 1e-4, Decay.COSINE),
        new SgdSettings(0.1, 0.9, 1e-4, Decay.CONSTANT).annealed());
    SgdSettings steps = new SgdSettings(0.1, 0.9, 1e-4, Decay.STEPS);
    assertEquals(steps, steps.annealed());
  }

  @Test
  void badNumbersAreRefusedByName() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new AdamSettings(0, 0.9, 0.95, 0, 0.25, 0, 0.1))
            .getMessage();
    assertTrue(message.contains("Adam's learningRate must be a finite number above 0"), message);
    assertThrows(
        IllegalArgumentException.class, () -> new AdamSettings(1, 0.9, 0.95, 0, 1, 0, 0.1));
    for (double[] bad :
        new double[][] {
          {0, 0, 0}, {1 / 0.0, 0, 0}, {1, 1, 0}, {1, Double.NaN, 0}, {1, 0, -1}, {1, 0, 1 / 0.0}
        }) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new SgdSettings(bad[0], bad[1], bad[2], Decay.COSINE));
    }
    assertThrows(NullPointerException.class, () -> new SgdSettings(1, 0, 0, null));
  }
}
