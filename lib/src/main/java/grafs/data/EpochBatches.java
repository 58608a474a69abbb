package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** The batches of one epoch, each made when it is asked for. */
final class EpochBatches {

  /** Makes the batches of one epoch, one after the other. */
  @FunctionalInterface
  interface Maker extends AutoCloseable {

    /**
     * Makes a batch.
     *
     * @param own the manager of what is returned
     * @param from the batch's first example, in the epoch's order
     * @param size the number of examples
     * @return the data and the labels
     */
    NDList batch(NDManager own, int from, int size);

    /** Frees the memory that the epoch's batches share. */
    @Override
    default void close() {}
  }

  private EpochBatches() {}

  /**
   * Returns the batches of an epoch.
   *
   * @param manager the parent of each batch's own manager
   * @param source gives the number of batches
   * @param epoch the epoch, which must not be negative
   * @param batchSize the examples of a batch
   * @param examples the number of examples; the last batch may have fewer than the others
   * @param makers creates the maker of one iteration's batches, which is closed after the last one
   */
  static Iterable<Batch> of(
      NDManager manager,
      BatchSource source,
      int epoch,
      int batchSize,
      int examples,
      Supplier<Maker> makers) {
    requireEpoch(epoch);
    int batches = source.batchesPerEpoch();
    return () -> {
      Maker maker = makers.get();
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < batches;
        }

        @Override
        public Batch next() {
          if (!hasNext()) {
            throw new NoSuchElementException("This epoch had " + next + " batches");
          }
          int from = next * batchSize;
          int size = Math.min(batchSize, examples - from);
          next++;
          NDManager own = manager.newSubManager();
          NDList made = maker.batch(own, from, size);
          if (!hasNext()) {
            maker.close();
          }
          NDList data = new NDList(made.get(0));
          NDList labels = new NDList(made.get(1));
          return new Batch(
              own, data, labels, size, Batchifier.STACK, Batchifier.STACK, next, batches);
        }
      };
    };
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
