package grafs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import grafs.Seed;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that {@link WeightOptimizer} clips gradients by the norm of the gradients of all weights
 * together.
 *
 * <p>The build runs tests with the tag {@code likeGpu} a second time, with the system property
 * {@code grafs.likeGpu=true}. Then the CPU executes the code that is meant for GPUs.
 */
@Tag("likeGpu")
@ExtendWith(Seed.class)
class GradientClippingTest {

  private final long seed = Seed.get();

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  @Test
  void gradientsAreClippedByTheirNormTogether() {
    // The weights are 0 at first, so that the rounding error of a step is relative to the size of
    // the gradients and not to that of the weights.
    for (double scale : new double[] {10, 1e-3}) {
      PairList<String, NDArray> own = RandomWeights.weights(manager, new Random(seed));
      own.values().forEach(weight -> weight.stopGradient().subi(weight.duplicate()));
      WeightOptimizer clipped =
          new WeightOptimizer(own, Tracker.fixed(1f), 1.5, List.of()) {
            @Override
            protected void move(
                String name, NDArray weight, NDArray gradient, float rate, float factor) {
              weight.stopGradient().subi(gradient.mul(rate * factor));
              gradient.subi(gradient.duplicate());
            }

            @Override
            protected NDArray derivative(
                String name, NDArray weight, NDArray gradient, float rate) {
              return manager.create(rate);
            }
          };
      try (clipped) {
        RandomWeights.backward(manager, own, new Random(seed + 1));
        own.values().forEach(weight -> weight.getGradient().muli(scale));
        double norm = norm(own.values().stream().map(NDArray::getGradient).toList()) / 2;
        double expected = Math.min(1, 1.5 / (norm + 1e-6));
        // The norm of 19 numbers from N(0, 1) is far above 1.5 if they are multiplied by 10, and
        // far below if they are multiplied by 1e-3.
        assertEquals(scale > 1, expected < 1, "norm " + norm);
        double factor = clipped.derivatives(2).head().getFloat();
        clipped.step(2);
        // The sum of 19 squares and eight more operations are computed in float32, each with a
        // relative error of at most 2⁻²⁴.
        double tolerance = (19 + 8) * 0x1p-24;
        assertEquals(expected, factor, tolerance * expected);
        assertEquals(expected * norm, norm(own.values()), tolerance * expected * norm);
      }
    }
  }

  /**
   * If the norm of the gradient overflows float32, a step must leave the weights unchanged, and
   * later steps must work.
   */
  @Test
  void aNormThatOverflowsIsClippedToZero() {
    NDArray w = manager.create(new float[] {1, 1});
    w.setRequiresGradient(true);
    PairList<String, NDArray> weights = new PairList<>();
    weights.add("w", w);
    WeightOptimizer adam =
        new AdamOptimizer(weights, RandomWeights.RATE, new AdamSettings(1, 0.9, 0.999, 0, 0, 1, 1));
    RandomWeights.backward(w, manager.create(new float[] {1e20f, 1}));
    adam.step(1);
    assertArrayEquals(new float[] {1, 1}, w.toFloatArray());
    RandomWeights.backward(w, manager.create(new float[] {0.5f, 0.5f}));
    adam.step(1);
    assertTrue(w.toFloatArray()[0] < 0.99, "the weight moves again: " + w);
    assertEquals(w.toFloatArray()[1], w.toFloatArray()[0]);
  }

  private static double norm(List<NDArray> arrays) {
    double squares = 0;
    for (NDArray array : arrays) {
      for (float number : array.toFloatArray()) {
        squares += (double) number * number;
      }
    }
    return Math.sqrt(squares);
  }
}
