package grafs.data;

import java.awt.image.BufferedImage;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Labelled images of one size, stored as bytes, and the batches to train and evaluate on;
 * immutable.
 *
 * <p>A set is a view of stored images: it says which of them it has, in what order, and how they
 * are bordered, augmented and normalised. Subsets, parts and the {@link #asRgb32() 32×32 colour
 * form} share the stored pixels, so that each costs at most four bytes an image.
 */
public final class ImageSet {

  /** The stored images, of which this set is a view. */
  final Pixels pixels;

  /** The images of this set as indices of stored images, in the set's order; never modified. */
  final int[] index;

  /** Mean and standard deviation of each channel, by which batches are normalised. */
  final Normalization normalization;

  /** The width in pixels of the black border that is added on each side of a stored image. */
  final int border;

  /** How images are augmented in training, and whether all are halved in size. */
  final Preparation preparation;

  private final List<String> classNames;

  /** The result of {@link #fingerprint()}; null until its first call. */
  private volatile String fingerprint;

  /**
   * Creates a view of the stored images; see the fields. If {@code normalization} has three
   * channels and the stored images have one, the images' channel is repeated.
   */
  private ImageSet(
      Pixels pixels,
      int[] index,
      List<String> classNames,
      Normalization normalization,
      int border,
      Preparation preparation) {
    this.pixels = pixels;
    this.index = index;
    this.classNames = classNames;
    this.normalization = normalization;
    this.border = border;
    this.preparation = preparation;
  }

  /** Creates a set of all stored images, without a border, augmented by crop and flip. */
  static ImageSet of(Pixels pixels, List<String> classNames, Normalization normalization) {
    int[] all = IntStream.range(0, pixels.labels().length).toArray();
    return new ImageSet(
        pixels, all, List.copyOf(classNames), normalization, 0, Preparation.CROP_AND_FLIP);
  }

  /**
   * Two disjoint parts of the training images, for an architecture search.
   *
   * @param weights the part that the network's weights are trained on
   * @param architecture the part that the architecture parameters α are trained on, by which the
   *     search chooses among operations
   */
  public record Split(ImageSet weights, ImageSet architecture) {}

  /** {@return the number of images, at least 1} */
  public int size() {
    return index.length;
  }

  /** {@return the number of colour planes: 3 for red, green and blue, 1 for grey} */
  public int channels() {
    return normalization.channels();
  }

  /**
   * {@return the height of the images in pixels, with their border, before {@link
   * Preparation#HALVED} reduces it}
   */
  public int height() {
    return pixels.height() + 2 * border;
  }

  /**
   * {@return the width of the images in pixels, with their border, before {@link
   * Preparation#HALVED} reduces it}
   */
  public int width() {
    return pixels.width() + 2 * border;
  }

  /** {@return the names of the data set's classes; the index of a class is its label} */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Returns the label of an image.
   *
   * @param i the image's index in this set, in [0, size)
   * @return the label, in [0, number of classes)
   */
  public int label(int i) {
    return Byte.toUnsignedInt(pixels.labels()[index[i]]);
  }

