package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes the batches of one epoch of an {@link ImageSet}: augments and normalises the images as
 * their {@link ImageView}s say. The images of a batch are computed in parallel, into one buffer
 * outside the heap that all batches of the epoch use.
 */
final class ImageMaker implements EpochBatches.Maker {

  private final ImageSet set;

  /** The images of the epoch, in its order. */
  private final List<ImageView> views;

  /** The normalised value of each byte; see {@link Normalization#table}. */
  private final float[] normalised;

  /** The number of values of an image: channels × height × width, before it is halved. */
  private final int numbers;

  /** Receives the values of a batch before they are copied to a tensor. */
  private final ByteBuffer staging;

  ImageMaker(ImageSet set, List<ImageView> views, int batchSize) {
    this.set = set;
    this.views = views;
    normalised = set.normalization.table();
    numbers = set.channels() * set.height() * set.width();
    int bytes = Math.toIntExact((long) batchSize * numbers * Float.BYTES);
    staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    FloatBuffer out = staging.clear().limit(size * numbers * Float.BYTES).asFloatBuffer();
    long[] labels = new long[size];
    IntStream.range(0, size)
        .parallel()
        .forEach(
            i -> {
              ImageView view = views.get(from + i);
              labels[i] = Byte.toUnsignedLong(set.pixels.labels()[view.image()]);
              write(view, out, i * numbers);
            });
    Shape shape = new Shape(size, set.channels(), set.height(), set.width());
    // Copied, since an array made from a direct buffer shares its memory, which the next batch
    // overwrites.
    try (NDArray staged = own.create(staging, shape, DataType.FLOAT32)) {
      boolean halved = set.preparation == Preparation.HALVED;
      return new NDList(halved ? halved(staged) : staged.duplicate(), own.create(labels));
    }
  }

  /** Averages squares of 2×2 pixels: [n, c, h, w] becomes [n, c, h/2, w/2]. */
  private static NDArray halved(NDArray x) {
    Shape of = x.getShape();
    Shape pairs = new Shape(of.get(0), of.get(1), of.get(2) / 2, 2, of.get(3) / 2, 2);
    return x.reshape(pairs).mean(new int[] {5}).mean(new int[] {3});
  }

  /**
   * Writes the values of an image to {@code out}, as [channels, height, width] from index {@code
   * start}. Applies the operation of {@link TrivialAugment}, if the view has one; then takes the
   * crop, flips it if the view says so, and normalises it.
   */
  private void write(ImageView view, FloatBuffer out, int start) {
    int height = set.height();
    int width = set.width();
    int[] changed =
        view.change() == null ? null : view.change().of(set.bytes(view.image()), height, width);
    int at = start;
    for (int c = 0; c < set.channels(); c++) {
      for (int y = view.dy(); y < height + view.dy(); y++) {
        for (int i = 0; i < width; i++) {
          int x = (view.flip() ? width - 1 - i : i) + view.dx();
          int value = 0;
          if (y >= 0 && y < height && x >= 0 && x < width) {
            value =
                changed == null
                    ? set.value(view.image(), c, y, x)
                    : changed[(c * height + y) * width + x];
          }
          out.put(at++, normalised[256 * c + value]);
        }
      }
    }
  }
}
