package grafs.run;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.data.DatasetBatches;
import grafs.train.DatasetCheck;
import grafs.train.Learner;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * Checks, before any training, that a user's network, data and loss fit together. A search for an
 * activation function ({@link ActivationSearch}) and a comparison of two activations ({@link
 * PairedTraining}) begin with this check.
 */
final class NetworkCheck {

  private NetworkCheck() {}

  /** {@return the shapes of the inputs of the first batch, batch size included} */
  static Shape[] input(DatasetBatches batches) {
    try (NDManager manager = NDManager.newBaseManager();
        Batch batch = first(batches, manager)) {
      return batch.getData().getShapes();
    }
  }

  /**
   * {@return the first batch of the first epoch; its tensors belong to a submanager of the given
   * manager}
   */
  static Batch first(DatasetBatches batches, NDManager manager) {
    return batches.epoch(manager, 0).iterator().next();
  }

  /**
   * Creates the {@link Learner} of a network, which holds the network and the loss and initialises
   * the weights, and checks that network, data and loss fit together. For this, one batch runs
   * through the network and the loss.
   *
   * @param network the network
   * @param loss the loss, computed from the network's output and the labels
   * @param batches batches of the data that the network will be trained on; the first one is run
   * @param rows the data set whose numbers and labels are all checked
   * @param batchSize the number of examples of {@code rows} that are checked at once
   * @param seed the seed of the initial weights
   * @return the learner; the caller closes it
   * @throws IllegalArgumentException if network, data and loss do not fit together; the message
   *     says what does not fit
   */
  static Learner learner(
      Block network,
      Loss loss,
      DatasetBatches batches,
      RandomAccessDataset rows,
      int batchSize,
      long seed) {
    Shape[] input = input(batches);
    Learner learner =
        checked(
            "the network cannot take batches of the shape of these data, %s: %s",
            input, () -> new Learner(network, loss, seed, input));
    try {
      Shape output =
          checked(
              "the network cannot compute an output for a batch of these data, %s: %s",
              input,
              () -> {
                try (Batch batch = first(batches, learner.manager())) {
                  return learner.output(batch);
                }
              });
      DatasetCheck.require(rows, batchSize, loss, output);
      checked(
          "the loss cannot be computed from the network's output and the labels; batches are %s: %s",
          input, () -> learner.evaluate(List.of(first(batches, learner.manager()))));
      return learner;
    } catch (RuntimeException e) {
      learner.close();
      throw e;
    }
  }

  private static <T> T checked(String failure, Shape[] input, Supplier<T> work) {
    try {
      return work.get();
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      Object why = e.getMessage() == null ? e : e.getMessage();
      throw new IllegalArgumentException(failure.formatted(List.of(input), why), e);
    }
  }
}
