package grafs.bench;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Batches of random images for {@link StepBenchmark}: independent N(0, 1) pixels in the shape of
 * CIFAR's images, {@code [size, 3, 32, 32]}, with random labels {@code [size]}. All batches have
 * the same pixels and labels, but each batch has new tensors.
 */
final class RandomBatches implements BatchSource {

  /** The number of classes that the labels are drawn from. */
  static final int CLASSES = 10;

  /** The number of batches of an epoch: more than any benchmark uses. */
  private static final int ENDLESS = 100_000;

  private final int size;
  private final Runnable before;
  private final float[] pixels;
  private final long[] labels;

  /**
   * Creates the source and draws its numbers.
   *
   * @param size the batch size
   * @param before a callback that runs before each batch is made
   */
  RandomBatches(int size, Runnable before) {
    this.size = size;
    this.before = before;
    Random random = new Random(size);
    pixels = new float[size * 3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    labels = random.longs(size, 0, CLASSES).toArray();
  }

  @Override
  public int batchesPerEpoch() {
    return ENDLESS;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    return () -> IntStream.range(0, ENDLESS).mapToObj(b -> batch(manager)).iterator();
  }

  private Batch batch(NDManager parent) {
    before.run();
    NDManager manager = parent.newSubManager();
    NDList images = new NDList(manager.create(pixels, new Shape(size, 3, 32, 32)));
    NDList classes = new NDList(manager.create(labels));
    return new Batch(manager, images, classes, size, null, null, 0, 0);
  }
}
