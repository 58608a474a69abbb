package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Makes the batches of one epoch of an {@link ImageSet}: augments and normalises the images. The
 * images of a batch are computed in parallel. They are written to a direct buffer, outside of the
 * Java heap, that all batches of the epoch reuse.
 */
final class ImageMaker implements EpochBatches.Maker {

  /**
   * The width in pixels of the black border that is added on each side of an image before it is
   * cropped (He et al. 2016, section 4.2).
   */
  private static final int PADDING = 4;

  /**
   * An image of the epoch, and how it is augmented. A rectangle of the image's size, called the
   * crop, is cut out of the image at a random place. Where the crop reaches beyond the image, it is
   * black.
   *
   * @param image the index of the stored image
   * @param dy by how many pixels the crop is moved down, −4 to 4
   * @param dx by how many pixels the crop is moved right, −4 to 4
   * @param flip whether the crop is flipped left to right
   * @param change the operation that is applied before the crop; null for none
   */
  private record View(int image, int dy, int dx, boolean flip, TrivialAugment.Drawn change) {}

  private final ImageSet set;

  /** The images of the epoch, in its order. */
  private final List<View> views;

  /** The normalised value of each byte in each channel; see {@link Normalization#table}. */
  private final float[] normalised;

  /**
   * The number of values of an image: channels × height × width, before {@link Preparation#HALVED}
   * reduces the size.
   */
  private final int numbers;

  /** Receives the values of a batch before they are copied to a tensor. */
  private final ByteBuffer staging;

  private ImageMaker(ImageSet set, List<View> views, int batchSize) {
    this.set = set;
    this.views = views;
    normalised = set.normalization.table();
    numbers = set.channels() * set.height() * set.width();
    int bytes = Math.toIntExact((long) batchSize * numbers * Float.BYTES);
    staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Returns the maker of batches of all images of a set in their order, without augmentation. */
  static ImageMaker plain(ImageSet set, int batchSize) {
    List<View> views =
        Arrays.stream(set.index).mapToObj(i -> new View(i, 0, 0, false, null)).toList();
    return new ImageMaker(set, views, batchSize);
  }

  /**
   * Returns the maker of batches of all images of a set in random order, augmented at random as the
   * set's {@link Preparation} says. The batches depend only on the set, the seed and the epoch.
   */
  static ImageMaker augmented(ImageSet set, int batchSize, long seed, int epoch) {
    SplittableRandom random = EpochBatches.random(seed, epoch);
    boolean trivial = set.preparation != Preparation.CROP_AND_FLIP;
    boolean flips = flips(set);
    List<View> views = new ArrayList<>();
    for (int image : EpochBatches.shuffle(set.index.clone(), random)) {
      int dy = random.nextInt(2 * PADDING + 1) - PADDING;
      int dx = random.nextInt(2 * PADDING + 1) - PADDING;
      boolean flip = flips && random.nextBoolean();
      views.add(new View(image, dy, dx, flip, trivial ? TrivialAugment.Drawn.from(random) : null));
    }
    return new ImageMaker(set, views, batchSize);
  }

  /**
   * Returns whether images are flipped left to right at random in training. Digits are not flipped,
   * since a mirrored 2 is no digit. A set is one of digits if its class names are those of SVHN, 0
   * to 9. Images that are normalised as SVHN are flipped nevertheless, as in the paper's code
   * (arXiv 2408.06820, repository automl/GRAFS).
   */
  private static boolean flips(ImageSet set) {
    return !set.classNames().equals(Published.of("svhn").classes())
        || set.normalization.equals(Normalization.SVHN);
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    FloatBuffer out = staging.clear().limit(size * numbers * Float.BYTES).asFloatBuffer();
    IntStream.range(0, size).parallel().forEach(i -> write(views.get(from + i), out, i * numbers));
    long[] labels =
        IntStream.range(from, from + size)
            .mapToLong(i -> Byte.toUnsignedLong(set.pixels.labels()[views.get(i).image]))
            .toArray();
    Shape shape = new Shape(size, set.channels(), set.height(), set.width());
    // Copied, since an array made from a direct buffer shares its memory, which the next batch
    // overwrites.
    try (NDArray staged = own.create(staging, shape, DataType.FLOAT32)) {
      boolean halved = set.preparation == Preparation.HALVED;
      return new NDList(halved ? halved(staged) : staged.duplicate(), own.create(labels));
    }
  }

  /** Averages squares of 2×2 pixels: [n, c, h, w] becomes [n, c, h/2, w/2]. */
  private static NDArray halved(NDArray x) {
    Shape of = x.getShape();
    Shape pairs = new Shape(of.get(0), of.get(1), of.get(2) / 2, 2, of.get(3) / 2, 2);
    return x.reshape(pairs).mean(new int[] {5}).mean(new int[] {3});
  }

  /**
   * Writes the values of an image to {@code out}, as [channels, height, width] from index {@code
   * start}: applies the operation of {@link TrivialAugment} if the view has one, then crops, flips
   * if the view says so, and normalises.
   */
  private void write(View view, FloatBuffer out, int start) {
    int height = set.height();
    int width = set.width();
    // Without an operation the stored image is read directly, without a temporary array.
    int[] changed =
        view.change == null ? null : view.change.of(set.bytes(view.image), height, width);
    int at = start;
    for (int c = 0; c < set.channels(); c++) {
      for (int y = view.dy; y < height + view.dy; y++) {
        for (int i = 0; i < width; i++) {
          int x = (view.flip ? width - 1 - i : i) + view.dx;
          int value = 0;
          if (y >= 0 && y < height && x >= 0 && x < width) {
            value =
                changed == null
                    ? set.value(view.image, c, y, x)
                    : changed[(c * height + y) * width + x];
          }
          out.put(at++, normalised[256 * c + value]);
        }
      }
    }
  }
}
