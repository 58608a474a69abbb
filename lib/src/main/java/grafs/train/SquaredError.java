package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/**
 * The loss of a regression: the mean of (label − prediction)² over all numbers of all examples.
 * Predictions and labels must have equally many numbers, but their shapes may differ.
 *
 * <p>This class replaces DJL's {@code Loss.l2Loss()}. That loss multiplies by a constant and frees
 * the constant before the backward pass reads it, so that gradients may be wrong. DJL's other
 * losses have the same fault, except softmax cross-entropy with weight 1.
 */
public final class SquaredError extends Loss {

  /** Creates the loss. */
  public SquaredError() {
    super("SquaredError");
  }

  @Override
  public NDArray evaluate(NDList labels, NDList predictions) {
    NDArray prediction = predictions.singletonOrThrow();
    NDArray label = labels.singletonOrThrow().reshape(prediction.getShape());
    return label.sub(prediction).square().mean();
  }
}
