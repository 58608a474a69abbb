package grafs.data;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The operations of TrivialAugmentWide (Müller and Hutter, <em>TrivialAugment</em>, ICCV 2021), a
 * data augmentation for colour images. Each image is changed by one of the 14 operations at one of
 * 31 strengths, both drawn uniformly. A strength s from 0 to 30 is converted to a magnitude m in
 * the operation's own unit, such as degrees. m goes linearly from the operation's weakest
 * magnitude, at s = 0, to its strongest, at s = 30. For signed operations, the sign of s is random,
 * and m gets the same sign.
 *
 * <p>Operations and magnitudes are those that torchvision documents for {@code TrivialAugmentWide}.
 * Pixels are computed as Pillow, Python's imaging library, computes them on bytes, with
 * nearest-neighbour interpolation and black outside of the image.
 */
enum TrivialAugment {
  IDENTITY(0, 0, false, (image, m) -> image.bytes),
  /** Pixel (x, y) gets the value of pixel (x + m·y, y). */
  SHEAR_X(0, 0.99, true, (image, m) -> image.map(1, m, 0, 0, 1, 0)),
  /** Pixel (x, y) gets the value of pixel (x, y + m·x). */
  SHEAR_Y(0, 0.99, true, (image, m) -> image.map(1, 0, 0, m, 1, 0)),
  /** Moves the image right by m pixels, rounded towards 0. */
  TRANSLATE_X(0, 32, true, (image, m) -> image.map(1, 0, -(int) m, 0, 1, 0)),
  /** Moves the image down by m pixels, rounded towards 0. */
  TRANSLATE_Y(0, 32, true, (image, m) -> image.map(1, 0, 0, 0, 1, -(int) m)),
  /** Rotates the image by m degrees counter-clockwise about its centre. */
  ROTATE(0, 135, true, Image::rotated),
  /** Multiplies the difference of the image from black by 1 + m. */
  BRIGHTNESS(0, 0.99, true, (image, m) -> image.blend(new int[image.bytes.length], 1 + m)),
  /** Multiplies the difference of the image from its grey version by 1 + m. */
  COLOR(0, 0.99, true, (image, m) -> image.blend(image.grey(), 1 + m)),
  /** Multiplies the difference of the image from the mean of its grey version by 1 + m. */
  CONTRAST(0, 0.99, true, (image, m) -> image.blend(image.meanGrey(), 1 + m)),
  /** Multiplies the difference of the image from its smoothed version by 1 + m. */
  SHARPNESS(0, 0.99, true, (image, m) -> image.blend(image.smooth(), 1 + m)),
  /** Keeps the m highest bits of each byte, with m rounded, and clears the others. */
  POSTERIZE(8, 2, false, (image, m) -> image.each(v -> v & -(1 << 8 - (int) Math.rint(m)))),
  /** Replaces each value v of m or more by 255 − v. */
  SOLARIZE(255, 0, false, (image, m) -> image.each(v -> v < m ? v : 255 - v)),
  /** Stretches the range of values of each channel to 0 to 255; has no magnitude. */
  AUTO_CONTRAST(0, 0, false, (image, m) -> image.byChannel(TrivialAugment::stretched)),
  /** Equalises the histogram of each channel; has no magnitude. */
  EQUALIZE(0, 0, false, (image, m) -> image.byChannel(TrivialAugment::equalized));

  /** The number of strengths, without their signs. */
  static final int STRENGTHS = 31;

  /** The magnitude at strength 0. */
  private final double weakest;

  /** The magnitude at strength 30. */
  private final double strongest;

  /** Whether the sign of the strength is random. */
  private final boolean signed;

  private final Change change;

  /** Computes an operation: returns the bytes of the changed image, {@code [3, height, width]}. */
  private interface Change {
    int[] of(Image image, double magnitude);
  }

  TrivialAugment(double weakest, double strongest, boolean signed, Change change) {
    this.weakest = weakest;
    this.strongest = strongest;
    this.signed = signed;
    this.change = change;
  }

  /**
   * An operation at a strength, drawn for an image.
   *
   * @param operation the operation
   * @param strength the strength, from 0 to 30; for signed operations, from −30 to 30
   */
  record Drawn(TrivialAugment operation, int strength) {

    /** Draws an operation, a strength and, for signed operations, a sign, each uniformly. */
    static Drawn from(SplittableRandom random) {
      TrivialAugment operation = values()[random.nextInt(values().length)];
      int strength = random.nextInt(STRENGTHS);
      return new Drawn(operation, operation.signed && random.nextBoolean() ? -strength : strength);
    }

    /** {@return the magnitude m, in the operation's own unit, such as pixels or degrees} */
    double magnitude() {
      double range = operation.strongest - operation.weakest;
      return operation.weakest + strength * range / (STRENGTHS - 1);
    }

    /**
     * Changes an image.
     *
     * @param bytes the image, {@code [3, height, width]}, with values from 0 to 255
     * @param height the height in pixels
     * @param width the width in pixels
     * @return the changed image, in the same shape and range
     */
    int[] of(int[] bytes, int height, int width) {
      return operation.change.of(new Image(bytes, height, width), magnitude());
    }
  }

