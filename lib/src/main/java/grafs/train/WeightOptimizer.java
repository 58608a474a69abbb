package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import grafs.cell.Constant;
import grafs.cell.Host;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A gradient-descent optimizer of some weights, by PyTorch's formulas. Its whole state can be seen,
 * saved and restored, so that a run which was broken off goes on bit for bit, and its next step can
 * be differentiated, as an unrolled step must be. DJL's own optimizers hide both, and their
 * formulas are others: learning rate inside the momentum, ε before Adam's bias correction.
 */
public abstract class WeightOptimizer implements AutoCloseable {

  /** Added to the norm of gradients that are clipped. */
  private static final double NORM_EPSILON = 1e-6;

  private final PairList<String, NDArray> weights;
  private final Tracker learningRate;
  private final double clip;
  private final NDManager manager;
  private final Map<String, NDArray> state = new LinkedHashMap<>();
  private int steps;

  /**
   * Creates an optimizer with all state zero.
   *
   * @param weights the weights by name, at least one; their gradients are looked for at them
   * @param learningRate the learning rate of each step, from step 1
   * @param clip the largest norm c of the gradients of all weights together: a step multiplies them
   *     by min(1, c / (norm + 1e-6)), as {@code clip_grad_norm_} does; 0 for any norm
   * @param averages what is kept for each weight, an array of its shape each
   */
  protected WeightOptimizer(
      PairList<String, NDArray> weights, Tracker learningRate, double clip, String... averages) {
    this.weights = weights;
    this.learningRate = learningRate;
    this.clip = clip;
    manager = weights.valueAt(0).getManager().newSubManager();
    for (String average : averages) {
      for (Pair<String, NDArray> weight : weights) {
        NDArray array = weight.getValue();
        NDArray zeros = manager.zeros(array.getShape(), array.getDataType(), array.getDevice());
        NDScope.unregister(zeros);
        state.put(key(average, weight.getKey()), zeros);
      }
    }
  }

  private static String key(String average, String weight) {
    return average + "/" + weight;
  }

  /** {@return the weights that it moves, by name} */
  public final PairList<String, NDArray> weights() {
    return weights;
  }

  /** {@return the number of steps taken} */
  public final int steps() {
    return steps;
  }

  /**
   * {@return what it remembers of past gradients, the arrays themselves and not copies, by names
   * such as {@code momentum/01Conv_weight}; with {@link #steps} this is all of its state}
   */
  public final Map<String, NDArray> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * Goes back, or on, to a state that was saved.
   *
   * @param steps the steps taken by then
   * @param state the values of {@link #state} by then; they are copied
   * @throws IllegalArgumentException if they do not belong to an optimizer of this kind over such
   *     weights
   */
  public final void restore(int steps, Map<String, NDArray> state) {
    if (!state.keySet().equals(this.state.keySet())) {
      throw new IllegalArgumentException(
          "the saved optimizer has the state "
              + state.keySet()
              + ", but that of this one is "
              + this.state.keySet());
    }
    this.state.forEach(
        (name, array) -> {
          NDArray saved = state.get(name);
          if (!saved.getShape().equals(array.getShape())) {
            throw new IllegalArgumentException(
                "the saved optimizer's %s has the shape %s, but here it is %s"
                    .formatted(name, saved.getShape(), array.getShape()));
          }
        });
    this.steps = steps;
    this.state.forEach((name, array) -> array.set(new NDIndex(":"), state.get(name)));
  }

  /** Moves the weights along their gradients and clears these. */
  public final void step() {
    step(1);
  }

  /**
   * Moves the weights along the mean of the gradients of several batches, which have been added up
   * at the weights, and clears these.
   *
   * @param batches the number of batches
   */
  public final void step(int batches) {
    steps++;
    float rate = rate(steps);
    boolean atHand = clip == 0 || Host.reaches(weights.valueAt(0).getDevice());
    float scale = (float) ((atHand ? factor(batches) : 1) / batches);
    if (!atHand) {
      scaleThere(batches);
    }
    for (Pair<String, NDArray> weight : weights) {
      try (NDArray gradient = weight.getValue().getGradient()) {
        move(weight.getKey(), weight.getValue(), gradient, rate, scale);
      }
    }
  }

  /**
   * Tells the learning rate.
   *
   * @param step the step, from 1
   * @return its learning rate
   */
  protected final float rate(int step) {
    return learningRate.getNewValue(step);
  }

  /** Scales gradients down that are together too large, without waiting for their norm. */
  private void scaleThere(int batches) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray norm = sumOfSquares().sqrt();
      NDArray most = Constant.of(norm, clip * batches);
      NDArray own = norm.add(Constant.of(norm, NORM_EPSILON * batches));
      NDArray factor = most.div(own.maximum(most));
      weights.values().forEach(weight -> weight.getGradient().muli(factor));
    }
  }

  private NDArray sumOfSquares() {
    NDList squares = new NDList();
    for (NDArray weight : weights.values()) {
      squares.add(weight.getGradient().square().sum());
    }
    return NDArrays.stack(squares).sum();
  }

  /** By what the mean of gradients that were added up is to be multiplied, at most 1. */
  private double factor(int batches) {
    if (clip == 0) {
      return 1;
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double squares = sumOfSquares().toType(DataType.FLOAT64, false).getDouble();
      double norm = Math.sqrt(squares) / batches + NORM_EPSILON;
      // A norm that is not finite is left to the check of the loss.
      return norm > clip && Double.isFinite(norm) ? clip / norm : 1;
    }
  }

  /**
   * Tells by how much the next step changes with the gradients that it takes.
   *
   * <p>Every optimizer here treats weights element by element. For w′ = w − s(g), with the gradient
   * g at the weights now, this is ds/dg. Where gradients are clipped, the factor counts as given.
   *
   * @param batches the number of batches whose gradients have been added up; g is their mean
   * @return for each weight an array of its shape, or a scalar; they belong to the caller's {@link
   *     NDScope}
   */
  public final NDList derivatives(int batches) {
    float rate = rate(steps + 1);
    double factor = factor(batches);
    NDList derivatives = new NDList();
    for (Pair<String, NDArray> weight : weights) {
      try (NDArray gradient = weight.getValue().getGradient();
          NDArray mean = gradient.mul(factor / batches)) {
        NDArray own = derivative(weight.getKey(), weight.getValue(), mean, rate);
        derivatives.add(factor == 1 ? own : own.mul((float) factor));
      }
    }
    return derivatives;
  }

  /**
   * Moves one weight and clears its gradient.
   *
   * @param name the weight's name
   * @param weight the weight; changed
   * @param gradient its gradient
   * @param rate the learning rate of this step
   * @param scale what the gradient is to be multiplied by
   */
  protected abstract void move(
      String name, NDArray weight, NDArray gradient, float rate, float scale);

  /**
   * The derivative of one weight's next step.
   *
   * @param name the weight's name
   * @param weight the weight
   * @param gradient its gradient
   * @param rate the learning rate of the next step
   * @return ds/dg, of the weight's shape or a scalar
   */
  protected abstract NDArray derivative(String name, NDArray weight, NDArray gradient, float rate);

  /**
   * Looks up state.
   *
   * @param average what is kept
   * @param weight the weight's name
   * @return the array that is kept
   */
  protected final NDArray state(String average, String weight) {
    return state.get(key(average, weight));
  }

  /** Frees the state; without this it is freed with the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
