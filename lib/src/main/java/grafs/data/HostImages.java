package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Makes the batches of an epoch in Java, with one staging buffer for all of them. */
final class HostImages implements EpochBatches.Maker {

  private final ImageSet set;
  private final ImageViews epoch;
  private final float[][] tables;
  private final float[] row;
  private final ByteBuffer staging;

  HostImages(ImageSet set, ImageViews epoch, int batchSize) {
    this.set = set;
    this.epoch = epoch;
    tables = new float[set.channels()][];
    Arrays.setAll(tables, set.normalization()::table);
    row = new float[set.width()];
    long pixels = (long) set.channels() * set.height() * set.width();
    int bytes = Math.toIntExact(batchSize * pixels * Float.BYTES);
    staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    FloatBuffer out = staging.clear().asFloatBuffer();
    long[] labels = new long[size];
    for (int i = 0; i < size; i++) {
      labels[i] = Byte.toUnsignedLong(set.pixels().labels()[epoch.images()[from + i]]);
      write(from + i, out);
    }
    staging.limit(out.position() * Float.BYTES);
    Shape shape = new Shape(size, set.channels(), set.height(), set.width());
    // An array made from a direct buffer shares its memory, and the next batch overwrites it.
    try (NDArray staged = own.create(staging, shape, DataType.FLOAT32)) {
      return new NDList(staged.duplicate(), own.create(labels));
    }
  }

  /**
   * Writes one image as the network sees it: after the operation of TrivialAugment if there is one,
   * cropped with black padding, flipped and normalised.
   */
  private void write(int number, FloatBuffer out) {
    Pixels pixels = set.pixels();
    if (epoch.changes() == null) {
      write(number, pixels, epoch.images()[number], set.border(), out);
    } else {
      Pixels changed = changed(epoch.images()[number], epoch.changes()[number]);
      write(number, changed, 0, 0, out);
    }
  }

  /** Returns an image with its border, after a TrivialAugment operation. */
  private Pixels changed(int image, TrivialAugment.Drawn change) {
    Pixels pixels = set.pixels();
    int height = set.height();
    int width = set.width();
    int[] values = new int[set.channels() * height * width];
    for (int c = 0; c < set.channels(); c++) {
      for (int y = 0; y < pixels.height(); y++) {
        int start = pixels.row(image, Math.min(c, pixels.channels() - 1), y);
        int place = (c * height + y + set.border()) * width + set.border();
        for (int x = 0; x < pixels.width(); x++) {
          values[place + x] = pixels.bytes()[start + x] & 0xff;
        }
      }
    }
    int[] after = change.of(values, height, width);
    byte[] bytes = new byte[after.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) after[i];
    }
    return new Pixels(bytes, new byte[1], set.channels(), height, width);
  }

  private void write(int number, Pixels pixels, int image, int border, FloatBuffer out) {
    boolean flip = epoch.flip()[number] == 1;
    byte[] bytes = pixels.bytes();
    int left = epoch.dx()[number] - border;
    // Output columns [from, to) show a stored pixel, the others are black.
    int from = Math.max(0, -left);
    int to = Math.min(row.length, pixels.width() - left);
    for (int c = 0; c < tables.length; c++) {
      float[] table = tables[c];
      int plane = Math.min(c, pixels.channels() - 1);
      for (int y = 0; y < set.height(); y++) {
        int sourceY = y + epoch.dy()[number] - border;
        Arrays.fill(row, table[0]);
        if (sourceY >= 0 && sourceY < pixels.height()) {
          int start = pixels.row(image, plane, sourceY) + left;
          for (int x = from; x < to; x++) {
            row[flip ? row.length - 1 - x : x] = table[bytes[start + x] & 0xff];
          }
        }
        out.put(row);
      }
    }
  }
}
