package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
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
  public Maker maker(int epoch) {
    List<ImageView> views =
        training ? ImageView.augmented(images, seed, epoch) : ImageView.plain(images);
    Maker whole = new ImageMaker(images, views, batchSize);
    return images.preparation == Preparation.HALVED
        ? (own, from, size) -> halved(whole.batch(own, from, size))
        : whole;
  }

  private static NDList halved(NDList batch) {
    try (NDArray x = batch.get(0)) {
      Shape of = x.getShape();
      Shape pairs = new Shape(of.get(0), of.get(1), of.get(2) / 2, 2, of.get(3) / 2, 2);
      return new NDList(x.reshape(pairs).mean(new int[] {5}).mean(new int[] {3}), batch.get(1));
    }
  }
}