  /**
   * An image, {@code [3, height, width]} with values from 0 to 255, and how operations change it.
   */
  private record Image(int[] bytes, int height, int width) {

    int pixels() {
      return height * width;
    }

    /**
     * Applies an affine map. The pixel whose centre is (x, y) gets the value of that pixel of this
     * image which contains the point (a·x + b·y + c, d·x + e·y + f), or 0 if the point is outside.
     */
    int[] map(double a, double b, double c, double d, double e, double f) {
      int[] mapped = new int[bytes.length];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int fromX = (int) Math.floor(a * (x + 0.5) + b * (y + 0.5) + c);
          int fromY = (int) Math.floor(d * (x + 0.5) + e * (y + 0.5) + f);
          if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
            for (int plane = 0; plane < bytes.length; plane += pixels()) {
              mapped[plane + y * width + x] = bytes[plane + fromY * width + fromX];
            }
          }
        }
      }
      return mapped;
    }

    /** Rotates the image counter-clockwise about its centre. */
    int[] rotated(double degrees) {
      double cos = Math.cos(Math.toRadians(degrees));
      double sin = Math.sin(Math.toRadians(degrees));
      double x = width / 2.0;
      double y = height / 2.0;
      return map(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y);
    }

    /** Returns other + factor·(this − other), limited to 0 to 255 and rounded down. */
    int[] blend(int[] other, double factor) {
      int[] blended = new int[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        float value = other[i] + (float) factor * (bytes[i] - other[i]);
        blended[i] = (int) Math.max(0, Math.min(255, value));
      }
      return blended;
    }

    /**
     * Returns the grey version of the image: its ITU-R 601 luma, a weighted sum of red, green and
     * blue, in all three channels.
     */
    int[] grey() {
      int[] grey = new int[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        int p = i % pixels();
        int weighted =
            19595 * bytes[p] + 38470 * bytes[p + pixels()] + 7471 * bytes[p + 2 * pixels()];
        grey[i] = weighted + 0x8000 >> 16;
      }
      return grey;
    }

    /** Returns an image in which all pixels are equal: the rounded mean of the grey version. */
    int[] meanGrey() {
      int[] grey = grey();
      Arrays.fill(grey, (int) (Arrays.stream(grey).average().orElseThrow() + 0.5));
      return grey;
    }

    /**
     * Returns the smoothed version of the image: each pixel becomes the mean of 3×3 pixels, with
     * weight 5 for the pixel itself and 1 for its neighbours. The outermost pixels stay unchanged.
     */
    int[] smooth() {
      int[] smooth = bytes.clone();
      for (int plane = 0; plane < bytes.length; plane += pixels()) {
        for (int y = 1; y < height - 1; y++) {
          for (int x = 1; x < width - 1; x++) {
            int at = plane + y * width + x;
            int sum = 4 * bytes[at];
            for (int row = at - width; row <= at + width; row += width) {
              sum += bytes[row - 1] + bytes[row] + bytes[row + 1];
            }
            smooth[at] = (int) (sum / 13f + 0.5f);
          }
        }
      }
      return smooth;
    }

    /** Changes each value of the image by a function. */
    int[] each(IntUnaryOperator change) {
      return Arrays.stream(bytes).map(change).toArray();
    }

    /**
     * Changes the values of each channel by a lookup table.
     *
     * @param table returns the lookup table, which has the new value of each old value from 0 to
     *     255, given the histogram of the channel: how often each value occurs
     */
    int[] byChannel(UnaryOperator<int[]> table) {
      int[] changed = new int[bytes.length];
      for (int plane = 0; plane < bytes.length; plane += pixels()) {
        int[] histogram = new int[256];
        for (int i = plane; i < plane + pixels(); i++) {
          histogram[bytes[i]]++;
        }
        int[] to = table.apply(histogram);
        for (int i = plane; i < plane + pixels(); i++) {
          changed[i] = to[bytes[i]];
        }
      }
      return changed;
    }
  }

  /**
   * Returns the lookup table that stretches the range of the occurring values linearly to 0 to 255.
   */
  private static int[] stretched(int[] histogram) {
    int[] values = occurring(histogram);
    int low = values[0];
    int high = values[values.length - 1];
    int[] table = new int[256];
    double scale = high > low ? 255.0 / (high - low) : 1;
    double offset = high > low ? -low * scale : 0;
    Arrays.setAll(table, v -> (int) Math.max(0, Math.min(255, v * scale + offset)));
    return table;
  }

  /** Returns the lookup table that makes all values about equally frequent, as Pillow does. */
  private static int[] equalized(int[] histogram) {
    int[] values = occurring(histogram);
    int last = values[values.length - 1];
    int step = (Arrays.stream(histogram).sum() - histogram[last]) / 255;
    if (step == 0) {
      return IntStream.range(0, 256).toArray();
    }
    int[] table = new int[256];
    int sum = step / 2;
    for (int v = 0; v < 256; v++) {
      table[v] = Math.min(255, sum / step);
      sum += histogram[v];
    }
    return table;
  }

  /** Returns the values that occur at least once, in ascending order. */
  private static int[] occurring(int[] histogram) {
    return IntStream.range(0, histogram.length).filter(v -> histogram[v] > 0).toArray();
  }
}
