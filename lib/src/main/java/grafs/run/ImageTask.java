package grafs.run;

import ai.djl.ndarray.types.Shape;
import grafs.data.BatchSource;
import grafs.data.ImageDataset;
import grafs.data.ImageSet;
import grafs.data.Preparation;

/**
 * The {@link Task} of classifying images. A {@link Scale}, a set of hyperparameters, says how many
 * of the images are used, how they are augmented, and the batch size. Batches have images {@code
 * [batch, 3, 32, 32]}, or {@code [batch, 3, 16, 16]} if the scale halves them, and labels {@code
 * [batch]}.
 *
 * @param data the images, converted to three channels of 32×32 pixels
 */
record ImageTask(ImageDataset data) implements Task {

  /**
   * Converts the images to three channels of 32×32 pixels, which the networks take.
   *
   * @throws IllegalArgumentException if {@link ImageDataset#asRgb32} cannot convert them
   */
  ImageTask {
    data = data.asRgb32();
  }

  /**
   * The seed of two random choices: which images are used, if a scale uses fewer than there are;
   * and which training images {@link #heldOut} uses as test images. It is a constant, so that
   * trainings and searches with different seeds use the same images.
   */
  private static final long SUBSET_SEED = 0;

  /** The batch size for scoring. It does not change a score, which is a mean over examples. */
  private static final int TEST_BATCH = 100;

  private ImageSet trainImages(Scale scale) {
    return subset(data.train(), scale.trainExamples()).prepared(scale.preparation());
  }

  private static ImageSet subset(ImageSet images, int count) {
    return count == 0 || count >= images.size() ? images : images.subset(count, SUBSET_SEED);
  }

  @Override
  public String name() {
    return data.name();
  }

  @Override
  public String fingerprint() {
    return "%d and %d images, %s and %s"
        .formatted(
            data.train().size(),
            data.test().size(),
            data.train().fingerprint(),
            data.test().fingerprint());
  }

  @Override
  public Shape input(Scale scale) {
    int size = scale.preparation() == Preparation.HALVED ? 16 : 32;
    return new Shape(1, 3, size, size);
  }

  @Override
  public int outputs() {
    return data.classNames().size();
  }

  @Override
  public ImageTask heldOut() {
    ImageSet.Split parts = data.train().split(1 - HELD_OUT, SUBSET_SEED);
    return new ImageTask(
        new ImageDataset(Task.heldOutName(data.name()), parts.weights(), parts.architecture()));
  }

  @Override
  public BatchSource training(Scale scale, long seed) {
    return trainImages(scale).training(scale.batchSize(), seed);
  }

  @Override
  public BatchSource test(Scale scale) {
    return subset(data.test(), scale.testExamples())
        .prepared(scale.preparation())
        .evaluation(TEST_BATCH);
  }

  @Override
  public Parts parts(Scale scale, long seed) {
    ImageSet.Split parts = split(scale, seed);
    int batch = scale.search().batchSize();
    return new Parts(
        parts.weights().training(batch, seed),
        parts.architecture().training(Math.min(batch, parts.architecture().size()), seed + 1));
  }

  @Override
  public BatchSource validation(Scale scale, long seed) {
    return split(scale, seed).architecture().evaluation(TEST_BATCH);
  }

  private ImageSet.Split split(Scale scale, long seed) {
    return trainImages(scale).split(1 - scale.search().alphaShare(), seed);
  }
}