  /**
   * Returns an image for display, with its border, but not augmented, normalised or halved.
   *
   * @param i the image's index in this set, in [0, size)
   * @return an RGB image of {@link #width()} × {@link #height()} pixels; if the stored images have
   *     one channel, red, green and blue are equal
   */
  public BufferedImage image(int i) {
    BufferedImage image = new BufferedImage(width(), height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height(); y++) {
      for (int x = 0; x < width(); x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | value(index[i], c, y, x);
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /**
   * {@return the value of a pixel, 0 to 255, and 0 in the border}
   *
   * @param stored the index of the stored image
   * @param channel the channel; if the stored images have only one, it is read for every channel
   * @param y the row, from 0 to height − 1, border included
   * @param x the column, from 0 to width − 1, border included
   */
  int value(int stored, int channel, int y, int x) {
    int row = y - border;
    int column = x - border;
    if (row < 0 || row >= pixels.height() || column < 0 || column >= pixels.width()) {
      return 0;
    }
    int start = pixels.row(stored, Math.min(channel, pixels.channels() - 1), row);
    return Byte.toUnsignedInt(pixels.bytes()[start + column]);
  }

  /**
   * {@return the pixels of a stored image with its border, as [channels, height, width], each from
   * 0 to 255}
   */
  int[] bytes(int stored) {
    int plane = height() * width();
    int[] bytes = new int[channels() * plane];
    Arrays.setAll(bytes, i -> value(stored, i / plane, i % plane / width(), i % width()));
    return bytes;
  }

  /**
   * Returns a random subset in which every class has nearly the same share as in this set: to
   * within one image if all classes are equally frequent. The number of images of a class may
   * differ from its exact share by up to 0.5 + p·C/2, where p is the class's share of this set and
   * C the number of classes that occur.
   *
   * @param count the number of images, in [1, size]
   * @param seed the seed of the choice
   * @return the subset, with the images in the order of this set
   * @throws IllegalArgumentException if the count is not in its range
   */
  public ImageSet subset(int count, long seed) {
    if (count < 1 || count > size()) {
      throw new IllegalArgumentException(
          "A subset of " + count + " images was asked for; this set has " + size());
    }
    return part(stratified(seed).limit(count));
  }

  /**
   * Splits the set at random into two parts, in which every class has nearly the same share as in
   * this set: to within one image if all classes are equally frequent. The number of images of a
   * class in a part may differ from its exact share by up to 0.5 + p·C/2, where p is the class's
   * share of this set and C the number of classes that occur.
   *
   * @param share the share of the images that go to {@link Split#weights}, between 0 and 1
   * @param seed the seed of the choice
   * @return the parts, which together have all images
   * @throws IllegalArgumentException if a part would be empty
   */
  public Split split(double share, long seed) {
    int first = (int) (share * size());
    if (first < 1 || first >= size()) {
      throw new IllegalArgumentException(
          "A set of %d images cannot be split at a share of %s".formatted(size(), share));
    }
    return new Split(part(stratified(seed).limit(first)), part(stratified(seed).skip(first)));
  }

  /**
   * Returns the indices of all images of this set in a random order in which the first n images,
   * for each n, have nearly the same share of every class as this set.
   */
  private IntStream stratified(long seed) {
    return pixels.stratified(index, classNames.size(), seed);
  }

  /** Returns the set of the images with these indices in this set, sorted by index. */
  private ImageSet part(IntStream images) {
    int[] part = images.sorted().map(i -> index[i]).toArray();
    return new ImageSet(pixels, part, classNames, normalization, border, preparation);
  }

  /**
   * Returns the set as images of three channels of 32×32, which networks for CIFAR take. A single
   * channel is repeated; smaller images get a black border of equal width on all sides.
   *
   * @return a view, or this set if its images have that form already
   * @throws IllegalArgumentException if the images are not square, are larger than 32×32, or have
   *     an odd height
   */
  public ImageSet asRgb32() {
    int missing = 32 - height();
    if (height() != width() || missing < 0 || missing % 2 != 0) {
      throw new IllegalArgumentException(
          "Images of " + width() + "×" + height() + " cannot be centred in 32×32");
    }
    if (missing == 0 && channels() == 3) {
      return this;
    }
    Normalization rgb = channels() == 3 ? normalization : normalization.grey();
    return new ImageSet(pixels, index, classNames, rgb, border + missing / 2, preparation);
  }

  /**
   * Returns the set with another preparation of its images: another way in which they are augmented
   * and normalised, for a family of networks such as vision transformers.
   *
   * @param other how the images are augmented and normalised
   * @return a view
   * @throws IllegalArgumentException if {@code other} is not {@link Preparation#CROP_AND_FLIP} and
   *     the images do not have three channels, or if it is {@link Preparation#HALVED} and their
   *     height or width is odd; {@link #asRgb32} returns images that fit
   */
  public ImageSet prepared(Preparation other) {
    boolean colours = other == Preparation.CROP_AND_FLIP || channels() == 3;
    if (!colours || other == Preparation.HALVED && height() % 2 + width() % 2 > 0) {
      throw new IllegalArgumentException(
          "images of %d×%d with %d channels cannot be prepared as %s: take asRgb32() first"
              .formatted(width(), height(), channels(), other));
    }
    return new ImageSet(pixels, index, classNames, other.of(normalization), border, other);
  }

  /**
   * Returns batches to train on. The images are shuffled anew in each epoch, augmented as set by
   * {@link #prepared} (by default, cropped and flipped at random), then normalised. Images whose
   * classes are named 0 to 9 are not flipped, since a mirrored 2 is no digit. SVHN's images are
   * flipped nevertheless, as in the paper's code (arXiv 2408.06820). Each epoch leaves out the
   * images at the end of its order that do not fill a batch.
   *
   * @param batchSize the number of images in a batch, in [1, size]
   * @param seed the seed of the order and of the augmentation
   * @return batches of data [batchSize, channels, height, width] float32, with half the height and
   *     width if prepared as {@link Preparation#HALVED}, and of labels [batchSize] int64
   * @throws IllegalArgumentException if the batch size is not in its range
   */
  public BatchSource training(int batchSize, long seed) {
    EpochBatches.requireFull(size(), batchSize);
    return new EpochBatches(
        size() - size() % batchSize,
        batchSize,
        epoch -> ImageMaker.augmented(this, batchSize, seed, epoch));
  }

  /**
   * Returns batches to evaluate on: all images in the order of the set, not augmented, but
   * normalised. Every epoch is the same.
   *
   * @param batchSize the number of images in a batch, at least 1; the last batch has the remaining
   *     ones, and if {@code batchSize} is larger than the set, the only batch has all images
   * @return batches of data [b, channels, height, width] float32, with half the height and width if
   *     prepared as {@link Preparation#HALVED}, and of labels [b] int64
   * @throws IllegalArgumentException if the batch size is less than 1
   */
  public BatchSource evaluation(int batchSize) {
    int most = Math.min(batchSize, size());
    EpochBatches.requireFull(size(), most);
    return new EpochBatches(size(), most, epoch -> ImageMaker.plain(this, most));
  }

  /**
   * {@return a hash that identifies the stored images of this set, their labels and their order:
   * the first 16 hexadecimal digits of a SHA-256; it does not depend on border, normalisation and
   * preparation}
   */
  public String fingerprint() {
    if (fingerprint == null) {
      MessageDigest digest = DigestUtils.getSha256Digest();
      for (int i : index) {
        digest.update(pixels.labels()[i]);
        digest.update(pixels.bytes(), pixels.row(i, 0, 0), pixels.row(1, 0, 0));
      }
      fingerprint = Hex.encodeHexString(digest.digest()).substring(0, 16);
    }
    return fingerprint;
  }
}
