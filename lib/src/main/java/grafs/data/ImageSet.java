package grafs.data;

import java.awt.image.BufferedImage;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Labelled images of one size, held as bytes; immutable.
 *
 * <p>A set is a view: subsets, parts and the {@link #asRgb32() 32×32 colour form} share the pixels
 * they were made from, so that they cost four bytes an image.
 */
public final class ImageSet {

  /** The stored images, of which this set is a view. */
  final Pixels pixels;

  /** The indices of the stored images, in the set's order; never changed. */
  final int[] index;

  /** Mean and standard deviation of each channel, by which batches are normalised. */
  final Normalization normalization;

  /** The black pixels on each side of a stored image. */
  final int border;

  /** How images are augmented. */
  final Preparation preparation;

  private final List<String> classNames;

  /** Computed when it is first asked for. */
  private volatile String fingerprint;

  /**
   * Creates a view of the stored images {@code index}, with a black border of {@code border}
   * pixels. If {@code normalization} has three channels and the images have one, it is repeated.
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

  /** Creates a set of all images, as they are. */
  static ImageSet of(Pixels pixels, List<String> classNames, Normalization normalization) {
    int[] all = IntStream.range(0, pixels.labels().length).toArray();
    return new ImageSet(
        pixels, all, List.copyOf(classNames), normalization, 0, Preparation.CROP_AND_FLIP);
  }

  /**
   * Two disjoint parts, for bilevel search.
   *
   * @param weights the part that the network's weights are trained on
   * @param architecture the part that the architecture parameters α are trained on
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

  /** {@return the images' height in pixels} */
  public int height() {
    return pixels.height() + 2 * border;
  }

  /** {@return the images' width in pixels} */
  public int width() {
    return pixels.width() + 2 * border;
  }

  /** {@return the names of the data set's classes, by label, whether or not each occurs here} */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Returns the class of an image.
   *
   * @param i the image, in [0, size)
   * @return its class, in [0, number of classes)
   */
  public int label(int i) {
    return Byte.toUnsignedInt(pixels.labels()[index[i]]);
  }

  /**
   * Returns an image for display, as the network sees it without augmentation.
   *
   * @param i the image, in [0, size)
   * @return the image of {@link #width()} × {@link #height()} in RGB, grey if it has one channel
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
   * {@return a byte of a stored image, 0 to 255; 0 in the border; if the images have one channel,
   * all channels are that one}
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

  /** {@return the bytes of a stored image, [channels, height, width], 0 to 255} */
  int[] bytes(int stored) {
    int plane = height() * width();
    int[] bytes = new int[channels() * plane];
    Arrays.setAll(bytes, i -> value(stored, i / plane, i % plane / width(), i % width()));
    return bytes;
  }

  /**
   * Returns a random part of the set with the same share of every class, to within an image.
   *
   * @param count the number of images, in [1, size]
   * @param seed the seed of the choice
   * @return the part, its images in the order that they have here
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
   * Splits the set at random, with the same share of every class in both parts to within an image.
   *
   * @param share the share of {@link Split#weights}, between 0 and 1
   * @param seed the seed of the choice
   * @return the parts, which together are the set
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
   * Returns the images in a random order, whose first n have the set's share of every class, to
   * within an image.
   */
  private IntStream stratified(long seed) {
    record Ranked(int image, double rank) {}
    Random random = new Random(seed);
    List<List<Integer>> byClass = new ArrayList<>();
    classNames.forEach(c -> byClass.add(new ArrayList<>()));
    for (int i = 0; i < size(); i++) {
      byClass.get(label(i)).add(i);
    }
    byClass.forEach(members -> Collections.shuffle(members, random));
    // A random order among images of equal rank.
    Collections.shuffle(byClass, random);
    return byClass.stream()
        .flatMap(
            own ->
                IntStream.range(0, own.size())
                    .mapToObj(n -> new Ranked(own.get(n), (n + 0.5) / own.size())))
        .sorted(Comparator.comparingDouble(Ranked::rank))
        .mapToInt(Ranked::image);
  }

  private ImageSet part(IntStream images) {
    int[] part = images.sorted().map(i -> index[i]).toArray();
    return new ImageSet(pixels, part, classNames, normalization, border, preparation);
  }

  /**
   * Returns the set as three channels of 32×32, which CIFAR networks take: one channel is repeated,
   * smaller images get a black border of equal width on all sides.
   *
   * @return a view, or this set if it has that form already
   * @throws IllegalArgumentException if the images have another form than one or three channels of
   *     an even size up to 32×32, equal in height and width
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
   * Prepares the images as the paper does for a family of networks.
   *
   * @param other how they are augmented and normalised
   * @return a view
   * @throws IllegalArgumentException if the images need to be taken {@link #asRgb32} first
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
   * Returns batches to train on: reshuffled each epoch; each image augmented as {@link #prepared},
   * crop and flip by default, then normalised. Digits are not flipped, since a mirrored 2 is no
   * digit, except SVHN's, which the paper's code flips. The images that do not fill a last batch
   * are left out; each epoch leaves out others.
   *
   * @param batchSize the images of a batch, in [1, size]
   * @param seed the seed of order and augmentation
   * @return batches of data [batchSize, channels, height, width] float32, or of half the height and
   *     width if prepared so, and labels [batchSize] int64
   * @throws IllegalArgumentException if the batch size is not in its range
   */
  public BatchSource training(int batchSize, long seed) {
    EpochBatches.requireFull(size(), batchSize);
    return new EpochBatches(
        size() - size() % batchSize,
        batchSize,
        epoch -> new ImageMaker(this, ImageView.augmented(this, seed, epoch), batchSize));
  }

  /**
   * Returns batches to evaluate on: all images in their order, only normalised; the last batch has
   * what remains. Every epoch is the same.
   *
   * @param batchSize the images of a batch, at least 1; more than there are makes one batch of all
   * @return batches of data [b, channels, height, width] float32, or of half the height and width
   *     if prepared so, and labels [b] int64
   * @throws IllegalArgumentException if the batch size is less than 1
   */
  public BatchSource evaluation(int batchSize) {
    int most = Math.min(batchSize, size());
    EpochBatches.requireFull(size(), most);
    return new EpochBatches(
        size(), most, epoch -> new ImageMaker(this, ImageView.plain(this), most));
  }

  /** {@return 16 hexadecimal digits of the SHA-256 of the images and labels in their order} */
  public String fingerprint() {
    if (fingerprint == null) {
      MessageDigest digest = Checksum.digest("SHA-256");
      for (int i : index) {
        digest.update(pixels.labels()[i]);
        digest.update(pixels.bytes(), pixels.row(i, 0, 0), pixels.row(1, 0, 0));
      }
      fingerprint = Checksum.of(digest).hex().substring(0, 16);
    }
    return fingerprint;
  }

  /** Returns whether images are flipped left to right in training. */
  boolean flips() {
    return !classNames.equals(Published.of("svhn").classes())
        || normalization.equals(Normalization.SVHN);
  }
}
