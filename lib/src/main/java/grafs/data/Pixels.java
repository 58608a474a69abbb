package grafs.data;

/**
 * Images as they were published: one byte a pixel and channel, never changed and never copied.
 *
 * @param bytes [count, channels, height, width], unsigned
 * @param labels [count], unsigned
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

  /** Returns how many images there are. */
  int count() {
    return labels.length;
  }

  /** Returns where a row of an image's channel starts in {@link #bytes}. */
  int row(int image, int channel, int y) {
    // Within int: the total is an array's length.
    return ((image * channels + channel) * height + y) * width;
  }
}
