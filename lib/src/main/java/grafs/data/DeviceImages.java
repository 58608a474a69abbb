package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Makes the batches of an epoch on a device whose memory holds the images: cropped, flipped and
 * normalised by operations on a whole batch, with the same bits as those of {@link HostImages}.
 * Only the epoch's order, crops and flips are copied there, once.
 */
final class DeviceImages implements EpochBatches.Maker {

  private static final int CORNER = 0;
  private static final int FLIP = 1;
  private static final int LABEL = 2;

  private final NDManager manager;
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

  DeviceImages(ImageSet set, ImageViews epoch, NDManager parent) {
    manager = parent.newSubManager();
    pixels = set.pixels().on(parent, ImageViews.PADDING + set.border());
    long height = pixels.getShape().get(2);
    long width = pixels.getShape().get(3);
    long image = pixels.getShape().get(1) * height * width;

    int size = epoch.images().length;
    long[] rows = new long[3 * size];
    for (int i = 0; i < size; i++) {
      int stored = epoch.images()[i];
      long down = epoch.dy()[i] + ImageViews.PADDING;
      long right = epoch.dx()[i] + ImageViews.PADDING;
      rows[CORNER * size + i] = stored * image + down * width + right;
      rows[FLIP * size + i] = epoch.flip()[i];
      rows[LABEL * size + i] = Byte.toUnsignedLong(set.pixels().labels()[stored]);
    }
    views = manager.create(rows, new Shape(3, size));

    int channels = set.channels();
    long[] place = new long[channels * set.height() * set.width()];
    long[] opposite = new long[set.width()];
    float[] tables = new float[256 * channels];
    long[] first = new long[channels];
    int i = 0;
    for (int c = 0; c < channels; c++) {
      long plane = Math.min(c, set.pixels().channels() - 1) * height * width;
      for (int y = 0; y < set.height(); y++) {
        for (int x = 0; x < set.width(); x++) {
          place[i++] = plane + y * width + x;
          opposite[x] = set.width() - 1 - 2L * x;
        }
      }
      System.arraycopy(set.normalization().table(c), 0, tables, 256 * c, 256);
      first[c] = 256L * c;
    }
    places = manager.create(place, new Shape(1, channels, set.height(), set.width()));
    mirror = manager.create(opposite, new Shape(1, 1, 1, set.width()));
    values = manager.create(tables);
    firstValue = manager.create(first, new Shape(1, channels, 1, 1));
  }

  @Override
  public NDList batch(NDManager own, int from, int size) {
    try (NDManager scratch = manager.newSubManager()) {
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

  @Override
  public void close() {
    manager.close();
  }
}
