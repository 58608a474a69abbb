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
   * @param train the score over the epoch's training batches, each scored before the step that
   *     follows it
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
   * Trains for a number of epochs without checkpoints.
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
   * Trains for a number of epochs, saves a checkpoint after each, and resumes from the checkpoint
   * if there is one. On one CPU, a training that was interrupted and resumed gives the same bits as
   * one that was not.
   *
   * @param task what to call it in progress reports
   * @param learner the network; its weights are changed
   * @param weights the optimizer's settings
   * @param train the training batches
   * @param test the test batches
   * @param epochs the number of epochs
   * @param accumulation the number of batches whose mean gradient one optimizer step uses; the last
   *     step of an epoch uses the batches that are left
   * @param folder the folder of the checkpoint, {@code training.zip}; null for no checkpoints
   * @param over receives each epoch after it was saved; when a training is resumed, first the
   *     epochs of the checkpoint
   * @param listener receives progress
   * @return one record per epoch
   * @throws TrainingDivergedException if the loss stops being finite
   * @throws IllegalArgumentException if the folder has a checkpoint of another training
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
    // Seeds the engine's random numbers, as for dropout, by the seed and the epoch alone, so that a
    // resumed training draws the same.
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

  /** Throws and names the batch if an epoch's data or labels have a NaN or infinite number. */
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
   * Throws if an epoch's loss is not finite.
   *
   * @param task the name of the training in the message
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
