package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/** Serves an {@link ImageSet} in normalised batches, augmented or as it is. */
final class ImageBatches implements BatchSource {

  /** Pixels added on each side before cropping (He et al. 2016, section 4.2). */
  private static final int PADDING = 4;

  private final ImageSet images;
  private final int batchSize;
  private final boolean training;
  private final long seed;
  private final float[][] tables;

  ImageBatches(ImageSet images, int batchSize, boolean training, long seed) {
    this.images = images;
    this.batchSize = batchSize;
    this.training = training;
    this.seed = seed;
    this.tables = new float[images.channels()][];
    Arrays.setAll(tables, images.normalization()::table);
  }

  @Override
  public int batchesPerEpoch() {
    return (training ? images.size() : images.size() + batchSize - 1) / batchSize;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("Epochs count from 0, not " + epoch);
    }
    return () -> new Epoch(manager, epoch);
  }

  /** One pass over the images, with one staging buffer for all its batches. */
  private final class Epoch implements Iterator<Batch> {

    private final NDManager manager;
    private final SplittableRandom random;
    private final int[] order;
    private final ByteBuffer staging;
    private final float[] row = new float[images.width()];
    private int next;

    Epoch(NDManager manager, int epoch) {
      this.manager = manager;
      this.random = random(epoch);
      this.order = images.index();
      if (training) {
        shuffle();
      }
      long pixels = (long) images.channels() * images.height() * images.width();
      int bytes = Math.toIntExact(batchSize * pixels * Float.BYTES);
      this.staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** The generator of an epoch: the epoch-th that splits off, since nearby seeds may overlap. */
    private SplittableRandom random(int epoch) {
      SplittableRandom root = new SplittableRandom(seed);
      for (int i = 0; i < epoch; i++) {
        root.split();
      }
      return root.split();
    }

    private void shuffle() {
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }

    @Override
    public boolean hasNext() {
      return next < batchesPerEpoch();
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("This epoch had " + next + " batches");
      }
      int from = next * batchSize;
      int size = Math.min(batchSize, order.length - from);
      FloatBuffer out = staging.clear().asFloatBuffer();
      long[] labels = new long[size];
      for (int i = 0; i < size; i++) {
        int image = order[from + i];
        labels[i] = Byte.toUnsignedLong(images.pixels().labels()[image]);
        write(image, out);
      }
      staging.limit(out.position() * Float.BYTES);
      next++;
      NDManager own = manager.newSubManager();
      Shape shape = new Shape(size, images.channels(), images.height(), images.width());
      NDArray data;
      // The array made from a direct buffer is that buffer: what leaves here must be a copy.
      try (NDArray staged = own.create(staging, shape, DataType.FLOAT32)) {
        data = staged.duplicate();
      }
      return new Batch(
          own,
          new NDList(data),
          new NDList(own.create(labels)),
          size,
          Batchifier.STACK,
          Batchifier.STACK,
          next,
          batchesPerEpoch());
    }

    /**
     * Writes one image, normalised: black pixels around it, then a crop of it, then perhaps a flip.
     */
    private void write(int image, FloatBuffer out) {
      int dy = training ? random.nextInt(2 * PADDING + 1) - PADDING : 0;
      int dx = training ? random.nextInt(2 * PADDING + 1) - PADDING : 0;
      boolean flip = training && images.flips() && random.nextBoolean();
      Pixels pixels = images.pixels();
      byte[] bytes = pixels.bytes();
      int left = dx - images.border();
      // Output columns [from, to) show a stored pixel, the others are black.
      int from = Math.max(0, -left);
      int to = Math.min(row.length, pixels.width() - left);
      for (int c = 0; c < tables.length; c++) {
        float[] table = tables[c];
        int plane = Math.min(c, pixels.channels() - 1);
        for (int y = 0; y < images.height(); y++) {
          int sourceY = y + dy - images.border();
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
}
