package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.cell.Constant;

/**
 * Sums the loss and the number of correct predictions over batches, to give their {@link Score}.
 * The sums are kept on the device of the network, so that Java waits for a GPU only when the score
 * is read.
 */
public final class RunningScore implements AutoCloseable {

  /** [2], float32: the sum of the losses of all examples, and the number of correct predictions. */
  private final NDArray sums;

  /** The number of examples. */
  private long examples;

  /**
   * Creates sums of 0, with no batches yet.
   *
   * @param manager the manager that will own the sums, on its device
   */
  public RunningScore(NDManager manager) {
    sums = manager.zeros(new Shape(2), DataType.FLOAT32);
  }

  /**
   * Adds a batch. Its predictions are counted as correct or not if the scores are {@code [batch,
   * classes]} and the labels are class indices, one for each example. With other shapes, as those
   * of a regression, the accuracy becomes NaN.
   *
   * @param loss the mean loss over the batch, a scalar
   * @param scores the network's output, {@code [batch, …]}
   * @param labels the labels
   */
  void add(NDArray loss, NDArray scores, NDArray labels) {
    Shape shape = scores.getShape();
    long batch = shape.get(0);
    NDArray right = Constant.of(sums, Double.NaN);
    if (shape.dimension() == 2 && shape.get(1) > 1 && labels.size() == batch) {
      NDArray answers = labels.flatten().toType(DataType.INT64, false);
      NDArray same = scores.stopGradient().argMax(1).eq(answers);
      right = same.toType(DataType.FLOAT32, false).sum();
    }
    sums.addi(NDArrays.stack(new NDList(loss.stopGradient().mul(Constant.of(loss, batch)), right)));
    examples += batch;
  }

  /** {@return the score over all batches added so far; on a GPU this waits for the device} */
  public Score score() {
    float[] values = sums.toFloatArray();
    return new Score(values[0] / examples, values[1] / examples, examples);
  }

  @Override
  public void close() {
    sums.close();
  }
}
