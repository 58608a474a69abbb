package grafs.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Makes the batches of one epoch, one after the other. */
@FunctionalInterface
interface BatchMaker extends AutoCloseable {

  /**
   * Makes a batch.
   *
   * @param own the manager of what is returned
   * @param from the batch's first example, in the epoch's order
   * @param size how many
   * @return the data and the labels
   */
  NDList batch(NDManager own, int from, int size);

  /** Frees what the epoch needed. */
  @Override
  default void close() {}
}
