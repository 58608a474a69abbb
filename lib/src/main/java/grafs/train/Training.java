package grafs.train;

import ai.djl.TrainingDivergedException;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The training of a network from its present weights.
 *
 * @param learner the network; its weights are changed
 * @param weights the optimizer's settings
 * @param train the training batches
 * @param test the test batches
 * @param epochs the number of epochs
 * @param accumulation the number of batches whose mean gradient one optimizer step uses; the last
 *     step of an epoch uses the batches that are left
 * @param listener receives progress
 */
public record Training(
    Learner learner,
    OptimizerSettings weights,
    BatchSource train,
    BatchSource test,
    int epochs,
    int accumulation,
    Progress.Listener listener) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there are no epochs, or no batches in a step
   */
  public Training {
    if (epochs < 1 || accumulation < 1) {
      throw new IllegalArgumentException(
          "a training takes at least 1 epoch and 1 batch a step, not %d and %d"
              .formatted(epochs, accumulation));
    }
  }

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

  /**
   * Trains without checkpoints.
   *
   * @param task what to call it in progress reports
   * @return one record per epoch
   * @throws TrainingDivergedException if a training loss or the last test loss is not finite
   */
  public List<Epoch> run(String task) {
    return run(task, null, epoch -> {});
  }

  /**
   * Trains, saves a checkpoint after each epoch, and resumes from the checkpoint if there is one.
   * On one CPU, a training that was interrupted and resumed gives the same bits as one that was
   * not.
   *
   * @param task what to call it in progress reports
   * @param folder the folder of the checkpoint, {@code training.zip}; null for no checkpoints
   * @param over receives each epoch after it was saved; when a training is resumed, first the
   *     epochs of the checkpoint
   * @return one record per epoch
   * @throws TrainingDivergedException if a training loss or the last test loss is not finite
   * @throws IllegalArgumentException if the folder has a checkpoint of another training
   */
  public List<Epoch> run(String task, Path folder, Consumer<Epoch> over) {
    int perEpoch = train.batchesPerEpoch();
    int steps = (perEpoch + accumulation - 1) / accumulation;
    try (WeightOptimizer optimizer = weights.optimizer(learner.weights(), epochs * steps)) {
      Map<String, NDArray> tensors = new LinkedHashMap<>(learner.state());
      tensors.putAll(optimizer.state());
      Path file = folder == null ? null : folder.resolve("training.zip");
      Checkpoint<Epoch[]> checkpoint = new Checkpoint<>(file, identity(), Epoch[].class);
      List<Epoch> records =
          new ArrayList<>(checkpoint.load(tensors).map(List::of).orElse(List.of()));
      optimizer.resume(records.size() * steps);
      records.forEach(over);
      Progress.Meter meter =
          new Progress.Meter(task, (long) (epochs - records.size()) * perEpoch, listener);
      while (records.size() < epochs) {
        Epoch epoch = epoch(task, records.size() + 1, optimizer, meter);
        records.add(epoch);
        checkpoint.save(tensors, records.toArray(Epoch[]::new));
        over.accept(epoch);
      }
      return records;
    }
  }

  /**
   * What tells this training from that of a checkpoint. It says nothing of the data, the loss and
   * activations without parameters: other ones need another folder.
   */
  private String identity() {
    return "seed %d, %d epochs of %d batches, %d a step, %s, %d weights in %s"
        .formatted(
            learner.seed(),
            epochs,
            train.batchesPerEpoch(),
            accumulation,
            weights,
            learner.parameters(),
            learner.state().keySet());
  }

  private Epoch epoch(String task, int number, WeightOptimizer optimizer, Progress.Meter meter) {
    double start = meter.seconds();
    // Seeds the engine's random numbers, as for dropout, by the seed and the epoch alone, so that a
    // resumed training draws the same.
    Engine.getInstance().setRandomSeed(Objects.hash(learner.seed(), number));
    Score trained = pass(learner, optimizer, train, number - 1, accumulation, meter);
    String diverged = "%s diverged in epoch %d".formatted(task, number);
    requireFinite(trained, diverged, "", train, number - 1);
    Score tested = learner.evaluate(test.epoch(learner.manager(), 0));
    if (number == epochs) {
      // The weights of the last step, which no training score depends on.
      requireFinite(tested, diverged, "test ", test, 0);
    }
    return new Epoch(number, trained, tested, meter.seconds() - start);
  }

  /**
   * Trains a network on the batches of one epoch.
   *
   * @param learner the network; its weights are changed
   * @param optimizer the optimizer of its weights
   * @param source the batches
   * @param epoch their epoch, from 0
   * @param accumulation the number of batches whose mean gradient one optimizer step uses; the last
   *     step uses the batches that are left
   * @param meter counts the batches
   * @return the score over the batches, each scored before the step that follows it
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public static Score pass(
      Learner learner,
      WeightOptimizer optimizer,
      BatchSource source,
      int epoch,
      int accumulation,
      Progress.Meter meter) {
    try (RunningScore tally = new RunningScore(learner.manager())) {
      int batches = 0;
      for (Batch batch : source.epoch(learner.manager(), epoch)) {
        try (batch) {
          learner.backpropagate(batch, tally);
        }
        batches++;
        int left = batches % accumulation;
        if (left == 0 || batches == source.batchesPerEpoch()) {
          optimizer.step(left == 0 ? accumulation : left);
        }
        meter.step(tally);
      }
      return tally.score();
    }
  }

  /**
   * Throws if a loss is NaN or infinite; says whether a number in the data or labels is.
   *
   * @param score the score with the loss
   * @param diverged how the message begins
   * @param part {@code "test "}, or nothing for the training batches
   * @param source the batches that were scored
   * @param epoch their epoch, from 0
   */
  private void requireFinite(
      Score score, String diverged, String part, BatchSource source, int epoch) {
    if (Double.isFinite(score.loss())) {
      return;
    }
    int number = 0;
    for (Batch batch : source.epoch(learner.manager(), epoch)) {
      try (batch) {
        number++;
        Optional<String> found = DatasetCheck.nonFinite(batch, 0);
        if (found.isPresent()) {
          throw new TrainingDivergedException(
              "%s, because of %sbatch %d: %s".formatted(diverged, part, number, found.get()));
        }
      }
    }
    throw new TrainingDivergedException(
        "%s: the %sloss is %s; try a lower learning rate".formatted(diverged, part, score.loss()));
  }
}
