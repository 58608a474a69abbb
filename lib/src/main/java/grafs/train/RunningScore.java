package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.cell.Constant;

/**
 * Sums the loss and the number of correct predictions over batches. From the sums it computes the
 * {@link Score} of these batches: mean loss and accuracy. The sums are kept on the device of the
 * network, so that Java waits for a GPU only when the score is read.
 */
public final class RunningScore implements AutoCloseable {

  /**
   * The sum of the losses of all examples, and the number of correct predictions. Shape [2],
   * float32.
   */
  private final NDArray sums;

  /** The number of examples in all batches added so far. */
  private long examples;

  /**
   * Creates sums of 0, with no batches yet.
   *
   * @param manager the manager that will own the sums; its device holds them
   */
  public RunningScore(NDManager manager) {
    sums = manager.zeros(new Shape(2), DataType.FLOAT32);
  }

  /**
   * Adds a batch. Correct predictions are counted if the network's output has the shape {@code
   * [batch, classes]} with two or more classes, there is one label for each example, and each label
   * is a class index: a whole number from 0 to classes − 1. Otherwise, as in most regressions, the
   * accuracy of all batches together becomes NaN.
   *
   * @param loss the mean loss over the batch, a scalar
   * @param scores the network's output, {@code [batch, …]}
   * @param labels the labels of the batch
   */
  void add(NDArray loss, NDArray scores, NDArray labels) {
    Shape shape = scores.getShape();
    long batch = shape.get(0);
    NDArray right = Constant.of(sums, Double.NaN);
    if (shape.dimension() == 2 && shape.get(1) > 1 && labels.size() == batch) {
      NDArray given = labels.flatten();
      NDArray answers = given.toType(DataType.INT64, false);
      NDArray inRange =
          answers.maximum(Constant.of(answers, 0)).minimum(Constant.of(answers, shape.get(1) - 1));
      NDArray same = scores.stopGradient().argMax(1).eq(answers).toType(DataType.FLOAT32, false);
      right = NDArrays.where(inRange.eq(given), same, right).sum();
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
