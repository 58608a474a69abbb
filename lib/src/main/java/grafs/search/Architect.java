package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import grafs.op.Constant;
import grafs.train.Optimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the steps of α in a bilevel search: down the gradient of the validation loss, by first or
 * second order (Liu et al. 2019, section 2.3).
 *
 * <p>First order is ∇_α L_val(w, α) with the weights as they are. Second order is the gradient of
 * L_val(w′(α), α), where w′ = w − s(∇_w L_train(w, α)) is the step that the weights' own optimizer
 * would take next, with its momentum, weight decay and learning rate (equations 6 to 8):
 *
 * <pre>
 * ∇_α L_val(w′, α) − (∇_α L_train(w + εd, α) − ∇_α L_train(w − εd, α)) / 2ε
 * d = s′ ∘ ∇_w′ L_val(w′, α),  ε = 0.01 / ‖d‖
 * </pre>
 *
 * <p>s′ = ds/dg is the derivative of the optimizer's step by the gradient. For SGD, with or without
 * momentum and weight decay, that is its learning rate ξ, and this is the paper's equation 8. For
 * Adam it is the derivative of the whole step, its division by √v included. So second order is the
 * exact gradient of the unrolled loss up to the error of the finite difference, which is none where
 * ∇_α L_train is linear in w. What came before the step, such as momentum, counts as given.
 *
 * <p>A step changes α and the state of its optimizer, and nothing else: the weights, their
 * optimizer and the buffers are put back from copies, bit for bit. First order makes one pass with
 * the network as it is and leaves its buffers where that pass moved them.
 */
public final class Architect {

  /** How α sees that the weights will follow it. */
  public enum Order {
    /** Not at all: the weights are constants. One backward pass a step. */
    FIRST,
    /** By one step of their optimizer. Four backward passes a step, two of them for α only. */
    SECOND
  }

  /**
   * A loss on one batch, as a function of the weights and α at the time of the call.
   *
   * <p>Second order calls the training losses three times a step and subtracts gradients: what is
   * random in a loss must come out the same each time.
   */
  @FunctionalInterface
  public interface Loss {

    /**
     * Runs forward and backward: adds the loss's gradient to that of all weights and α that require
     * one at the time.
     */
    void backward();
  }

  /** The norm of the move by which the finite difference is taken, as in the paper. */
  private static final double MOVE = 0.01;

  private static final NDIndex ALL = new NDIndex(":");

  private final Order order;
  private final Optimizer alpha;
  private final Optimizer weights;
  private final List<NDArray> buffers;

  /**
   * Creates an architect.
   *
   * @param order the order of its gradient
   * @param alpha the optimizer of α
   * @param weights the optimizer of the weights, whose next step is unrolled; without gradients
   *     between the architect's steps
   * @param buffers what else a pass moves, such as running statistics of batch normalisation: the
   *     passes of second order, with weights that are not the network's, leave no trace in them
   */
  public Architect(Order order, Optimizer alpha, Optimizer weights, List<NDArray> buffers) {
    this.order = order;
    this.alpha = alpha;
    this.weights = weights;
    this.buffers = List.copyOf(buffers);
  }

  /**
   * Takes one step of α.
   *
   * @param training the training losses of the weights' next step, which takes their mean; not
   *     looked at by first order
   * @param validation the validation losses, of which the mean is taken
   */
  public void step(List<? extends Loss> training, List<? extends Loss> validation) {
    backward(training, validation);
    alpha.step();
  }

  /** Leaves the gradient at α; otherwise as {@link #step}. */
  void backward(List<? extends Loss> training, List<? extends Loss> validation) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      if (order == Order.SECOND) {
        second(training, validation);
      } else {
        follow(true, false);
        validation.forEach(Loss::backward);
        add(alpha, take(alpha, validation.size()));
      }
    } finally {
      follow(true, true);
    }
  }

  private void second(List<? extends Loss> training, List<? extends Loss> validation) {
    NDList before = copies(weights.weights().values());
    NDList statistics = copies(buffers);
    int steps = weights.steps();
    Map<String, NDArray> state = new LinkedHashMap<>();
    weights.state().forEach((name, array) -> state.put(name, array.duplicate()));
    NDList direction;
    NDList gradient;
    try {
      follow(false, true);
      training.forEach(Loss::backward);
      direction = weights.derivatives(training.size());
      weights.step(training.size());
      follow(true, true);
      validation.forEach(Loss::backward);
      gradient = take(alpha, validation.size());
      NDList change = take(weights, validation.size());
      direction = product(direction, change);
      double norm = norm(direction);
      if (norm > 0) {
        follow(true, false);
        NDList ahead = gradientAt(before, direction, MOVE / norm, training);
        NDList behind = gradientAt(before, direction, -MOVE / norm, training);
        for (int i = 0; i < gradient.size(); i++) {
          gradient.get(i).subi(ahead.get(i).sub(behind.get(i)).mul(norm / (2 * MOVE)));
        }
      }
      add(alpha, gradient);
    } finally {
      put(before, weights.weights().values());
      put(statistics, buffers);
      weights.restore(steps, state);
    }
  }

  /** ∇_α of the mean training loss at w + ε·d. */
  private NDList gradientAt(
      NDList before, NDList direction, double epsilon, List<? extends Loss> training) {
    put(before, weights.weights().values());
    for (int i = 0; i < direction.size(); i++) {
      weights.weights().valueAt(i).addi(direction.get(i).mul(epsilon));
    }
    training.forEach(Loss::backward);
    return take(alpha, training.size());
  }

  /** Chooses which of both levels autograd follows. */
  private void follow(boolean alpha, boolean weights) {
    this.alpha.weights().values().forEach(array -> array.setRequiresGradient(alpha));
    this.weights.weights().values().forEach(array -> array.setRequiresGradient(weights));
  }

  /** Takes the mean of several losses' gradients and clears them. */
  private static NDList take(Optimizer level, int losses) {
    NDList gradients = new NDList();
    for (NDArray array : level.weights().values()) {
      NDArray gradient = array.getGradient();
      gradients.add(gradient.div(Constant.of(gradient, losses)));
      gradient.set(ALL, Constant.of(gradient, 0));
    }
    return gradients;
  }

  private static void add(Optimizer level, NDList gradients) {
    for (int i = 0; i < gradients.size(); i++) {
      level.weights().valueAt(i).getGradient().addi(gradients.get(i));
    }
  }

  private static NDList product(NDList a, NDList b) {
    NDList product = new NDList();
    for (int i = 0; i < a.size(); i++) {
      product.add(a.get(i).mul(b.get(i)));
    }
    return product;
  }

  private static double norm(NDList arrays) {
    double squares = 0;
    for (NDArray array : arrays) {
      squares += array.square().sum().toType(DataType.FLOAT64, false).getDouble();
    }
    return Math.sqrt(squares);
  }

  private static NDList copies(List<NDArray> arrays) {
    NDList copies = new NDList();
    arrays.forEach(array -> copies.add(array.duplicate()));
    return copies;
  }

  private static void put(NDList copies, List<NDArray> arrays) {
    for (int i = 0; i < copies.size(); i++) {
      arrays.get(i).set(ALL, copies.get(i));
    }
  }
}
