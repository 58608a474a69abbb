package grafs.data;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Goes through a whole data set once, to find what no network can learn from before it is tried.
 */
public final class DatasetCheck {

  private DatasetCheck() {}

  /**
   * Throws if a number of the data is NaN or infinite, or a label not what the loss asks for.
   *
   * @param data the data set, prepared
   * @param batchSize how many examples to look at together
   * @param rule what the loss asks for
   * @param output the shape of the network's output for a batch
   * @throws IllegalArgumentException for the first such example; says which and what to do
   * @throws UncheckedIOException if the data cannot be read
   * @throws CancellationException if the thread was interrupted
   */
  public static void require(
      RandomAccessDataset data, int batchSize, LabelRule rule, Shape output) {
    long first = 0;
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      BatchSampler inOrder = new BatchSampler(new SequenceSampler(), batchSize, false);
      Iterator<Batch> batches = data.getData(manager, inOrder).iterator();
      while (batches.hasNext()) {
        if (Thread.interrupted()) {
          throw new CancellationException("interrupted while the data were looked at");
        }
        try (Batch batch = next(batches, data, first, batchSize)) {
          require(batch, first, rule, output);
          first += batch.getLabels().head().getShape().get(0);
        }
      }
    } catch (IOException | TranslateException e) {
      throw DatasetBatches.unreadable(e);
    }
  }

  private static void require(Batch batch, long first, LabelRule rule, Shape output) {
    Optional<NonFinite> found = NonFinite.in(batch);
    if (found.isPresent()) {
      throw new IllegalArgumentException(
          found.get().text(first + found.get().example())
              + ": fill in such values, or leave those examples or columns out");
    }
    NDArray labels = batch.getLabels().singletonOrThrow();
    long size = labels.getShape().get(0);
    Shape scores = new Shape(size).addAll(output.slice(1));
    rule.requireShape(scores, labels.getShape());
    double[] values = labels.toType(DataType.FLOAT64, false).toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      Optional<String> fault = rule.fault(values[i], output.get(output.dimension() - 1));
      if (fault.isPresent()) {
        throw new IllegalArgumentException(
            "the label of example %d (counted from 0) is %s"
                .formatted(first + i / (values.length / size), fault.get()));
      }
    }
  }

  /** The next batch; where its examples cannot be put together, the one that differs is named. */
  private static Batch next(
      Iterator<Batch> batches, RandomAccessDataset data, long first, int batchSize)
      throws IOException {
    try {
      return batches.next();
    } catch (RuntimeException e) {
      try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
        List<Shape> shapes = shapes(data.get(manager, 0));
        for (long i = first; i < Math.min(data.size(), first + batchSize); i++) {
          List<Shape> own = shapes(data.get(manager, i));
          if (!own.equals(shapes)) {
            throw new IllegalArgumentException(
                "example %d (counted from 0) has data and labels of shapes %s, the first one %s"
                    .formatted(i, own, shapes),
                e);
          }
        }
      }
      throw e;
    }
  }

  private static List<Shape> shapes(Record example) {
    return List.of(
            Arrays.asList(example.getData().getShapes()),
            Arrays.asList(example.getLabels().getShapes()))
        .stream()
        .flatMap(List::stream)
        .toList();
  }
}
