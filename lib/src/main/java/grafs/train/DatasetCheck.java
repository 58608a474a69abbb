package grafs.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.data.DatasetBatches;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;

/**
 * Checks a data set for values with which a training fails: non-finite numbers (NaN or infinite),
 * and labels that the loss does not accept. {@link #require} checks a user's data set before any
 * training. {@link #nonFinite} is called when a loss has become non-finite during a training, to
 * find out whether numbers in the data are the cause.
 */
public final class DatasetCheck {

  private DatasetCheck() {}

  /**
   * Checks all examples of a data set.
   *
   * @param data the data set, after {@code prepare()}
   * @param batchSize the number of examples that are read and checked at once
   * @param loss the loss that compares the network's output with the labels
   * @param output the shape of the network's output for a batch of any size, such as {@code [batch,
   *     classes]}
   * @throws IllegalArgumentException if a number of the data or labels is NaN or infinite, an
   *     example has no array of labels or several, or labels have a shape or value that the loss
   *     does not accept; the message says what is wrong, and for a wrong number also in which
   *     example it is
   * @throws UncheckedIOException if the data cannot be read
   * @throws CancellationException if the thread was interrupted
   */
  public static void require(RandomAccessDataset data, int batchSize, Loss loss, Shape output) {
    LabelRule rule = LabelRule.of(loss);
    boolean reversed = DatasetBatches.reverses(data);
    long done = 0;
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      for (Batch batch : DatasetBatches.inOrder(data, batchSize).epoch(manager, 0)) {
        try (batch) {
          Progress.stopIfInterrupted(() -> "interrupted while the data were checked");
          long first = done;
          done += batch.getSize();
          long last = done - 1;
          // If the data set is a part of an ArrayDataset, as DJL's randomSplit returns it, DJL
          // reads the examples of each batch in descending order of their indices in the part.
          require(batch, i -> reversed ? last - i : first + i, rule, output);
        }
      }
    }
  }

  /**
   * Checks a batch. Example i of the batch has the index {@code index.applyAsLong(i)} in the data
   * set; messages show this index.
   */
  private static void require(Batch batch, IntToLongFunction index, LabelRule rule, Shape output) {
    Optional<String> found = nonFinite(batch, index);
    if (found.isPresent()) {
      throw new IllegalArgumentException(
          found.get()
              + ": replace non-finite numbers, or leave out the examples or columns that have"
              + " them");
    }
    if (batch.getLabels().size() != 1) {
      throw new IllegalArgumentException(
          "an example has %d arrays of labels, not one: give one, such as by optLabels(labels)"
              .formatted(batch.getLabels().size()));
    }
    NDArray labels = batch.getLabels().head();
    long size = labels.getShape().get(0);
    Shape scores = new Shape(size).addAll(output.slice(1));
    rule.requireShape(scores, labels.getShape());
    double[] values = labels.toType(DataType.FLOAT64, false).toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      Optional<String> fault = rule.fault(values[i], output.get(output.dimension() - 1));
      if (fault.isPresent()) {
        throw new IllegalArgumentException(
            "the label of example %d (counted from 0) is %s"
                .formatted(index.applyAsLong((int) (i / (values.length / size))), fault.get()));
      }
    }
  }

  /**
   * Finds the first non-finite number (NaN or infinite) of a batch. Data are searched before
   * labels.
   *
   * @param batch a batch
   * @param index maps an example's index in the batch, counted from 0, to the number by which the
   *     description calls this example
   * @return a description such as {@code example 17 has NaN in column 3 of its data (counted from
   *     0)}; empty if all numbers are finite
   */
  public static Optional<String> nonFinite(Batch batch, IntToLongFunction index) {
    return Stream.concat(
            batch.getData().stream().flatMap(array -> nonFinite("data", array, index).stream()),
            batch.getLabels().stream().flatMap(array -> nonFinite("labels", array, index).stream()))
        .findFirst();
  }

  /**
   * Finds the first non-finite number of an array.
   *
   * @param what {@code data} or {@code labels}, for the description
   * @param array the array, [batch, …]
   * @param index maps an example's index in the batch, counted from 0, to the number by which the
   *     description calls this example
   * @return the description; empty if all numbers are finite or the array's type is no
   *     floating-point type
   */
  private static Optional<String> nonFinite(String what, NDArray array, IntToLongFunction index) {
    if (!array.getDataType().isFloating()) {
      return Optional.empty();
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray numbers = array.stopGradient();
      // The shape is [number of non-finite numbers, number of the array's dimensions]: each row is
      // the index of one non-finite number.
      NDArray places = numbers.isNaN().logicalOr(numbers.isInfinite()).nonzero();
      if (places.isEmpty()) {
        return Optional.empty();
      }
      long[] place = places.get(0).toLongArray();
      String in =
          array.size() == array.getShape().get(0)
              ? "" // An example is a single number.
              : place.length == 2
                  ? "column " + place[1] + " of "
                  : "place %s of "
                      .formatted(Arrays.toString(Arrays.copyOfRange(place, 1, place.length)));
      return Optional.of(
          "example %d has %s in %sits %s (counted from 0)"
              .formatted(
                  index.applyAsLong((int) place[0]),
                  numbers.toType(DataType.FLOAT64, false).getDouble(place),
                  in,
                  what));
    }
  }
}
