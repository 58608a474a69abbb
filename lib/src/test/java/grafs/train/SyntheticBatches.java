package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Makes batches of random examples of a classification task, for tests. The seed and the number of
 * the epoch determine the examples, so that each epoch has other ones.
 *
 * @param batchesPerEpoch the number of batches in an epoch
 * @param size the number of examples in a batch
 * @param example the shape of one example, without the batch dimension
 * @param seed the seed of the examples
 * @param task makes the examples and their labels
 */
public record SyntheticBatches(int batchesPerEpoch, int size, Shape example, long seed, Task task)
    implements BatchSource {

  /** A classification task: a random distribution of examples with their labels. */
  @FunctionalInterface
  public interface Task {

    /**
     * Makes the examples of a batch.
     *
     * @param random the random number generator with which the examples are drawn
     * @param examples receives the numbers of the examples, one example after another, each in
     *     row-major order
     * @param labels receives the class index of each example
     */
    void fill(Random random, float[] examples, long[] labels);
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    Random random = new Random(1000 * seed + epoch);
    return IntStream.range(0, batchesPerEpoch).mapToObj(b -> batch(manager, random))::iterator;
  }

  private Batch batch(NDManager parent, Random random) {
    NDManager manager = parent.newSubManager();
    float[] examples = new float[Math.toIntExact(size * example.size())];
    long[] labels = new long[size];
    task.fill(random, examples, labels);
    NDArray data = manager.create(examples, new Shape(size).addAll(example));
    return new Batch(
        manager, new NDList(data), new NDList(manager.create(labels)), size, null, null, 0, 0);
  }
}
