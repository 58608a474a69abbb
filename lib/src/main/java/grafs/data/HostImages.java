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
import java.util.List;

/** Makes the batches of an epoch in Java, in the same buffers. */
final class HostImages implements EpochBatches.Maker {

  private final ImageSet set;
  private final List<ImageView> views;
  private final float[] normalised;
  private final ByteBuffer staging;
  private final int[] image;
  private final float[] row;

  HostImages(ImageSet set, List<ImageView> views, int batchSize) {
    this.set = set;
    this.views = views;
    normalised = set.normalization.table();
    image = new int[set.channels() * set.height() * set.width()];
    row = new float[set.width()];
    int bytes = Math.toIntExact((long) batchSize * image.length * Float.BYTES);
    staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    FloatBuffer out = staging.clear().asFloatBuffer();
    long[] labels = new long[size];
    for (int i = 0; i < size; i++) {
      ImageView view = views.get(from + i);
      labels[i] = Byte.toUnsignedLong(set.pixels.labels()[view.image()]);
      write(view, out);
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
  private void write(ImageView view, FloatBuffer out) {
    int height = set.height();
    int width = set.width();
    set.copy(view.image(), image);
    int[] values = view.change() == null ? image : view.change().of(image, height, width);
    // Columns [first, end) show a pixel of the image, the others are black.
    int first = Math.max(0, -view.dx());
    int end = Math.min(width, width - view.dx());
    for (int c = 0; c < set.channels(); c++) {
      for (int y = 0; y < height; y++) {
        int fromY = y + view.dy();
        Arrays.fill(row, normalised[256 * c]);
        if (fromY >= 0 && fromY < height) {
          int from = (c * height + fromY) * width + view.dx();
          for (int x = first; x < end; x++) {
            row[view.flip() ? width - 1 - x : x] = normalised[256 * c + values[from + x]];
          }
        }
        out.put(row);
      }
    }
  }
}
