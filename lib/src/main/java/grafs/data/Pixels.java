package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/** Images as they were published: one byte a pixel and channel, never changed. */
final class Pixels {

  private final byte[] bytes;
  private final byte[] labels;
  private final int channels;
  private final int height;
  private final int width;
  private final DeviceCopies copies = new DeviceCopies();

  /**
   * Takes images without copying them.
   *
   * @param bytes [count, channels, height, width], unsigned
   * @param labels [count], unsigned
   * @param channels the number of colour planes
   * @param height the height in pixels
   * @param width the width in pixels
   */
  Pixels(byte[] bytes, byte[] labels, int channels, int height, int width) {
    if ((long) labels.length * channels * height * width != bytes.length) {
      throw new IllegalArgumentException(
          labels.length + " labels, but pixels for another number of images: " + bytes.length);
    }
    this.bytes = bytes;
    this.labels = labels;
    this.channels = channels;
    this.height = height;
    this.width = width;
  }

  byte[] bytes() {
    return bytes;
  }

  byte[] labels() {
    return labels;
  }

  int channels() {
    return channels;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
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

  /**
   * Returns the images in a device's memory, with black pixels around each. They are copied there
   * when they are first asked for, and stay until the owner is closed.
   *
   * @param owner the manager that owns the copy, on its device
   * @param margin the black pixels on each side
   * @return uint8 [count, channels, height + 2 · margin, width + 2 · margin], not to be closed
   */
  NDArray on(NDManager owner, int margin) {
    return copies.get(owner, margin, manager -> padded(manager, margin));
  }

  private NDArray padded(NDManager manager, int m) {
    Shape shape = new Shape(count(), channels, height + 2L * m, width + 2L * m);
    NDArray padded = manager.zeros(shape, DataType.UINT8);
    try (NDArray own =
        manager.create(
            ByteBuffer.wrap(bytes), new Shape(count(), channels, height, width), DataType.UINT8)) {
      padded.set(new NDIndex(":, :, {}:{}, {}:{}", m, m + height, m, m + width), own);
    }
    return padded;
  }
}
