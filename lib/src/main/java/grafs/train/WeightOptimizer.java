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
 * An optimizer that trains a network's weights by gradient descent, with PyTorch's formulas. {@link
 * OptimizerSettings#optimizer} creates it. It differs in three ways from the optimizers of DJL
 * itself:
 *
 * <ul>
 *   <li>Its complete state can be read and set, so that a training resumed from a checkpoint ends
 *       with the same weights, bit for bit, as a training without interruption.
 *   <li>Its next step can be differentiated with respect to the gradients, which a second-order
 *       architecture search requires (Liu et al. 2019, DARTS, section 2.3).
 *   <li>It computes PyTorch's formulas. In DJL's formulas, the momentum contains the learning rate,
 *       and Adam's ε is added before the bias correction.
 * </ul>
 */
public abstract class WeightOptimizer implements AutoCloseable {

  /**
   * A small number that is added to the norm of the gradients when the clipping factor is computed,
   * as PyTorch does.
   */
  private static final double NORM_EPSILON = 1e-6;

  private final PairList<String, NDArray> weights;
  private final Tracker learningRate;
  private final double clip;
  private final NDManager manager;
  private final Map<String, NDArray> state = new LinkedHashMap<>();

  /** The number of steps taken. */
  private int steps;

  /**
   * Creates an optimizer whose state arrays are 0.
   *
   * @param weights the weights by name, at least one; their gradients are in {@link
   *     NDArray#getGradient}
   * @param learningRate a function from the number of a step, counted from 1, to the learning rate
   * @param clip the largest norm c of the gradient of all weights together; 0 for no clipping. A
   *     step multiplies the gradient by min(1, c / (norm + 1e-6)), as PyTorch's {@code
   *     clip_grad_norm_} does. If the norm overflows float32, it counts as infinite
   * @param averages the names of the optimizer's state arrays, such as {@code momentum}; for each
   *     name, each weight has an array of the weight's shape
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
   * {@return the state arrays, such as running means of gradients, not copies. The name of each
   * array consists of the name of the state and that of the weight, such as {@code
   * momentum/01Conv_weight}. Together with {@link #steps} these arrays are the complete state of
   * the optimizer}
   */
  public final Map<String, NDArray> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * Sets the number of steps taken, to resume from a saved state. The caller must also set the
   * arrays of {@link #state}.
   *
   * @param steps the number of steps taken when the state was saved
   */
  public final void resume(int steps) {
    this.steps = steps;
  }

  /**
   * Takes a step: updates the weights by the mean gradient of some batches, and sets the gradients
   * to 0.
   *
   * @param batches the number of batches over which the gradients have been summed
   */
  public final void step(int batches) {
    steps++;
    float rate = rate(steps);
    // On a CPU the clipping factor is a part of the scale, by which the step multiplies the
    // gradients. The factor depends on the norm of the gradients. Reading the norm from a GPU would
    // block Java, so scaleThere computes and applies the factor on the device.
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
   * @return the learning rate
   */
  protected final float rate(int step) {
    return learningRate.getNewValue(step);
  }

  /**
   * Multiplies the summed gradients by the clipping factor min(1, c / (norm / batches + 1e-6)),
   * where norm is the norm of the summed gradients, and c is the largest norm given to the
   * constructor. All operations run on the device, so that Java does not wait for a GPU to compute
   * the norm.
   */
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

  /** Returns the sum of the squares of all gradients, a scalar on the device. */
  private NDArray sumOfSquares() {
    return NDArrays.stack(
            new NDList(weights.values().stream().map(w -> w.getGradient().square().sum()).toList()))
        .sum();
  }

  /**
   * Returns the factor, at most 1, by which clipping multiplies the mean gradient. Reads the norm
   * of the gradients from the device.
   *
   * @param batches the number of batches over which the gradients have been summed
   */
  private double factor(int batches) {
    if (clip == 0) {
      return 1;
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double squares = sumOfSquares().toType(DataType.FLOAT64, false).getDouble();
      double norm = Math.sqrt(squares) / batches + NORM_EPSILON;
      // If the norm overflows float32, it is infinite and the factor is 0, as in PyTorch. NaN or
      // infinite gradients make the weights NaN. The training then throws an exception, because its
      // loss is NaN.
      return norm > clip ? clip / norm : 1;
    }
  }

  /**
   * Returns the derivative of the next step with respect to the gradient. If the next step is w ← w
   * − s(g), where g is the mean gradient of some batches, the derivative is ds/dg. It is computed
   * element by element, because each element of s depends only on the same element of g. The
   * clipping factor, which depends on all elements, is treated as a constant. State, weights and
   * gradients do not change.
   *
   * @param batches the number of batches over which the gradients have been summed
   * @return for each weight, in order, an array of the weight's shape or a scalar; the arrays
   *     belong to the caller's {@link NDScope}
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
   * Updates one weight and its state arrays, and sets its gradient to 0.
   *
   * @param name the weight's name
   * @param weight the weight; changed
   * @param gradient the sum of the gradients of some batches; set to 0
   * @param rate the learning rate of this step
   * @param scale the factor by which the gradient must be multiplied first; it contains the
   *     division by the number of batches, and on a CPU the clipping factor
   */
  protected abstract void move(
      String name, NDArray weight, NDArray gradient, float rate, float scale);

  /**
   * Returns the derivative of one weight's next step with respect to its gradient, as {@link
   * #derivatives} defines it.
   *
   * @param name the weight's name
   * @param weight the weight
   * @param gradient the weight's mean gradient g, after clipping
   * @param rate the learning rate of the next step
   * @return ds/dg, an array of the weight's shape or a scalar
   */
  protected abstract NDArray derivative(String name, NDArray weight, NDArray gradient, float rate);

  /**
   * Returns a state array of a weight.
   *
   * @param average the name of the state, such as {@code momentum}; one of the names given to the
   *     constructor
   * @param weight the weight's name
   * @return the array itself, not a copy
   */
  protected final NDArray state(String average, String weight) {
    return state.get(average + "/" + weight);
  }

  /** Frees the state arrays. If this is not called, they are freed together with the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
