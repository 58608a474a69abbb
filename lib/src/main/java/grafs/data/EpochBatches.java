package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Batches that are made from data in memory, each when it is asked for.
 *
 * @param examples the examples of an epoch
 * @param batchSize the examples of a batch; the last one has what remains
 * @param makers returns the maker of the batches of an epoch, by its number, from 0
 */
record EpochBatches(int examples, int batchSize, IntFunction<Maker> makers) implements BatchSource {

  /** γ of a {@link SplittableRandom} that is made from a seed. */
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** Makes the batches of one epoch, one after the other. */
  @FunctionalInterface
  interface Maker {

    /**
     * Makes a batch.
     *
     * @param own the manager of what is returned
     * @param from the batch's first example, in the epoch's order
     * @param size the number of examples
     * @return the data and the labels
     */
    NDList batch(NDManager own, int from, int size);
  }

  @Override
  public int batchesPerEpoch() {
    return (examples + batchSize - 1) / batchSize;
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

  /** Throws if the number of an epoch is negative. */
  static void requireEpoch(int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("Epochs count from 0, not " + epoch);
    }
  }

  /** Throws if the batch size is less than 1 or more than the examples. */
  static void requireFull(int examples, int batchSize) {
    if (batchSize < 1 || examples < batchSize) {
      throw new IllegalArgumentException(
          "%d examples do not fill a batch of %d: take a batch of 1 to %d, or more data"
              .formatted(examples, batchSize, examples));
    }
  }

  /**
   * Returns the generator of an epoch: the one that is split off the seed's generator after as many
   * others, since the sequences of neighbouring seeds may overlap.
   */
  static SplittableRandom random(long seed, int epoch) {
    // Each split takes two numbers of the generator, whose state grows by γ with each.
    return new SplittableRandom(seed + 2L * epoch * GOLDEN_GAMMA).split();
  }

  /** Shuffles an array in place (Fisher and Yates), and returns it. */
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
