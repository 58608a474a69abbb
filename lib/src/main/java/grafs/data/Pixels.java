package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/**
 * Images as they were published: one byte a pixel and channel, never changed.
 *
 * @param bytes {@code [count, channels, height, width]}, unsigned
 * @param labels {@code [count]}, unsigned
 * @param channels the number of colour planes
 * @param height the height in pixels
 * @param width the width in pixels
 * @param copies the copies of them in devices' memories
 */
record Pixels(
    byte[] bytes, byte[] labels, int channels, int height, int width, DeviceCopies copies) {

  Pixels(byte[] bytes, byte[] labels, int channels, int height, int width) {
    this(bytes, labels, channels, height, width, new DeviceCopies());
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

  /**
   * Returns the images in a device's memory, with black pixels around each. They are copied there
   * at the first request of an owner, and stay until it is closed.
   *
   * @param owner the manager that owns the copy, on its device
   * @param margin the black pixels on each side
   * @return uint8 [count, channels, height + 2 · margin, width + 2 · margin], not to be closed
   */
  NDArray on(NDManager owner, int margin) {
    return copies.get(owner, margin, manager -> padded(manager, margin));
  }

  private NDArray padded(NDManager manager, int m) {
    Shape own = new Shape(labels.length, channels, height, width);
    NDArray padded =
        manager.zeros(
            new Shape(labels.length, channels, height + 2L * m, width + 2L * m), DataType.UINT8);
    try (NDArray inner = manager.create(ByteBuffer.wrap(bytes), own, DataType.UINT8)) {
      padded.set(new NDIndex(":, :, {}:{}, {}:{}", m, m + height, m, m + width), inner);
    }
    return padded;
  }
}
