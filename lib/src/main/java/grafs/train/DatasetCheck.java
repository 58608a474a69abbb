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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;

/**
 * Checks a data set for values with which a training fails: non-finite numbers (NaN or infinite),
 * and labels that the loss does not accept. Data sets of users are checked before any training; the
 * check for non-finite numbers also tells why a loss became non-finite.
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
   *     does not accept; the message says what is wrong, for a number also in which example
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
          require(batch, i -> reversed ? last - i : first + i, rule, output);
        }
      }
    }
  }

  /** Checks a batch, whose example i has the index {@code index.applyAsLong(i)} in the data set. */
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
   * Finds the first non-finite number of a batch. Data are searched before labels.
   *
   * @param batch a batch
   * @param index returns the number by which to call example i of the batch, counted from 0
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
   * @param index returns the number by which to call an example, as for the public method
   * @return the description; empty if all numbers are finite or the array's type is no
   *     floating-point type
   */
  private static Optional<String> nonFinite(String what, NDArray array, IntToLongFunction index) {
    if (!array.getDataType().isFloating() || array.size() == 0) {
      return Optional.empty();
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // x − x is 0 if x is finite, otherwise NaN. Only the sum is copied to the host.
      NDArray differences = array.stopGradient().sub(array.stopGradient());
      if (differences.sum().toType(DataType.FLOAT32, false).getFloat() == 0) {
        return Optional.empty();
      }
      double[] values = array.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
      int i = 0;
      while (Double.isFinite(values[i])) {
        i++;
      }
      Shape example = array.getShape().slice(1);
      int size = (int) example.size();
      return Optional.of(
          "example %d has %s in %sits %s (counted from 0)"
              .formatted(index.applyAsLong(i / size), values[i], place(example, i % size), what));
    }
  }

  /**
   * Describes the position of a number in an example.
   *
   * @param example the shape of the example
   * @param index the index of the number in the flattened example, from 0
   * @return such as {@code column 3 of}, or {@code place [0, 5, 7] of} with an index for each
   *     dimension; empty if the example is a single number
   */
  private static String place(Shape example, int index) {
    if (example.size() == 1) {
      return "";
    }
    if (example.dimension() == 1) {
      return "column " + index + " of ";
    }
    Deque<Long> place = new ArrayDeque<>();
    long rest = index;
    for (int d = example.dimension() - 1; d >= 0; d--) {
      place.addFirst(rest % example.get(d));
      rest /= example.get(d);
    }
    return "place " + place + " of ";
  }
}
