package grafs.train;

import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import java.util.ArrayList;
import java.util.List;

/** Trains a network from its initial weights. */
public final class Training {

  /**
   * One epoch of training.
   *
   * @param epoch the epoch, from 1
   * @param train the score over the epoch's training batches, while the weights moved
   * @param test the score on the test set after the epoch
   * @param seconds the time the epoch took, test included
   */
  public record Epoch(int epoch, Score train, Score test, double seconds) {}

  private Training() {}

  /**
   * Trains for a number of epochs.
   *
   * @param task what to call it in progress reports
   * @param learner the network; its weights are changed
   * @param weights the optimizer's settings
   * @param train the training batches
   * @param test the test batches
   * @param epochs the number of epochs
   * @param listener hears of progress
   * @return one record an epoch
   * @throws ArithmeticException if the loss stops being finite
   */
  public static List<Epoch> run(
      String task,
      Learner learner,
      OptimizerSettings weights,
      BatchSource train,
      BatchSource test,
      int epochs,
      Progress.Listener listener) {
    int steps = epochs * train.batchesPerEpoch();
    Progress.Meter meter = new Progress.Meter(task, steps, listener);
    List<Epoch> records = new ArrayList<>();
    try (Optimizer optimizer = weights.optimizer(learner.weights(), steps)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        double start = meter.seconds();
        try (Tally tally = new Tally(learner.manager())) {
          for (Batch batch : train.epoch(learner.manager(), epoch - 1)) {
            try (batch) {
              learner.backpropagate(batch, tally);
            }
            optimizer.step();
            meter.step(tally);
          }
          Score score = finite(task, epoch, tally.score());
          Score tested = learner.evaluate(test.epoch(learner.manager(), 0));
          records.add(new Epoch(epoch, score, tested, meter.seconds() - start));
        }
      }
    }
    return records;
  }

  /**
   * Refuses to go on from a loss that is not finite.
   *
   * @param task what was being done
   * @param epoch the epoch
   * @param score the epoch's score
   * @return the score
   * @throws ArithmeticException if its loss is NaN or infinite
   */
  public static Score finite(String task, int epoch, Score score) {
    if (!Double.isFinite(score.loss())) {
      throw new ArithmeticException(
          task
              + " diverged in epoch "
              + epoch
              + ": the loss is "
              + score.loss()
              + "; try a lower learning rate");
    }
    return score;
  }
}
