package grafs.nas;

import ai.djl.engine.Engine;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.data.BatchSource;
import grafs.nas.SearchResult.Epoch;
import grafs.nas.ShortList.Contender;
import grafs.nas.Verification.Outcome;
import grafs.nas.Verification.Trial;
import grafs.train.Checkpoint;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Training;
import grafs.train.WeightOptimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Carries out a {@link Verification}, the check of a search's result. It trains the searched
 * network from scratch with each function of a {@link ShortList} and with the default activation,
 * the one that the network has without a search. Then it decides between the best of these
 * functions and the default. The training set has two parts. One part has trained the network's
 * weights in the search, and trains them again here. The other has trained α, the numbers that rate
 * the operations from which the search composes a function; here the trained networks are scored on
 * it.
 *
 * @param settings the settings of the search
 * @param cells the cells that the network was built with
 * @param learner the network; the trainings overwrite its weights
 * @param listener receives progress
 * @param seed the seed of all random numbers: functions drawn for the short list, initial weights
 *     and dropout
 */
record Verifier(
    SearchSettings settings, Cells cells, Learner learner, Progress.Listener listener, long seed) {

  /**
   * A {@link BatchSource} has an order of the examples for each epoch number. Epoch e of the
   * trainings with seed n uses the number n·4096 + e, where n is counted from 1 and e from 0. The
   * searches have used the numbers from 0. So if the searches have at most 4096 epochs together,
   * the verification uses none of their orders again.
   */
  static final int SEED_EPOCHS = 1 << 12;

  /**
   * The value of a training that diverged. Functions are ranked by the mean of their values over
   * seeds. With −∞, the means of all functions that diverged at least once would be equal; with
   * this value, a function that diverged more often has a lower mean.
   */
  private static final double DIVERGED = -1e9;

  /** What a checkpoint contains: the trainings so far, and the time that they took in seconds. */
  private record Log(List<Trial> trials, double seconds) {}

  /**
   * The result of the verification.
   *
   * @param function the default activation if it was kept, otherwise the best function of the short
   *     list. A default that is not a {@link KnownActivation}, one of the named activations, cannot
   *     be written as an expression. If such a default was kept, this is the best function of the
   *     short list
   * @param outcome the trainings and the verdict
   * @param seconds the time of the trainings in seconds, including the time before an interruption
   */
  record Verified(Expression function, Outcome outcome, double seconds) {}

  /**
   * Trains and scores the functions of the short list and the default, or continues from a
   * checkpoint.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α
   * @param searches the epochs of each search, from which the short list is made
   * @param folder the folder of the checkpoint, {@code verification.zip}; null for none
   * @return the verdict and the resulting function
   * @throws IllegalArgumentException if the checkpoint is that of another verification
   */
  Verified run(BatchSource weights, BatchSource alpha, List<List<Epoch>> searches, Path folder) {
    Verification verification = settings.verification();
    double[] standardValues = cells.defaultValues(learner.manager(), ShortList.POINTS);
    Optional<Expression> standard =
        Arrays.stream(KnownActivation.values())
            .map(KnownActivation::function)
            .filter(Objects::nonNull)
            .filter(known -> ShortList.same(known.values(ShortList.POINTS), standardValues))
            .findFirst();
    ShortList list = new ShortList(cells.space(), settings.relaxation(), verification.functions());
    Predicate<double[]> isDefault = y -> standard.isPresent() && ShortList.same(y, standardValues);
    List<Contender> field = list.of(searches, new SplittableRandom(seed), isDefault);
    if (field.isEmpty()) {
      // Here the searches suggest no function but the default.
      Expression only = standard.orElseThrow();
      return new Verified(only, new Outcome(List.of(), only.toString(), true), 0);
    }
    Path file = folder == null ? null : folder.resolve("verification.zip");
    String identity = "seed %d, %s, by loss, short list %s".formatted(seed, settings, field);
    Checkpoint<Log> checkpoint = new Checkpoint<>(file, identity, Log.class);
    Log before = checkpoint.load(Map.of()).orElse(new Log(List.of(), 0));
    List<Trial> trials = new ArrayList<>();
    double seconds = before.seconds;
    long steps = (long) verification.allEpochs(field.size()) * weights.batchesPerEpoch();
    Progress.Meter meter = null;
    long resumed = 0;
    // The first seed whose scores count in the ranking of functions.
    int since = 1;
    for (int number = 1; number <= verification.seeds(); number++) {
      int epochs = verification.epochs(field.size());
      List<Contender> round = new ArrayList<>(field);
      round.add(new Contender(null, "default"));
      for (Contender contender : round) {
        if (trials.size() < before.trials.size()) {
          trials.add(before.trials.get(trials.size()));
          resumed += (long) epochs * weights.batchesPerEpoch();
          continue;
        }
        if (meter == null) {
          meter = new Progress.Meter("verification", steps - resumed, listener);
        }
        trials.add(train(contender, number, epochs, weights, alpha, meter));
        seconds = before.seconds + meter.seconds();
        checkpoint.save(Map.of(), new Log(trials, seconds));
      }
      int first = since;
      field.sort(
          Comparator.comparingDouble(
              c -> -Arrays.stream(values(trials, c.name(), first)).average().orElseThrow()));
      field = new ArrayList<>(field.subList(0, (field.size() + 1) / 2));
      if (verification.epochs(field.size()) > epochs) {
        // The next trainings have more epochs, so their losses are not comparable with the earlier
        // ones. From now on only later seeds count.
        since = number + 1;
      }
    }
    cells.restoreDefault();
    Contender best = field.get(0);
    Outcome outcome = Outcome.of(trials, best.name());
    return new Verified(
        outcome.keptDefault() ? standard.orElse(best.function()) : best.function(),
        outcome,
        seconds);
  }

  /**
   * Returns the values of the trainings of one function with seed {@code first} and later seeds, by
   * which functions are ranked: −ln(loss), or −loss if some loss is not positive. Higher is better.
   */
  private static double[] values(List<Trial> trials, String name, int first) {
    boolean logarithms = Trial.logarithms(trials);
    return trials.stream()
        .filter(trial -> trial.seed() >= first && Objects.equals(trial.function(), name))
        .mapToDouble(
            trial -> trial.diverged() ? DIVERGED : Math.max(DIVERGED, trial.value(logarithms)))
        .toArray();
  }

  /**
   * Trains the network from scratch with one activation, and scores it. If the loss is not finite,
   * the score has the loss ∞ and, for a classifier, the accuracy 0.
   */
  private Trial train(
      Contender contender,
      int number,
      int epochs,
      BatchSource weights,
      BatchSource alpha,
      Progress.Meter meter) {
    learner.restart(Objects.hash(seed, number));
    if (contender.function() == null) {
      cells.restoreDefault();
    } else {
      cells.compute(contender.function());
    }
    Score score;
    int batches = weights.batchesPerEpoch();
    int accumulation = settings.accumulation();
    int steps = epochs * ((batches + accumulation - 1) / accumulation);
    OptimizerSettings rule = settings.weights().annealed();
    try (WeightOptimizer optimizer = rule.optimizer(learner.weights(), steps)) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        Engine.getInstance().setRandomSeed(Objects.hash(seed, number, epoch));
        int order = number * SEED_EPOCHS + epoch;
        Score trained = Training.pass(learner, optimizer, weights, order, accumulation, meter);
        if (Double.isNaN(trained.loss()) && epoch + 1 < epochs) {
          // The weights are NaN from now on. The remaining steps are skipped, and counted as done
          // in the progress.
          meter.steps((long) (epochs - epoch - 1) * batches, () -> trained);
          break;
        }
      }
      score = learner.evaluate(alpha.epoch(learner.manager(), 0));
    }
    if (!Double.isFinite(score.loss())) {
      double none = Double.isNaN(score.accuracy()) ? Double.NaN : 0;
      score = new Score(Double.POSITIVE_INFINITY, none, score.examples());
    }
    return new Trial(contender.name(), contender.origin(), number, score);
  }
}
