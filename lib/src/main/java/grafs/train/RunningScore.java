package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.cell.Constant;

/**
 * Sums loss and right answers over batches, on the device: the host waits for it only when the
 * score is read.
 */
public final class RunningScore implements AutoCloseable {

  private final NDArray sums;
  private long examples;

  /**
   * Creates an empty tally.
   *
   * @param manager the manager that owns the sums; they live on its device
   */
  public RunningScore(NDManager manager) {
    sums = manager.zeros(new Shape(2), DataType.FLOAT32);
  }

  /**
   * Adds a batch: mean loss, scores [batch, classes], labels [batch] or [batch, 1]; of a regression
   * scores and labels [batch, numbers], which are never right or wrong: its accuracy is NaN.
   */
  void add(NDArray loss, NDArray scores, NDArray labels) {
    long batch = scores.getShape().get(0);
    boolean classes =
        scores.getShape().dimension() == 2
            && scores.getShape().get(1) > 1
            && labels.size() == batch;
    NDArray right =
        classes
            ? scores
                .stopGradient()
                .argMax(1)
                .eq(labels.flatten().toType(DataType.INT64, false))
                .toType(DataType.FLOAT32, false)
                .sum()
            : Constant.of(sums, Double.NaN);
    sums.addi(NDArrays.stack(new NDList(loss.stopGradient().mul(Constant.of(loss, batch)), right)));
    examples += batch;
  }

  /** {@return the score of all that was added; reads from the device} */
  public Score score() {
    float[] values = sums.toFloatArray();
    return new Score(values[0] / examples, values[1] / examples, examples);
  }

  @Override
  public void close() {
    sums.close();
  }
}
