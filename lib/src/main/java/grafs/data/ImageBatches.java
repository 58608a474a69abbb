package grafs.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import grafs.cell.Host;

/**
 * Serves an {@link ImageSet} in normalised batches, augmented or as it is.
 *
 * @param images the set
 * @param batchSize the images of a batch
 * @param training whether they are shuffled and augmented, and a last batch that is not full is
 *     left out
 * @param seed the seed of order and augmentation
 */
record ImageBatches(ImageSet images, int batchSize, boolean training, long seed)
    implements BatchSource {

  @Override
  public int batchesPerEpoch() {
    return (training ? images.size() : images.size() + batchSize - 1) / batchSize;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    return EpochBatches.of(
        manager,
        this,
        epoch,
        batchSize,
        images.size(),
        () -> {
          ImageViews views =
              training ? ImageViews.augmented(images, seed, epoch) : ImageViews.plain(images);
          // With a GPU too, TrivialAugment is computed in Java, and each batch is copied to the
          // GPU.
          return Host.reaches(manager.getDevice()) || views.changes() != null
              ? new HostImages(images, views, batchSize)
              : new DeviceImages(images, views, manager);
        });
  }
}
