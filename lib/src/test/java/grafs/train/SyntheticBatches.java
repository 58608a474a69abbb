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
 * Batches of a synthetic task; every epoch has new examples.
 *
 * @param batchesPerEpoch the number of batches in an epoch
 * @param size the batch size
 * @param example the shape of one example
 * @param seed the seed of the examples
 * @param task makes the examples
 */
public record SyntheticBatches(int batchesPerEpoch, int size, Shape example, long seed, Task task)
    implements BatchSource {

  /** A task to learn. */
  @FunctionalInterface
  public interface Task {

    /** Fills in a batch of examples, one after another, and their labels. */
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
