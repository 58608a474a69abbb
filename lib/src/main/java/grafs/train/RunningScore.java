package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.cell.Constant;

/**
 * Sums the loss and the number of correct predictions over batches, on the device; the host waits
 * only when the score is read.
 */
public final class RunningScore implements AutoCloseable {

  private final NDArray sums;
  private long examples;

  /**
   * Creates a score of no batches yet.
   *
   * @param manager the manager that owns the sums; they live on its device
   */
  public RunningScore(NDManager manager) {
    sums = manager.zeros(new Shape(2), DataType.FLOAT32);
  }

  /**
   * Adds a batch by its mean loss, scores and labels. A classification has scores {@code [batch,
   * classes]} and labels {@code [batch]} or {@code [batch, 1]}. With other shapes, as for a
   * regression, the accuracy is NaN.
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

  /** {@return the score over all batches added so far; reads from the device} */
  public Score score() {
    float[] values = sums.toFloatArray();
    return new Score(values[0] / examples, values[1] / examples, examples);
  }

  @Override
  public void close() {
    sums.close();
  }
}
