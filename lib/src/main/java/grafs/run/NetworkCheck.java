package grafs.run;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.data.DatasetBatches;
import grafs.train.Learner;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Whether a network of the user's own, data and loss go together, before anything is trained. */
final class NetworkCheck {

  private NetworkCheck() {}

  /**
   * Makes the learner.
   *
   * @param input the shapes of a batch's inputs
   * @throws IllegalArgumentException if the network does not take batches of that shape
   */
  static Learner learner(Block network, Loss loss, Shape[] input, long seed) {
    try {
      return new Learner(network, loss, seed, input);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the network cannot take batches of the shape of these data, %s: %s"
              .formatted(List.of(input), e.getMessage()),
          e);
    }
  }

  /**
   * Takes one batch through the network.
   *
   * @return the output's shape
   * @throws IllegalArgumentException if it cannot be taken through
   */
  static Shape output(Learner learner, DatasetBatches batches, Shape[] input) {
    try (Batch batch = batches.epoch(learner.manager(), 0).iterator().next()) {
      return learner.output(batch);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the network does not go together with batches of shape %s: %s"
              .formatted(List.of(input), e.getMessage()),
          e);
    }
  }

  /**
   * Takes one batch through the network and its loss.
   *
   * @throws IllegalArgumentException if it cannot be taken through
   */
  static void fits(Learner learner, DatasetBatches batches, Shape[] input) {
    try {
      learner.evaluate(List.of(batches.epoch(learner.manager(), 0).iterator().next()));
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "network, data and loss do not go together: batches are %s: %s"
              .formatted(List.of(input), e.getMessage()),
          e);
    }
  }
}
