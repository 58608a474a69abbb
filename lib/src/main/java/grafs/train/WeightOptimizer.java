package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import grafs.cell.Constant;
import grafs.cell.Host;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A gradient-descent optimizer of some weights, by PyTorch's formulas. Its whole state can be read,
 * saved and restored, so that an interrupted run resumes with the same bits, and its next step can
 * be differentiated, as unrolled (second-order) search requires. DJL's own optimizers allow
 * neither, and use other formulas: the learning rate is inside the momentum, and ε is added before
 * Adam's bias correction.
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
   * @param weights the weights by name, at least one; each holds its own gradient
   * @param learningRate the learning rate of each step, from step 1
   * @param clip the largest norm c of the gradients of all weights together: a step multiplies them
   *     by min(1, c / (norm + 1e-6)), as {@code clip_grad_norm_} does; 0 for no clipping
   * @param averages the names of the state arrays of each weight, which have its shape, such as
   *     {@code momentum}
   */
  protected WeightOptimizer(
      PairList<String, NDArray> weights, Tracker learningRate, double clip, List<String> averages) {
    this.weights = weights;
    this.learningRate = learningRate;
    this.clip = clip;
    manager = weights.valueAt(0).getManager().newSubManager();
    for (String average : averages) {
      for (Pair<String, NDArray> weight : weights) {
        NDArray array = weight.getValue();
        NDArray zeros = manager.zeros(array.getShape(), array.getDataType(), array.getDevice());
        NDScope.unregister(zeros);
        state.put(average + "/" + weight.getKey(), zeros);
      }
    }
  }

  /** {@return the number of steps taken} */
  public final int steps() {
    return steps;
  }

  /**
   * {@return the state arrays, such as running means of gradients, themselves and not copies, by
   * names such as {@code momentum/01Conv_weight}; with {@link #steps} this is all of the
   * optimizer's state}
   */
  public final Map<String, NDArray> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * Continues after a number of steps; the caller has set the arrays of {@link #state}.
   *
   * @param steps the number of steps taken when the state was saved
   */
  public final void resume(int steps) {
    this.steps = steps;
  }

  /**
   * Updates the weights by the mean gradient of several batches, whose gradients have been summed,
   * and clears the gradients.
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
   * Returns the learning rate of a step.
   *
   * @param step the step, from 1
   * @return its learning rate
   */
  protected final float rate(int step) {
    return learningRate.getNewValue(step);
  }

  /** Clips the gradients on the device, so that the host does not wait for their norm. */
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
    return NDArrays.stack(
            new NDList(weights.values().stream().map(w -> w.getGradient().square().sum()).toList()))
        .sum();
  }

  /** Returns the clipping factor of the mean gradient, at most 1. */
  private double factor(int batches) {
    if (clip == 0) {
      return 1;
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double squares = sumOfSquares().toType(DataType.FLOAT64, false).getDouble();
      double norm = Math.sqrt(squares) / batches + NORM_EPSILON;
      // A non-finite norm is not clipped: the check of the loss reports it.
      return norm > clip && Double.isFinite(norm) ? clip / norm : 1;
    }
  }

  /**
   * Returns the derivative of the next step with respect to the gradients.
   *
   * <p>Every optimizer here treats weights element by element. For w′ = w − s(g), with g the
   * gradient at the current weights, this is ds/dg. The clipping factor is treated as a constant.
   *
   * @param batches the number of batches whose gradients have been summed; g is their mean
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
   * Updates one weight and clears its gradient.
   *
   * @param name the weight's name
   * @param weight the weight; changed
   * @param gradient its gradient
   * @param rate the learning rate of this step
   * @param scale the factor by which the gradient is multiplied
   */
  protected abstract void move(
      String name, NDArray weight, NDArray gradient, float rate, float scale);

  /**
   * Returns the derivative of one weight's next step with respect to its gradient.
   *
   * @param name the weight's name
   * @param weight the weight
   * @param gradient its gradient
   * @param rate the learning rate of the next step
   * @return ds/dg, of the weight's shape or a scalar
   */
  protected abstract NDArray derivative(String name, NDArray weight, NDArray gradient, float rate);

  /**
   * Looks up a state array of a weight.
   *
   * @param average the state array's name, as given to the constructor
   * @param weight the weight's name
   * @return the array itself, not a copy
   */
  protected final NDArray state(String average, String weight) {
    return state.get(average + "/" + weight);
  }

  /** Frees the state; without this it is freed with the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
