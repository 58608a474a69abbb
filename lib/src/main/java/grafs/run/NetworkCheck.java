package grafs.run;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.data.DatasetBatches;
import grafs.train.Learner;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** Checks, before any training, that a user's network, data and loss fit together. */
final class NetworkCheck {

  private NetworkCheck() {}

  /** {@return the shapes of a batch's inputs} */
  static Shape[] input(DatasetBatches batches) {
    try (NDManager manager = NDManager.newBaseManager();
        Batch batch = batches.epoch(manager, 0).iterator().next()) {
      return batch.getData().getShapes();
    }
  }

  /**
   * Makes the learner.
   *
   * @param input the shapes of a batch's inputs
   * @throws IllegalArgumentException if the network does not take batches of that shape
   */
  static Learner learner(Block network, Loss loss, Shape[] input, long seed) {
    return checked(
        "the network cannot take batches of the shape of these data, %s: %s",
        input, () -> new Learner(network, loss, seed, input));
  }

  /**
   * Runs one batch through the network.
   *
   * @return the output's shape
   * @throws IllegalArgumentException if the network rejects the batch
   */
  static Shape output(Learner learner, DatasetBatches batches, Shape[] input) {
    return checked(
        "the network does not go together with batches of shape %s: %s",
        input,
        () -> {
          try (Batch batch = batches.epoch(learner.manager(), 0).iterator().next()) {
            return learner.output(batch);
          }
        });
  }

  /**
   * Runs one batch through the network and the loss.
   *
   * @throws IllegalArgumentException if the network or the loss rejects the batch
   */
  static void fits(Learner learner, DatasetBatches batches, Shape[] input) {
    checked(
        "network, data and loss do not go together: batches are %s: %s",
        input,
        () -> learner.evaluate(List.of(batches.epoch(learner.manager(), 0).iterator().next())));
  }

  private static <T> T checked(String failure, Shape[] input, Supplier<T> work) {
    try {
      return work.get();
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(failure.formatted(List.of(input), e.getMessage()), e);
    }
  }
}
