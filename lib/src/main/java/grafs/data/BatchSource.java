package grafs.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;

/**
 * The batches of a data set, epoch by epoch: the input of every training and evaluation loop.
 *
 * <p>The batches of an epoch depend only on the source (its data, batch size and seed) and on the
 * epoch's number. Two calls for the same epoch give bitwise the same batches, whatever epochs were
 * read in between, so an interrupted run can be resumed at any epoch.
 */
public interface BatchSource {

  /**
   * Returns the number of batches in an epoch, the same for every epoch.
   *
   * @return the number of batches, at least 1
   */
  int batchesPerEpoch();

  /**
   * Returns the batches of one epoch. Each batch is made when the iteration reaches it.
   *
   * <p>The arrays of a batch belong to an {@link NDManager} of the batch's own, which is a child of
   * {@code manager}. They are freed when the caller closes the batch, or else when the caller
   * closes {@code manager}.
   *
   * @param manager the parent of each batch's manager
   * @param epoch the epoch's number, from 0
   * @return the batches, in order; iterate over them once, and call this method again to read them
   *     a second time
   * @throws IllegalArgumentException if {@code epoch} is negative
   */
  Iterable<Batch> epoch(NDManager manager, int epoch);
}
