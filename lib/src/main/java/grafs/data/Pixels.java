package grafs.data;

/**
 * The stored images of a data set as they were published, with one byte per pixel and channel, and
 * their labels. The arrays are shared by all {@link ImageSet}s made from them, and never modified.
 *
 * @param bytes the pixels, {@code [count, channels, height, width]}, unsigned
 * @param labels the labels, {@code [count]}, unsigned
 * @param channels the number of colour planes
 * @param height the height in pixels
 * @param width the width in pixels
 */
record Pixels(byte[] bytes, byte[] labels, int channels, int height, int width) {

  Pixels {
    if ((long) labels.length * channels * height * width != bytes.length) {
      throw new IllegalArgumentException(
          "%d images of %d×%d×%d do not have %d bytes of pixels"
              .formatted(labels.length, channels, height, width, bytes.length));
    }
  }

  /** {@return the index in {@link #bytes} of the first pixel of row y of a channel of an image} */
  int row(int image, int channel, int y) {
    // Cannot overflow, since the result is an index of the array, at most its length.
    return ((image * channels + channel) * height + y) * width;
  }
}
