package grafs.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Batches of any DJL data set, shuffled anew in every epoch. */
public final class DatasetBatches implements BatchSource {

  private final RandomAccessDataset data;
  private final long[] examples;
  private final int batchSize;
  private final long seed;

  private DatasetBatches(RandomAccessDataset data, long[] examples, int batchSize, long seed) {
    this.data = data;
    this.examples = examples;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /**
   * Takes all examples of a data set.
   *
   * @param data the data set; it is prepared
   * @param batchSize the examples of a batch; what does not fill one is left out of an epoch
   * @param seed the seed of the order
   * @return the batches
   * @throws IllegalArgumentException if the examples do not fill one batch
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static DatasetBatches of(RandomAccessDataset data, int batchSize, long seed) {
    prepare(data);
    return part(data, LongStream.range(0, data.size()).toArray(), batchSize, seed);
  }

  /**
   * Splits a data set at random into two parts.
   *
   * @param data the data set; it is prepared
   * @param share the share of the first part, between 0 and 1
   * @param batchSize the examples of a batch; of the second part, where that has fewer, all of it
   * @param seed the seed of the split and of the orders
   * @return the batches of both parts
   * @throws IllegalArgumentException if a part does not fill one batch
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static List<DatasetBatches> split(
      RandomAccessDataset data, double share, int batchSize, long seed) {
    prepare(data);
    long[] all = LongStream.range(0, data.size()).toArray();
    shuffle(all, new SplittableRandom(seed));
    int middle = (int) Math.round(share * all.length);
    long[] rest = Arrays.copyOfRange(all, middle, all.length);
    return List.of(
        part(data, Arrays.copyOfRange(all, 0, middle), batchSize, seed),
        part(data, rest, Math.min(batchSize, rest.length), seed + 1));
  }

  private static DatasetBatches part(
      RandomAccessDataset data, long[] examples, int batchSize, long seed) {
    if (batchSize < 1 || examples.length < batchSize) {
      throw new IllegalArgumentException(
          "%d examples do not fill a batch of %d: take a smaller batch, or more data"
              .formatted(examples.length, batchSize));
    }
    return new DatasetBatches(data, examples, batchSize, seed);
  }

  private static void prepare(RandomAccessDataset data) {
    try {
      data.prepare();
    } catch (IOException | TranslateException e) {
      throw new UncheckedIOException(
          "the data set cannot be prepared: " + e,
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  private static void shuffle(long[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      long swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  @Override
  public int batchesPerEpoch() {
    return examples.length / batchSize;
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("Epochs count from 0, not " + epoch);
    }
    long[] order = examples.clone();
    shuffle(order, new SplittableRandom(seed * 31 + epoch));
    try {
      return data.getData(manager, new Order(order));
    } catch (IOException | TranslateException e) {
      throw new UncheckedIOException(
          "the data set cannot be read: " + e,
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /** Examples in this order, as many as fill whole batches. */
  private final class Order implements Sampler {

    private final long[] order;

    Order(long... order) {
      this.order = order;
    }

    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
      List<List<Long>> batches = new ArrayList<>();
      for (int b = 0; b < batchesPerEpoch(); b++) {
        int from = b * batchSize;
        batches.add(IntStream.range(from, from + batchSize).mapToObj(i -> order[i]).toList());
      }
      return batches.iterator();
    }

    @Override
    public int getBatchSize() {
      return batchSize;
    }
  }
}
