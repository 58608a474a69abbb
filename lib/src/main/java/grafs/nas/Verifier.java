package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.training.dataset.Batch;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import grafs.data.BatchSource;
import grafs.nas.ShortList.Contender;
import grafs.nas.Verification.Outcome;
import grafs.nas.Verification.Trial;
import grafs.train.Checkpoint;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.RunningScore;
import grafs.train.Score;
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
import java.util.stream.IntStream;

/** Carries out a {@link Verification} on the network that was searched. */
final class Verifier {

  /**
   * The training of epoch e with seed n uses the order of examples number n·4096 + e, so that no
   * epoch of a search of fewer than 4096 epochs has the same order.
   */
  private static final int SEED_EPOCHS = 1 << 12;

  private final SearchSettings settings;
  private final Verification verification;
  private final Cells cells;
  private final Learner learner;
  private final Progress.Listener listener;
  private final long seed;

  /** The default activation's expression, if it is a {@link KnownActivation}. */
  private final Optional<Expression> standard;

  private final double[] standardValues;

  private double seconds;

  /** The trials so far, for the checkpoint. */
  private record Log(List<Trial> trials, double seconds) {}

  Verifier(
      SearchSettings settings,
      Cells cells,
      Learner learner,
      Progress.Listener listener,
      long seed) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.listener = listener;
    this.seed = seed;
    verification = settings.verification();
    standardValues = cells.defaultValues(learner.manager(), ShortList.POINTS);
    standard =
        Arrays.stream(KnownActivation.values())
            .map(KnownActivation::function)
            .filter(Objects::nonNull)
            .filter(known -> ShortList.same(known.values(ShortList.POINTS), standardValues))
            .findFirst();
  }

  /**
   * {@return the function that the search returns: the default if it was kept and is a {@link
   * KnownActivation}, otherwise the best of the short list}
   */
  Expression winner(Outcome outcome) {
    Expression best = cells.space().parse(outcome.best());
    return outcome.keptDefault() ? standard.orElse(best) : best;
  }

  /**
   * Trains and scores the short list.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α
   * @param searches the results of the searches
   * @param folder the folder of the checkpoint; null for none
   */
  Outcome run(BatchSource weights, BatchSource alpha, List<SearchResult> searches, Path folder) {
    List<Contender> field =
        new ShortList(cells.space(), settings.relaxation(), verification.functions())
            .of(
                searches.stream().map(SearchResult::epochs).toList(),
                new SplittableRandom(seed),
                y -> standard.isPresent() && ShortList.same(y, standardValues));
    if (field.isEmpty()) {
      // The search found no function but the default.
      String name = standard.orElseThrow().toString();
      return new Outcome(List.of(), name, true, 0, 0, 0);
    }
    Checkpoint<Log> checkpoint =
        new Checkpoint<>(
            folder == null ? null : folder.resolve("verification.zip"),
            Map.of("settings", "" + settings, "seed", "" + seed, "short list", "" + field),
            Log.class);
    Log before = checkpoint.load(Map.of()).orElse(new Log(List.of(), 0));
    List<Trial> trials = new ArrayList<>();
    int perEpoch = weights.batchesPerEpoch();
    long steps = (long) verification.allEpochs(field.size()) * perEpoch;
    Progress.Meter meter = new Progress.Meter("verification", steps, listener);
    int since = 1;
    for (int number = 1; number <= verification.seeds(); number++) {
      int epochs = verification.epochs(field.size());
      List<Contender> round = new ArrayList<>(field);
      round.add(new Contender(null, "default"));
      for (Contender contender : round) {
        if (trials.size() < before.trials.size()) {
          trials.add(before.trials.get(trials.size()));
          continue;
        }
        trials.add(train(contender, number, epochs, weights, alpha, meter));
        seconds = before.seconds + meter.seconds();
        checkpoint.save(Map.of(), new Log(trials, seconds));
      }
      int first = since;
      field.sort(Comparator.comparingDouble(c -> -mean(trials, c, first)));
      field = new ArrayList<>(field.subList(0, (field.size() + 1) / 2));
      if (verification.epochs(field.size()) > epochs) {
        // From now on, scores of shorter trainings do not count.
        since = number + 1;
      }
    }
    cells.restoreDefault();
    return outcome(trials, field.get(0), steps);
  }

  /** {@return the seconds that the trainings took, including those before an interruption} */
  double seconds() {
    return seconds;
  }

  private Outcome outcome(List<Trial> trials, Contender best, long steps) {
    int first = firstToDecide(trials);
    double[] own = values(trials, best, first);
    double[] standards = values(trials, new Contender(null, "default"), first);
    double[] gains =
        IntStream.range(0, own.length).mapToDouble(i -> own[i] - standards[i]).toArray();
    double gain = Arrays.stream(gains).average().orElseThrow();
    double spread =
        Math.sqrt(
            Arrays.stream(gains).map(g -> (g - gain) * (g - gain)).sum() / (gains.length - 1));
    boolean beaten = gain > 2 * spread / Math.sqrt(gains.length);
    return new Outcome(
        List.copyOf(trials), best.function().toString(), !beaten, gain, spread, steps);
  }

  /**
   * {@return the first of the seeds that decide: those after the one that left a single function,
   * since the scores of the seeds that chose the function are biased in its favour. All seeds
   * decide if fewer than two come after.}
   */
  private int firstToDecide(List<Trial> trials) {
    int first = 1;
    for (long left = trials.stream().filter(t -> t.seed() == 1).count() - 1; left > 1; first++) {
      left = (left + 1) / 2;
    }
    return first < verification.seeds() ? first : 1;
  }

  private static double mean(List<Trial> trials, Contender contender, int first) {
    return Arrays.stream(values(trials, contender, first)).average().orElseThrow();
  }

  private static double[] values(List<Trial> trials, Contender contender, int first) {
    String name = name(contender);
    return trials.stream()
        .filter(trial -> trial.seed() >= first && Objects.equals(trial.function(), name))
        // A diverged training scores −∞, whose mean and spread would be NaN: −10⁹ instead.
        .mapToDouble(trial -> Math.max(-1e9, trial.value()))
        .toArray();
  }

  private static String name(Contender contender) {
    return contender.function() == null ? null : contender.function().toString();
  }

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
    int perEpoch = weights.batchesPerEpoch();
    try (WeightOptimizer optimizer =
        settings.weights().optimizer(learner.weights(), epochs * perEpoch)) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        Engine.getInstance().setRandomSeed(Objects.hash(seed, number, epoch));
        try (RunningScore tally = new RunningScore(learner.manager())) {
          int order = number * SEED_EPOCHS + epoch;
          for (Batch batch : weights.epoch(learner.manager(), order)) {
            try (batch) {
              learner.backpropagate(batch, tally);
            }
            optimizer.step();
            meter.step(tally);
          }
        }
      }
      score = learner.evaluate(alpha.epoch(learner.manager(), 0));
    }
    if (!Double.isFinite(score.loss())) {
      double none = Double.isNaN(score.accuracy()) ? Double.NaN : 0;
      score = new Score(Double.POSITIVE_INFINITY, none, score.examples());
    }
    return new Trial(name(contender), contender.origin(), number, score);
  }
}
