package grafs.data;

import ai.djl.ndarray.NDManager;
import grafs.cell.Host;
import java.util.List;

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
    implements EpochBatches {

  @Override
  public int examples() {
    return training ? images.size() - images.size() % batchSize : images.size();
  }

  @Override
  public Maker maker(NDManager shared, int epoch) {
    List<ImageView> views =
        training ? ImageView.augmented(images, seed, epoch) : ImageView.plain(images);
    // With a GPU too, TrivialAugment is computed in Java, and each batch is copied to the GPU.
    return Host.reaches(shared.getDevice()) || views.get(0).change() != null
        ? new HostImages(images, views, batchSize)
        : new DeviceImages(images, views, shared);
  }
}
