package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Serves an {@link ImageSet} in normalised batches, augmented or as it is.
 *
 * @param images the set
 * @param batchSize the images of a batch
 * @param training whether they are shuffled and augmented, and a last batch that is not full is
 *     left out
 * @param seed of order, crops and flips
 */
record ImageBatches(ImageSet images, int batchSize, boolean training, long seed)
    implements BatchSource {

  /** Makes batches of one epoch; closed when they are all made. */
  interface Maker extends AutoCloseable {

    /**
     * Makes a batch.
     *
     * @param own the manager of what is returned
     * @param from its first image, in the epoch's order
     * @param size how many
     * @return data [size, channels, height, width] float32 and labels [size] int64
     */
    NDList batch(NDManager own, int from, int size);

    @Override
    void close();
  }

  @Override
  public int batchesPerEpoch() {
    return (training ? images.size() : images.size() + batchSize - 1) / batchSize;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("Epochs count from 0, not " + epoch);
    }
    return () -> {
      ImageViews views =
          training ? ImageViews.augmented(images, seed, epoch) : ImageViews.plain(images);
      return new Epoch(
          manager,
          manager.getDevice().isGpu()
              ? new DeviceImages(images, views, manager)
              : new HostImages(images, views, batchSize));
    };
  }

  /** One pass over the images. */
  private final class Epoch implements Iterator<Batch> {

    private final NDManager manager;
    private final Maker maker;
    private int next;

    Epoch(NDManager manager, Maker maker) {
      this.manager = manager;
      this.maker = maker;
    }

    @Override
    public boolean hasNext() {
      return next < batchesPerEpoch();
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("This epoch had " + next + " batches");
      }
      int from = next * batchSize;
      int size = Math.min(batchSize, images.size() - from);
      next++;
      NDManager own = manager.newSubManager();
      NDList made = maker.batch(own, from, size);
      if (!hasNext()) {
        maker.close();
      }
      return new Batch(
          own,
          new NDList(made.get(0)),
          new NDList(made.get(1)),
          size,
          Batchifier.STACK,
          Batchifier.STACK,
          next,
          batchesPerEpoch());
    }
  }
}
