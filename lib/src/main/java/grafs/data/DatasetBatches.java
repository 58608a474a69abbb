package grafs.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Batches of any DJL data set, shuffled anew in every epoch. */
public final class DatasetBatches implements BatchSource {

  private final RandomAccessDataset data;
  private final int[] examples;
  private final int batchSize;
  private final long seed;
  private final boolean shuffled;

  private DatasetBatches(
      RandomAccessDataset data, int[] examples, int batchSize, long seed, boolean shuffled) {
    if (shuffled) {
      EpochBatches.requireFull(examples.length, batchSize);
    }
    if (misreadsRanges(data) && (batchSize == 1 || examples.length == 1)) {
      throw new IllegalArgumentException(
          "DJL returns other examples of a part of an ArrayDataset than asked for in batches of one: take batches, and parts, of 2 or more");
    }
    this.data = data;
    this.examples = examples;
    this.batchSize = batchSize;
    this.seed = seed;
    this.shuffled = shuffled;
  }

  /**
   * Returns batches of all examples of a data set, shuffled anew in every epoch.
   *
   * @param data the data set; {@code prepare()} is called
   * @param batchSize the examples of a batch; an epoch leaves out those that do not fill one
   * @param seed the seed of the orders
   * @return the batches
   * @throws IllegalArgumentException if the examples do not fill one batch
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static DatasetBatches shuffled(RandomAccessDataset data, int batchSize, long seed) {
    return new DatasetBatches(data, prepared(data), batchSize, seed, true);
  }

  /**
   * Splits a data set at random into two parts.
   *
   * @param data the data set; {@code prepare()} is called
   * @param share the share of the first part, between 0 and 1
   * @param batchSize the examples of a batch; if the second part has fewer, its only batch has all
   *     of them
   * @param seed the seed of the split and of the orders
   * @return the batches of both parts
   * @throws IllegalArgumentException if a part does not fill one batch
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static List<DatasetBatches> split(
      RandomAccessDataset data, double share, int batchSize, long seed) {
    int[] all = EpochBatches.shuffle(prepared(data), new SplittableRandom(seed));
    int middle = (int) Math.round(share * all.length);
    int[] rest = Arrays.copyOfRange(all, middle, all.length);
    if (rest.length == 0) {
      throw new IllegalArgumentException(
          "a share of %s of %d examples is all of them: none are left for the other part"
              .formatted(share, all.length));
    }
    return List.of(
        new DatasetBatches(data, Arrays.copyOfRange(all, 0, middle), batchSize, seed, true),
        new DatasetBatches(data, rest, Math.min(batchSize, rest.length), seed + 1, true));
  }

  /**
   * Returns batches of all examples of a data set in their order, to score a network on.
   *
   * @param data the data set; {@code prepare()} is called
   * @param batchSize the examples of a batch; the last batch has those that are left
   * @return the batches, the same in every epoch
   * @throws IllegalArgumentException if there are no examples
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static BatchSource inOrder(RandomAccessDataset data, int batchSize) {
    int[] all = prepared(data);
    if (all.length == 0) {
      throw new IllegalArgumentException("the data set has no examples to score a network on");
    }
    return inOrder(data, all, batchSize);
  }

  private static DatasetBatches inOrder(RandomAccessDataset data, int[] examples, int batchSize) {
    int size = batchSize;
    while (misreadsRanges(data) && examples.length % size == 1 && size < examples.length) {
      size++;
    }
    return new DatasetBatches(data, examples, size, 0, false);
  }

  /**
   * Returns batches of all these examples, to score a network on.
   *
   * @return the batches, the same in every epoch; the last one has the examples that are left
   */
  public BatchSource inOrder() {
    return inOrder(data, examples, batchSize);
  }

  /**
   * DJL's part of an {@code ArrayDataset}, as {@code randomSplit} makes it, returns other examples
   * than its own where it is asked for consecutive ones, or for a single one.
   */
  private static boolean misreadsRanges(RandomAccessDataset data) {
    return data instanceof ArrayDataset && data.getClass().getSimpleName().equals("SubDataset");
  }

  /**
   * Returns batches of the same examples in another order.
   *
   * @param otherSeed the seed of the order
   * @return the batches
   */
  public DatasetBatches ordered(long otherSeed) {
    return new DatasetBatches(data, examples, batchSize, otherSeed, shuffled);
  }

  /** {@return the number of examples, those that do not fill a batch included} */
  public int examples() {
    return examples.length;
  }

  /** Prepares a data set, and returns the indices of its examples. */
  private static int[] prepared(RandomAccessDataset data) {
    try {
      data.prepare();
    } catch (IOException | TranslateException e) {
      throw unreadable(e);
    }
    return IntStream.range(0, Math.toIntExact(data.size())).toArray();
  }

  private static UncheckedIOException unreadable(Exception e) {
    return new UncheckedIOException(
        "the data set cannot be read: " + e, e instanceof IOException io ? io : new IOException(e));
  }

  @Override
  public int batchesPerEpoch() {
    return (shuffled ? examples.length : examples.length + batchSize - 1) / batchSize;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    EpochBatches.requireEpoch(epoch);
    SplittableRandom random = EpochBatches.random(seed, epoch);
    int[] order = shuffled ? EpochBatches.shuffle(examples.clone(), random) : examples;
    try {
      boolean reversed = misreadsRanges(data);
      return data.getData(manager, new Order(batchSize, batchesPerEpoch(), reversed, order));
    } catch (IOException | TranslateException e) {
      throw unreadable(e);
    }
  }

  /** Samples the examples in a given order; if reversed, no batch's are ascending. */
  private record Order(int batchSize, int batches, boolean reversed, int... order)
      implements Sampler {

    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
      return IntStream.range(0, batches)
          .map(b -> b * batchSize)
          .mapToObj(b -> Arrays.stream(order, b, Math.min(b + batchSize, order.length)))
          .map(batch -> reversed ? batch.map(i -> -i).sorted().map(i -> -i) : batch)
          .map(batch -> batch.asLongStream().boxed().toList())
          .iterator();
    }

    @Override
    public int getBatchSize() {
      return batchSize;
    }
  }
}
