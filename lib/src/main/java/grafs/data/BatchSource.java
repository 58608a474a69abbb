package grafs.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;

/**
 * Batches for one epoch after another: what a training or evaluation loop consumes.
 *
 * <p>The batches of an epoch are a function of the source (its data, batch size and seed) and of
 * the epoch's number alone. Asking twice for the same epoch, in whatever order, gives the same
 * bits, so a run that was interrupted can go on where it stopped.
 */
public interface BatchSource {

  /**
   * Returns how many batches every epoch has.
   *
   * @return the number of batches, at least 1
   */
  int batchesPerEpoch();

  /**
   * Returns the batches of one epoch, each made when the iteration reaches it.
   *
   * <p>A batch owns a sub-manager of {@code manager}, on its device. The caller closes the batch
   * before asking for the next one, or memory grows by a batch each time.
   *
   * @param manager the parent of each batch's own manager
   * @param epoch the epoch's number, from 0
   * @return the batches, in order; every iteration starts from the first
   * @throws IllegalArgumentException if {@code epoch} is negative
   */
  Iterable<Batch> epoch(NDManager manager, int epoch);
}
