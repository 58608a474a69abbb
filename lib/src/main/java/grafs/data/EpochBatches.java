package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Batches of this library's own image and text sets, each made when the iteration reaches it. The
 * static methods check arguments, make random generators and shuffle; {@link DatasetBatches}, the
 * batches of a user's data, uses them as well.
 *
 * @param examples the number of examples in an epoch
 * @param batchSize the number of examples in a batch; the last batch has the remaining ones
 * @param makers returns the {@link Maker} of an epoch's batches, given the epoch's number, from 0
 */
record EpochBatches(int examples, int batchSize, IntFunction<Maker> makers) implements BatchSource {

  /**
   * A {@link SplittableRandom} that was made from a seed adds this number, γ, to its state whenever
   * it draws a number.
   */
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** Makes the batches of one epoch, in order. */
  @FunctionalInterface
  interface Maker {

    /**
     * Makes a batch.
     *
     * @param own the manager of the returned arrays
     * @param from the place of the batch's first example in the epoch's order, from 0
     * @param size the number of examples
     * @return two arrays, the data and the labels, with the examples along their first dimension
     */
    NDList batch(NDManager own, int from, int size);
  }

  @Override
  public int batchesPerEpoch() {
    return (int) Math.ceil((double) examples / batchSize);
  }

  @Override
  public Iterable<Batch> epoch(NDManager manager, int epoch) {
    requireEpoch(epoch);
    return () -> {
      Maker maker = makers.apply(epoch);
      return IntStream.range(0, batchesPerEpoch())
          .mapToObj(b -> batch(maker, manager.newSubManager(), b))
          .iterator();
    };
  }

  private Batch batch(Maker maker, NDManager own, int number) {
    int from = number * batchSize;
    int size = Math.min(batchSize, examples - from);
    NDList made = maker.batch(own, from, size);
    NDList data = new NDList(made.get(0));
    NDList labels = new NDList(made.get(1));
    Batchifier stack = Batchifier.STACK;
    return new Batch(own, data, labels, size, stack, stack, number + 1, batchesPerEpoch());
  }

  /** Throws an {@link IllegalArgumentException} if the number of an epoch is negative. */
  static void requireEpoch(int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException(
          "the number of an epoch must be 0 or more, but is " + epoch);
    }
  }

  /**
   * Throws an {@link IllegalArgumentException} if the batch size is less than 1 or more than the
   * number of examples.
   */
  static void requireFull(int examples, int batchSize) {
    if (batchSize < 1 || examples < batchSize) {
      throw new IllegalArgumentException(
          "%d examples do not fill a batch of %d: the batch size must be at least 1, and at most the number of examples"
              .formatted(examples, batchSize));
    }
  }

  /**
   * Returns the random generator of an epoch. If {@code split()} is called repeatedly on {@code new
   * SplittableRandom(seed)}, call number {@code epoch}, counted from 0, returns this generator. A
   * generator with the seed {@code seed + epoch} would not do: epoch 1 of seed 0 would have the
   * generator of epoch 0 of seed 1, and sequences of different seeds may overlap.
   */
  static SplittableRandom random(long seed, int epoch) {
    // Skips the splits of the earlier epochs: each of them draws two numbers, which adds 2·γ to the
    // state.
    return new SplittableRandom(seed + 2L * epoch * GOLDEN_GAMMA).split();
  }

  /** Shuffles an array in place (Fisher–Yates shuffle), and returns it. */
  static int[] shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
