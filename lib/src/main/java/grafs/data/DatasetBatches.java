package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Batches of the examples of any DJL data set, or of a random part of one. For training, the
 * examples are shuffled anew in every epoch. For scoring a network, they have the same order in
 * every epoch. A search for an activation function uses this class if its examples are a DJL data
 * set, such as a user's own. This library's own image and text sets make their batches themselves
 * ({@link ImageSet}, {@link TextSet}).
 */
public final class DatasetBatches implements BatchSource {

  private final RandomAccessDataset data;

  /** The examples that the batches are made of, as indices in {@link #data}. */
  private final int[] examples;

  private final int batchSize;
  private final long seed;
  private final boolean shuffled;

  private DatasetBatches(
      RandomAccessDataset data, int[] examples, int batchSize, long seed, boolean shuffled) {
    if (shuffled) {
      EpochBatches.requireFull(examples.length, batchSize);
    }
    if (reverses(data) && (batchSize == 1 || examples.length == 1)) {
      throw new IllegalArgumentException(
          "the data set is a part that DJL made of an ArrayDataset, as by randomSplit, of which DJL"
              + " returns wrong examples in batches of one: take a batch size of 2 or more, and a"
              + " part of 2 examples or more");
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
   * @param data the data set; this method calls its {@code prepare()}
   * @param batchSize the number of examples in a batch; each epoch leaves out the examples at the
   *     end of its order that do not fill a batch
   * @param seed the seed of the shuffling, from which each epoch has an order of its own
   * @return the batches
   * @throws IllegalArgumentException if the batch size is less than 1 or more than the number of
   *     examples; or if it is 1 and the data set is a part that DJL made of an {@link
   *     ArrayDataset}, for which DJL would return wrong examples; see {@link #reverses}
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static DatasetBatches shuffled(RandomAccessDataset data, int batchSize, long seed) {
    return new DatasetBatches(data, prepared(data), batchSize, seed, true);
  }

  /**
   * Splits a data set at random into two disjoint parts, each of which is shuffled anew in every
   * epoch.
   *
   * @param data the data set; this method calls its {@code prepare()}
   * @param share the share of the examples that go to the first part, between 0 and 1
   * @param batchSize the number of examples in a batch; if the second part has fewer examples than
   *     this, its only batch has all of them
   * @param seed the seed of the split and of the shuffling
   * @return the batches of the first and of the second part
   * @throws IllegalArgumentException if the share is not above 0 and below 1, the batch size is
   *     less than 1, the first part has fewer examples than a batch, or the second part has none;
   *     or if the data set is a part that DJL made of an {@link ArrayDataset}, and the batch size
   *     is 1 or one of the two parts has only one example, since DJL would return wrong examples;
   *     see {@link #reverses}
   * @throws UncheckedIOException if the data cannot be prepared
   */
  public static List<DatasetBatches> split(
      RandomAccessDataset data, double share, int batchSize, long seed) {
    int[] all = EpochBatches.shuffle(prepared(data), new SplittableRandom(seed));
    int middle = share > 0 && share < 1 ? (int) Math.round(share * all.length) : all.length;
    int[] rest = Arrays.copyOfRange(all, middle, all.length);
    if (rest.length == 0) {
      throw new IllegalArgumentException(
          "%d examples cannot be split at a share of %s: the share must be above 0 and below 1, and leave an example for the second part"
              .formatted(all.length, share));
    }
    return List.of(
        new DatasetBatches(data, Arrays.copyOfRange(all, 0, middle), batchSize, seed, true),
        new DatasetBatches(data, rest, Math.min(batchSize, rest.length), seed + 1, true));
  }

  /**
   * Returns batches of all examples of a data set in their order, to score a network on.
   *
   * <p>There is one exception: a part that DJL made of an {@link ArrayDataset}, as {@code
   * randomSplit} does. DJL would return wrong examples if the indices in a batch were in ascending
   * order; see {@link #reverses}. Each batch of such a part therefore has its examples in
   * descending order, and the batches are made larger if the last one would otherwise have a single
   * example.
   *
   * @param data the data set; this method calls its {@code prepare()}
   * @param batchSize the number of examples in a batch, at least 1; the last batch has the
   *     remaining examples
   * @return the batches, the same in every epoch
   * @throws IllegalArgumentException if there are no examples or {@code batchSize} is less than 1;
   *     or if the data set is a part that DJL made of an {@link ArrayDataset}, and it has only one
   *     example or {@code batchSize} is 1
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
    EpochBatches.requireFull(examples.length, Math.min(batchSize, examples.length));
    int size = batchSize;
    while (reverses(data) && examples.length % size == 1 && size < examples.length) {
      size++;
    }
    return new DatasetBatches(data, examples, size, 0, false);
  }

  /**
   * Returns batches that have the same examples as these batches, but in one fixed order, to score
   * a network on. No example is left out: the last batch has the remaining ones.
   *
   * @return the batches, the same in every epoch
   */
  public BatchSource inOrder() {
    return inOrder(data, examples, batchSize);
  }

  /**
   * Returns whether this class has to sort the examples of each batch in descending order of their
   * indices. It has to if the data set is a part that DJL made of an {@link ArrayDataset}, as
   * {@code randomSplit} does. For such a part DJL 0.36.0 returns wrong examples if the indices of a
   * batch are consecutive and ascending, or if a batch has a single index. DJL then reads the
   * indices as a range of the whole data set, and ignores which examples the part has.
   *
   * @param data a data set
   * @return whether the data set is such a part
   */
  public static boolean reverses(RandomAccessDataset data) {
    return data instanceof ArrayDataset && data.getClass().getSimpleName().equals("SubDataset");
  }

  /**
   * Returns batches of the same examples, shuffled with another seed.
   *
   * @param otherSeed the seed of the shuffling
   * @return the batches
   */
  public DatasetBatches ordered(long otherSeed) {
    return new DatasetBatches(data, examples, batchSize, otherSeed, shuffled);
  }

  /** {@return the number of examples, including those that an epoch leaves out} */
  public int examples() {
    return examples.length;
  }

  /** Prepares a data set and returns the indices of its examples, 0 to its size − 1. */
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
    double batches = (double) examples.length / batchSize;
    return (int) (shuffled ? Math.floor(batches) : Math.ceil(batches));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The result can be iterated over once.
   *
   * @throws UncheckedIOException if the data cannot be read
   */
  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    EpochBatches.requireEpoch(epoch);
    SplittableRandom random = EpochBatches.random(seed, epoch);
    int[] order = shuffled ? EpochBatches.shuffle(examples.clone(), random) : examples;
    try {
      Order sampler = new Order(batchSize, batchesPerEpoch(), reverses(data), order);
      Iterator<Batch> batches = data.getData(manager, sampler).iterator();
      return () ->
          IntStream.range(0, batchesPerEpoch()).mapToObj(b -> moved(batches, manager)).iterator();
    } catch (IOException | TranslateException e) {
      throw unreadable(e);
    }
  }

  /**
   * Returns the next batch of DJL's iterator, with its arrays moved to a manager of its own. So the
   * arrays stay usable until the caller closes the batch. Otherwise DJL would free them too early:
   * when {@code hasNext()} of its iterator finds no further batch, it frees all batches of the
   * epoch, also those still in use.
   */
  private static Batch moved(Iterator<Batch> batches, NDManager manager) {
    try (Batch batch = batches.next()) {
      NDManager own = manager.newSubManager();
      NDList data = batch.getData();
      NDList labels = batch.getLabels();
      data.attach(own);
      labels.attach(own);
      // After the last batch, hasNext() closes DJL's manager of the epoch.
      batches.hasNext();
      long all = batch.getProgressTotal();
      Batchifier stack = Batchifier.STACK;
      return new Batch(own, data, labels, batch.getSize(), stack, stack, batch.getProgress(), all);
    }
  }

  /**
   * Gives DJL the indices of the examples of each batch, taken one after the other from {@code
   * order}. If {@code reversed}, those of each batch are sorted in descending order, so that DJL
   * does not read them as a range (see {@link DatasetBatches#reverses}).
   */
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
