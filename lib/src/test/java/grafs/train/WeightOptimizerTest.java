package grafs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import grafs.Seed;
import grafs.train.SgdSettings.Decay;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests {@link WeightOptimizer} and its subclasses: saved and restored state, gradients summed over
 * batches, the derivative of a step, schedules of the learning rate, and memory.
 *
 * <p>The build runs tests with the tag {@code likeGpu} a second time, with the system property
 * {@code grafs.likeGpu=true}. Then the CPU executes the code that is meant for GPUs.
 */
@Tag("likeGpu")
@ExtendWith(Seed.class)
class WeightOptimizerTest {

  private final long seed = Seed.get();

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  /**
   * A kind of optimizer.
   *
   * @param name the name of the kind, for messages
   * @param ours makes an optimizer of this kind for the given weights
   */
  private record Kind(String name, Function<PairList<String, NDArray>, WeightOptimizer> ours) {

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind(
            "SGD",
            weights ->
                new SgdOptimizer(
                    weights, RandomWeights.RATE, new SgdSettings(1, 0, 1e-2, Decay.CONSTANT))),
        new Kind(
            "momentum",
            weights ->
                new SgdOptimizer(
                    weights, RandomWeights.RATE, new SgdSettings(1, 0.9, 1e-2, Decay.CONSTANT))),
        new Kind(
            "Adam",
            weights ->
                new AdamOptimizer(
                    weights, RandomWeights.RATE, new AdamSettings(1, 0.5, 0.999, 0, 0, 0, 1))),
        new Kind(
            "AdamW",
            weights ->
                new AdamOptimizer(
                    weights, RandomWeights.RATE, new AdamSettings(1, 0.9, 0.95, 0.1, 0, 0, 1))));
  }

  /** Asserts that each weight differs from the expected one by at most the tolerance. */
  private void assertSame(
      PairList<String, NDArray> expected, PairList<String, NDArray> actual, float tolerance) {
    for (Pair<String, NDArray> weight : expected) {
      assertArrayEquals(
          weight.getValue().toFloatArray(),
          actual.get(weight.getKey()).toFloatArray(),
          tolerance,
          weight.getKey() + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnFromSavedStateBitForBit(Kind kind) {
    Random gradients = new Random(seed);
    PairList<String, NDArray> unbroken = RandomWeights.weights(manager, new Random(seed));
    WeightOptimizer first = kind.ours().apply(unbroken);
    for (int step = 0; step < 10; step++) {
      RandomWeights.backward(manager, unbroken, gradients);
      first.step(1);
    }
    PairList<String, NDArray> resumed = new PairList<>();
    for (Pair<String, NDArray> weight : unbroken) {
      NDArray copy = weight.getValue().duplicate();
      copy.setRequiresGradient(true);
      resumed.add(weight.getKey(), copy);
    }
    WeightOptimizer second = kind.ours().apply(resumed);
    first.state().forEach((name, array) -> array.copyTo(second.state().get(name)));
    second.resume(first.steps());
    for (int step = 0; step < 10; step++) {
      long next = gradients.nextLong();
      RandomWeights.backward(manager, unbroken, new Random(next));
      first.step(1);
      RandomWeights.backward(manager, resumed, new Random(next));
      second.step(1);
      assertSame(unbroken, resumed, 0);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stepsAlongTheMeanOfSeveralBatches(Kind kind) {
    PairList<String, NDArray> one = RandomWeights.weights(manager, new Random(seed));
    PairList<String, NDArray> four = RandomWeights.weights(manager, new Random(seed));
    WeightOptimizer once = kind.ours().apply(one);
    WeightOptimizer accumulated = kind.ours().apply(four);
    for (int step = 0; step < 5; step++) {
      long own = seed + step;
      RandomWeights.backward(manager, one, new Random(own));
      once.step(1);
      for (int batch = 0; batch < 4; batch++) {
        RandomWeights.backward(manager, four, new Random(own));
      }
      accumulated.step(4);
      assertSame(one, four, 0);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void derivativeOfTheStepIsThatOfFiniteDifferences(Kind kind) {
    int n = 12;
    for (int past = 0; past < 3; past++) {
      double[] gradient = new Random(seed).doubles(n, 0.5, 2).toArray();
      double[] derivative = new double[n];
      double h = 1e-6;
      double[] more = gradient.clone();
      double[] less = gradient.clone();
      for (int i = 0; i < n; i++) {
        more[i] += h;
        less[i] -= h;
      }
      double[] up = step(kind, past, more, derivative);
      double[] down = step(kind, past, less, derivative);
      step(kind, past, gradient, derivative);
      for (int i = 0; i < n; i++) {
        double expected = -(up[i] - down[i]) / (2 * h);
        assertEquals(expected, derivative[i], 1e-8 + 1e-5 * Math.abs(expected), "seed " + seed);
      }
    }
  }

  /**
   * Takes steps in float64: first with random gradients, and at last one with the given gradient.
   *
   * @param kind the optimizer
   * @param past the number of steps with random gradients
   * @param gradient the gradient of the last step
   * @param derivative receives the derivative of the last step with respect to its gradient, as the
   *     optimizer computes it
   * @return the weights after the last step
   */
  private double[] step(Kind kind, int past, double[] gradient, double[] derivative) {
    Random random = new Random(seed);
    NDArray w = manager.create(random.doubles(gradient.length).toArray());
    w.setRequiresGradient(true);
    PairList<String, NDArray> weights = new PairList<>();
    weights.add("w", w);
    WeightOptimizer optimizer = kind.ours().apply(weights);
    for (int step = 0; step < past; step++) {
      RandomWeights.backward(w, manager.create(random.doubles(gradient.length, -1, 1).toArray()));
      optimizer.step(1);
    }
    RandomWeights.backward(w, manager.create(gradient));
    double[] found = optimizer.derivatives(1).head().broadcast(w.getShape()).toDoubleArray();
    System.arraycopy(found, 0, derivative, 0, found.length);
    optimizer.step(1);
    return w.toDoubleArray();
  }

  @Test
  void derivativeIsFiniteWhereTheGradientIsZero() {
    for (int past = 0; past < 3; past++) {
      NDArray w = manager.create(new float[] {0, 1, 1});
      w.setRequiresGradient(true);
      PairList<String, NDArray> weights = new PairList<>();
      weights.add("w", w);
      WeightOptimizer adam =
          new AdamOptimizer(
              weights, RandomWeights.RATE, new AdamSettings(1, 0.9, 0.999, 0, 0, 0, 1));
      for (int step = 0; step < past; step++) {
        RandomWeights.backward(w, manager.create(new float[] {0, 1e-25f, 1}));
        adam.step(1);
      }
      RandomWeights.backward(w, manager.create(new float[] {0, 1e-25f, 1}));
      for (float d : adam.derivatives(1).head().toFloatArray()) {
        assertTrue(Float.isFinite(d) && d >= 0, "ds/dg = " + d + " after " + past + " steps");
      }
    }
  }

  @Test
  void learningRatesFallAsStatedAndGoBack() {
    NDArray w = manager.create(new double[] {0});
    w.setRequiresGradient(true);
    PairList<String, NDArray> weights = new PairList<>();
    weights.add("w", w);
    // With Decay.STEPS the learning rate falls to a tenth after 50 % of the 200 steps, and to a
    // hundredth after 75 %.
    IntToDoubleFunction steps = step -> step <= 100 ? 1 : step <= 150 ? 0.1 : 0.01;
    IntToDoubleFunction cosine = step -> (1 + Math.cos(Math.PI * (step - 1) / 200)) / 2;
    Map.of(Decay.CONSTANT, step -> 1, Decay.STEPS, steps, Decay.COSINE, cosine)
        .forEach(
            (decay, rate) -> {
              WeightOptimizer sgd = new SgdSettings(1, 0, 0, decay).optimizer(weights, 200);
              for (int round = 0; round < 2; round++) {
                sgd.resume(0);
                for (int step = 1; step <= 200; step++) {
                  double before = w.getDouble();
                  RandomWeights.backward(w, manager.create(new double[] {1}));
                  sgd.step(1);
                  double move = before - w.getDouble();
                  assertEquals(rate.applyAsDouble(step), move, 1e-6, decay + ", step " + step);
                }
              }
            });
  }

  @Test
  void arraysDoNotPileUp() {
    PairList<String, NDArray> weights = RandomWeights.weights(manager, new Random(seed));
    WeightOptimizer adam =
        new AdamOptimizer(
            weights, RandomWeights.RATE, new AdamSettings(1, 0.9, 0.999, 1e-3, 0, 0, 1));
    Random random = new Random(seed);
    int before = 0;
    for (int step = 0; step < 200; step++) {
      RandomWeights.backward(manager, weights, random);
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        assertFalse(adam.derivatives(1).isEmpty());
      }
      adam.step(1);
      int arrays = manager.getManagedArrays().size();
      assertTrue(step < 1 || arrays == before, "from " + before + " to " + arrays + " arrays");
      before = arrays;
    }
  }
}
