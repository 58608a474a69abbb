package grafs.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.util.Random;

/** Makes random weights and gradients for tests of {@link WeightOptimizer}. */
final class RandomWeights {

  /** A schedule of the learning rate: 0.1 divided by the number of the step, counted from 1. */
  static final Tracker RATE = step -> 0.1f / step;

  private RandomWeights() {}

  /**
   * Returns two weights with elements drawn from N(0, 1): "matrix" of shape [3, 4] and "vector" of
   * shape [7].
   */
  static PairList<String, NDArray> weights(NDManager manager, Random random) {
    PairList<String, NDArray> weights = new PairList<>();
    weights.add("matrix", leaf(manager, random, new Shape(3, 4)));
    weights.add("vector", leaf(manager, random, new Shape(7)));
    return weights;
  }

  private static NDArray leaf(NDManager manager, Random random, Shape shape) {
    NDArray array = manager.create(normal(random, shape), shape);
    array.setRequiresGradient(true);
    return array;
  }

  private static float[] normal(Random random, Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Adds numbers drawn from N(0, 1) to the gradients of the weights, by a backward pass. */
  static void backward(NDManager manager, PairList<String, NDArray> weights, Random random) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      for (NDArray weight : weights.values()) {
        NDArray g = manager.create(normal(random, weight.getShape()), weight.getShape());
        collector.backward(weight.mul(g).sum());
      }
    }
  }

  /** Adds the given gradient to the gradient of a weight, by a backward pass. */
  static void backward(NDArray w, NDArray gradient) {
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(w.mul(gradient).sum());
    }
  }
}
