package grafs.nas;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The training set of a gradient-based search for an activation function in two parts. One part
 * trains the network's weights. The other trains α, the numbers that rate the operations from which
 * the function is composed. The split serves the batches of both parts step by step.
 *
 * @param weights the part for the weights, used once in an epoch
 * @param alpha the part for α; if it has fewer batches than an epoch needs, it is used again in
 *     another order of its examples
 * @param accumulation the number of batches of each part in a step; the last step of an epoch has
 *     fewer batches of the weights' part if fewer are left
 */
public record Split(BatchSource weights, BatchSource alpha, int accumulation) {

  /**
   * A {@link BatchSource} has another order of the examples for each epoch number. When α's part is
   * used again within an epoch, its batches are requested with an epoch number that is higher by
   * this constant. The constant is larger than the number of epochs of any search, so that no order
   * is used twice.
   */
  private static final int PASSES = 1 << 16;

  /**
   * The batches of one step; {@link #close} frees them.
   *
   * @param weights batches of the part for the weights
   * @param alpha batches of the part for α
   */
  public record Step(List<Batch> weights, List<Batch> alpha) implements AutoCloseable {
    @Override
    public void close() {
      weights.forEach(Batch::close);
      alpha.forEach(Batch::close);
    }
  }

  /** {@return the number of steps in an epoch} */
  public int steps() {
    return (weights.batchesPerEpoch() + accumulation - 1) / accumulation;
  }

  /**
   * Serves the batches of an epoch, which depend only on the number of the epoch.
   *
   * @param manager the parent of each batch's own manager
   * @param epoch the number of the epoch, from 1
   * @return the steps; each must be closed before the next is requested
   * @throws IllegalArgumentException if the epoch is below 1
   */
  public Iterable<Step> epoch(NDManager manager, int epoch) {
    if (epoch < 1) {
      throw new IllegalArgumentException(
          "epochs are numbered from 1: there is no epoch " + epoch + " of a split");
    }
    return () ->
        new Iterator<>() {
          private final Iterator<Batch> own = weights.epoch(manager, epoch - 1).iterator();
          private int pass = epoch;
          private Iterator<Batch> held = alpha.epoch(manager, pass).iterator();

          @Override
          public boolean hasNext() {
            return own.hasNext();
          }

          @Override
          public Step next() {
            List<Batch> training = new ArrayList<>();
            List<Batch> validation = new ArrayList<>();
            for (int b = 0; b < accumulation; b++) {
              if (own.hasNext()) {
                training.add(own.next());
              }
              if (!held.hasNext()) {
                pass = (pass + PASSES) & Integer.MAX_VALUE;
                held = alpha.epoch(manager, pass).iterator();
              }
              validation.add(held.next());
            }
            return new Step(training, validation);
          }
        };
  }
}
