package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * Makes the batches of an epoch on a device whose memory holds the images: cropped, flipped and
 * normalised by operations on a whole batch, with the same bits as those of {@link HostImages}.
 * Only the epoch's order, crops and flips are copied there, once.
 */
final class DeviceImages implements EpochBatches.Maker {

  private static final int CORNER = 0;
  private static final int FLIP = 1;
  private static final int LABEL = 2;

  private final NDManager shared;
  private final NDArray pixels;

  /**
   * For each image of the epoch, {@code [3, images]}: the index of its crop's first byte, whether
   * it is flipped (0 or 1), its label.
   */
  private final NDArray views;

  /**
   * The offset of each byte of a crop from the crop's first byte, {@code [1, channels, height,
   * width]}.
   */
  private final NDArray places;

  /** For each column x the offset {@code width − 1 − 2x} to the column that a flip shows there. */
  private final NDArray mirror;

  /** The normalised value of each byte, 256 values per channel, channel after channel. */
  private final NDArray values;

  /** The index in {@code values} at which each channel begins, {@code [1, channels, 1, 1]}. */
  private final NDArray firstValue;

  DeviceImages(ImageSet set, List<ImageView> epoch, NDManager shared) {
    this.shared = shared;
    pixels = set.pixels.on(shared.getParentManager(), ImageView.PADDING + set.border);
    long width = pixels.getShape().get(3);
    long plane = pixels.getShape().get(2) * width;
    long image = pixels.getShape().get(1) * plane;

    int size = epoch.size();
    long[] rows = new long[3 * size];
    for (int i = 0; i < size; i++) {
      ImageView view = epoch.get(i);
      long down = view.dy() + ImageView.PADDING;
      long right = view.dx() + ImageView.PADDING;
      rows[CORNER * size + i] = view.image() * image + down * width + right;
      rows[FLIP * size + i] = view.flip() ? 1 : 0;
      rows[LABEL * size + i] = Byte.toUnsignedLong(set.pixels.labels()[view.image()]);
    }
    views = shared.create(rows, new Shape(3, size));

    int w = set.width();
    int shown = set.height() * w;
    int last = set.pixels.channels() - 1;
    places =
        longs(
            new Shape(1, set.channels(), set.height(), w),
            i -> Math.min(i / shown, last) * plane + i % shown / w * width + i % w);
    mirror = longs(new Shape(1, 1, 1, w), x -> w - 1 - 2L * x);
    values = shared.create(set.normalization.table());
    firstValue = longs(new Shape(1, set.channels(), 1, 1), c -> 256L * c);
  }

  private NDArray longs(Shape shape, IntToLongFunction value) {
    long[] values = new long[(int) shape.size()];
    Arrays.setAll(values, value);
    return shared.create(values, shape);
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    try (NDManager scratch = shared.newSubManager()) {
      NDArray batch = views.get(scratch, new NDIndex(":, {}:{}", from, from + size));
      NDArray corner = batch.get(CORNER).reshape(size, 1, 1, 1);
      NDArray flip = batch.get(FLIP).reshape(size, 1, 1, 1);
      NDArray index = flip.mul(mirror).add(corner).add(places);
      NDArray bytes = pixels.take(scratch, index).toType(DataType.INT64, false);
      NDArray labels = batch.get(LABEL).duplicate();
      labels.attach(own);
      return new NDList(values.take(own, bytes.addi(firstValue)), labels);
    }
  }
}
