package grafs.train;

import ai.djl.TrainingDivergedException;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import grafs.data.DatasetCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

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
  public record Epoch(int epoch, Score train, Score test, double seconds) {

    /** Throws if a score is missing, as in a damaged file. */
    public Epoch {
      Objects.requireNonNull(train, "an epoch's training score");
      Objects.requireNonNull(test, "an epoch's test score");
    }
  }

  /** The part of a checkpoint that is not tensors: the epochs so far and the optimizer's steps. */
  private record Log(List<Epoch> epochs, int steps) {}

  private Training() {}

  /**
   * Trains for a number of epochs, and keeps nothing on disk.
   *
   * @param task what to call it in progress reports
   * @param learner the network; its weights are changed
   * @param weights the optimizer's settings
   * @param train the training batches
   * @param test the test batches
   * @param epochs the number of epochs
   * @param listener receives progress
   * @return one record per epoch
   * @throws TrainingDivergedException if the loss stops being finite
   */
  public static List<Epoch> run(
      String task,
      Learner learner,
      OptimizerSettings weights,
      BatchSource train,
      BatchSource test,
      int epochs,
      Progress.Listener listener) {
    return run(task, learner, weights, train, test, epochs, 1, null, epoch -> {}, listener);
  }

  /**
   * Trains for a number of epochs, or goes on with a training that was broken off: after every
   * epoch its state is saved, and if there is a saved state to begin with, it continues from there.
   * What comes out is the same, bit for bit on one CPU, however often it was broken off.
   *
   * @param task what to call it in progress reports
   * @param learner the network; its weights are changed
   * @param weights the optimizer's settings
   * @param train the training batches
   * @param test the test batches
   * @param epochs the number of epochs
   * @param accumulation the batches whose mean gradient a step takes; the last step of an epoch
   *     takes those that are left
   * @param folder where to keep the state, or null not to
   * @param over receives every epoch when it is over and saved; where the training is continued,
   *     first of those done before
   * @param listener receives progress
   * @return one record per epoch
   * @throws TrainingDivergedException if the loss stops being finite
   * @throws IllegalArgumentException if another training was saved in the folder
   */
  public static List<Epoch> run(
      String task,
      Learner learner,
      OptimizerSettings weights,
      BatchSource train,
      BatchSource test,
      int epochs,
      int accumulation,
      Path folder,
      Consumer<Epoch> over,
      Progress.Listener listener) {
    int perEpoch = train.batchesPerEpoch();
    int steps = (perEpoch + accumulation - 1) / accumulation;
    List<Epoch> records = new ArrayList<>();
    try (WeightOptimizer optimizer = weights.optimizer(learner.weights(), epochs * steps)) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      learner.state().forEach((name, array) -> tensors.put("network/" + name, array));
      optimizer.state().forEach((name, array) -> tensors.put("optimizer/" + name, array));
      Checkpoint<Log> checkpoint =
          new Checkpoint<>(
              folder == null ? null : folder.resolve("training.zip"),
              Map.of(
                  "seed",
                  Long.toString(learner.seed()),
                  "epochs",
                  epochs + " of " + perEpoch + " batches, " + accumulation + " a step",
                  "optimizer",
                  weights.toString(),
                  "weights",
                  learner.parameters() + " in " + learner.state().keySet()),
              Log.class);
      checkpoint
          .load(tensors)
          .ifPresent(
              log -> {
                records.addAll(log.epochs());
                optimizer.restore(log.steps(), optimizer.state());
              });
      records.forEach(over);
      Progress.Meter meter =
          new Progress.Meter(task, (long) (epochs - records.size()) * perEpoch, listener);
      while (records.size() < epochs) {
        int number = records.size() + 1;
        Epoch epoch = epoch(task, number, learner, optimizer, train, test, accumulation, meter);
        records.add(epoch);
        checkpoint.save(tensors, new Log(records, optimizer.steps()));
        over.accept(epoch);
      }
    }
    return records;
  }

  private static Epoch epoch(
      String task,
      int number,
      Learner learner,
      WeightOptimizer optimizer,
      BatchSource train,
      BatchSource test,
      int accumulation,
      Progress.Meter meter) {
    double start = meter.seconds();
    // For what the network draws by itself, such as dropout: a function of seed and epoch alone.
    Engine.getInstance().setRandomSeed(Objects.hash(learner.seed(), number));
    try (RunningScore tally = new RunningScore(learner.manager())) {
      int batches = 0;
      for (Batch batch : train.epoch(learner.manager(), number - 1)) {
        try (batch) {
          learner.backpropagate(batch, tally);
        }
        batches++;
        int left = batches % accumulation;
        if (left == 0 || batches == train.batchesPerEpoch()) {
          optimizer.step(left == 0 ? accumulation : left);
        }
        meter.step(tally);
      }
      Score score = tally.score();
      if (!Double.isFinite(score.loss())) {
        requireFinite(task, number, train.epoch(learner.manager(), number - 1));
      }
      finite(task, number, score);
      Score tested = learner.evaluate(test.epoch(learner.manager(), 0));
      return new Epoch(number, score, tested, meter.seconds() - start);
    }
  }

  /** Throws if an example of an epoch is what made its loss NaN or infinite. */
  private static void requireFinite(String task, int epoch, Iterable<Batch> batches) {
    int number = 0;
    for (Batch batch : batches) {
      try (batch) {
        number++;
        Optional<String> found = DatasetCheck.nonFinite(batch, 0);
        if (found.isPresent()) {
          throw new TrainingDivergedException(
              "%s diverged in epoch %d, because of batch %d: %s"
                  .formatted(task, epoch, number, found.get()));
        }
      }
    }
  }

  /**
   * Refuses to go on from a loss that is not finite.
   *
   * @param task what was being done
   * @param epoch the epoch
   * @param score the epoch's score
   * @return the score
   * @throws TrainingDivergedException if its loss is NaN or infinite
   */
  public static Score finite(String task, int epoch, Score score) {
    if (!Double.isFinite(score.loss())) {
      throw new TrainingDivergedException(
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
