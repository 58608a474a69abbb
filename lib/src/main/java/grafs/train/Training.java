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
 * A training of a network's weights by gradient descent, for a number of epochs. After each epoch
 * the loss and accuracy on test batches are measured. The training begins with the weights that the
 * network has. It can save checkpoints, from which it resumes after an interruption.
 *
 * @param learner the network with its loss; the training changes its weights
 * @param weights the settings of the optimizer of the weights
 * @param train the training batches
 * @param test the test batches
 * @param epochs the number of epochs, at least 1
 * @param accumulation the number of batches, at least 1, for one optimizer step, which uses the
 *     mean of their gradients; the last step of an epoch uses the batches that remain
 * @param listener receives progress reports, which count batches
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
   * Checks the numbers of epochs and batches.
   *
   * @throws IllegalArgumentException if epochs or accumulation is less than 1
   */
  public Training {
    if (epochs < 1 || accumulation < 1) {
      throw new IllegalArgumentException(
          "a training takes at least 1 epoch and 1 batch a step, not %d and %d"
              .formatted(epochs, accumulation));
    }
  }

  /**
   * The result of one epoch.
   *
   * @param epoch the number of the epoch, from 1
   * @param train the score over the epoch's training batches. Each batch is scored in training
   *     mode, with the weights before the optimizer step that uses this batch
   * @param test the score over the test batches after the epoch
   * @param seconds the duration of the epoch in seconds, including the scoring of the test batches
   */
  public record Epoch(int epoch, Score train, Score test, double seconds) {

    /** Throws a NullPointerException if a score is missing, as in a damaged checkpoint. */
    public Epoch {
      Objects.requireNonNull(train, "an epoch's training score");
      Objects.requireNonNull(test, "an epoch's test score");
    }
  }

  /**
   * Trains without checkpoints.
   *
   * @param task the name of the training in progress reports and error messages
   * @return the results of the epochs, in order
   * @throws TrainingDivergedException if the training loss of an epoch or the test loss of the last
   *     epoch is not finite; the message says whether a number in the data is the cause
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public List<Epoch> run(String task) {
    return run(task, null, epoch -> {});
  }

  /**
   * Trains, saves a checkpoint after each epoch, and resumes from the checkpoint if there is one.
   * On the same CPU, a training that was interrupted and resumed ends with the same weights, bit
   * for bit, as a training without interruption.
   *
   * @param task the name of the training in progress reports and error messages
   * @param folder the folder with the checkpoint, the file {@code training.zip}; null for no
   *     checkpoints
   * @param over called with the result of each epoch, after the checkpoint of the epoch was saved.
   *     If the training is resumed, it is first called with the results of the epochs that the
   *     checkpoint contains
   * @return the results of the epochs, in order
   * @throws TrainingDivergedException if the training loss of an epoch or the test loss of the last
   *     epoch is not finite; the message says whether a number in the data is the cause
   * @throws IllegalArgumentException if the folder has a checkpoint of another training: one with
   *     another seed, settings, number of batches or parameters
   * @throws java.io.UncheckedIOException if the checkpoint cannot be read or written
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
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
   * Describes this training. A training resumes only from a checkpoint with the same description.
   * Trainings that differ only in their data, their loss, or activations that have no parameters
   * have the same description: the caller must give such trainings different folders.
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

  /** Trains for one epoch and scores the test batches. Epochs are numbered from 1. */
  private Epoch epoch(String task, int number, WeightOptimizer optimizer, Progress.Meter meter) {
    double start = meter.seconds();
    // The engine's random numbers, which dropout uses, depend on the seed and the epoch only, so
    // that a resumed training draws the same numbers.
    Engine.getInstance().setRandomSeed(Objects.hash(learner.seed(), number));
    Score trained = pass(learner, optimizer, train, number - 1, accumulation, meter);
    String diverged = "%s diverged in epoch %d".formatted(task, number);
    requireFinite(trained, diverged, "", train, number - 1);
    Score tested = learner.evaluate(test.epoch(learner.manager(), 0));
    if (number == epochs) {
      // If the last optimizer step of the training made the weights non-finite, no training loss
      // shows this, but the test loss does.
      requireFinite(tested, diverged, "test ", test, 0);
    }
    return new Epoch(number, trained, tested, meter.seconds() - start);
  }

  /**
   * Trains a network on the batches of one epoch.
   *
   * @param learner the network with its loss; its weights are changed
   * @param optimizer the optimizer of the learner's weights
   * @param source the training batches
   * @param epoch the number of the epoch whose batches the source is to return, from 0
   * @param accumulation the number of batches for one optimizer step, which uses the mean of their
   *     gradients; the last step uses the batches that remain
   * @param meter counts the batches and reports the progress
   * @return the score over the batches. Each batch is scored in training mode, with the weights
   *     before the optimizer step that uses this batch
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
   * Throws a {@link TrainingDivergedException} if a loss is NaN or infinite. The message gives the
   * first NaN or infinite number in the data or labels, if there is one.
   *
   * @param score the score with the loss
   * @param diverged the beginning of the message
   * @param part {@code "test "} for the test batches, empty for the training batches
   * @param source the batches that were scored
   * @param epoch the number of the epoch whose batches were scored, from 0
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
        Optional<String> found = DatasetCheck.nonFinite(batch, i -> i);
        if (found.isPresent()) {
          throw new TrainingDivergedException(
              "%s, because the data are not finite: in %sbatch %d of %d, %s"
                  .formatted(diverged, part, number, source.batchesPerEpoch(), found.get()));
        }
      }
    }
    throw new TrainingDivergedException(
        "%s: the %sloss is %s; try a lower learning rate".formatted(diverged, part, score.loss()));
  }
}
