package grafs.data;

/**
 * Images as they were published: one byte a pixel and channel, never changed.
 *
 * @param bytes {@code [count, channels, height, width]}, unsigned
 * @param labels {@code [count]}, unsigned
 * @param channels the number of colour planes
 * @param height the height in pixels
 * @param width the width in pixels
 */
record Pixels(byte[] bytes, byte[] labels, int channels, int height, int width) {

  Pixels {
    if ((long) labels.length * channels * height * width != bytes.length) {
      throw new IllegalArgumentException(
          labels.length + " labels, but pixels for another number of images: " + bytes.length);
    }
  }

  /** {@return where a row of an image's channel starts in {@link #bytes}} */
  int row(int image, int channel, int y) {
    // Does not overflow, since it is an index of an array.
    return ((image * channels + channel) * height + y) * width;
  }
}
