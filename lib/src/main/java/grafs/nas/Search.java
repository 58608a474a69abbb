package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.data.BatchSource;
import grafs.train.Checkpoint;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.RunningScore;
import grafs.train.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A whole search by gradient: runs a {@link GradientOptimizer} over the epochs, scores the
 * discretised network after each, keeps a record, reports progress, and can be broken off and
 * continued.
 */
public final class Search {

  /** Pre-activations that are taken of each cell at the end of the warm start. */
  private static final int SEEN_PER_CELL = 256;

  /** How finely the record tells how they are distributed. */
  private static final int INPUT_QUANTILES = 201;

  private final SearchSettings settings;
  private final Cells cells;
  private final Learner learner;
  private final Progress.Listener listener;
  private final List<Regularizer> goals;

  /**
   * Prepares a search.
   *
   * @param settings the numbers
   * @param cells the cells that the network was built with
   * @param learner the network with its weights and loss
   * @param listener receives progress
   * @param goals what is pursued beside a low loss
   */
  public Search(
      SearchSettings settings,
      Cells cells,
      Learner learner,
      Progress.Listener listener,
      Regularizer... goals) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.listener = listener;
    this.goals = List.of(goals);
  }

  /** What of a search's state between two epochs is not tensors. */
  private record Log(
      GradientOptimizer.State optimizer,
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      List<Verification.Trial> trials,
      double seconds) {}

  /**
   * Runs the search.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α; where it has fewer batches, it is gone through again
   * @param seed the seed of α, β and all draws
   * @return what was found
   * @throws IllegalArgumentException if a part has no batch, or the network no cell
   * @throws ai.djl.TrainingDivergedException if a loss or gradient stops being finite; says where
   *     and why
   */
  public SearchResult run(BatchSource weights, BatchSource alpha, long seed) {
    return run(weights, alpha, seed, null, epoch -> {});
  }

  /**
   * Runs the search, or goes on with it where it was broken off: after every epoch its state is
   * saved in a folder, and if there is a saved state to begin with, it continues from there. What
   * comes out is the same, bit for bit on one CPU, however often it was broken off.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α; where it has fewer batches, it is gone through again
   * @param seed the seed of α, β and all draws
   * @param folder where to keep the state, or null not to
   * @param over receives every epoch when it is over and saved; where the search is continued,
   *     first those done before
   * @return what was found
   * @throws IllegalArgumentException if a part has no batch, the network no cell, or the folder
   *     another search
   * @throws ai.djl.TrainingDivergedException if a loss or gradient stops being finite; says where
   *     and why
   */
  public SearchResult run(
      BatchSource weights,
      BatchSource alpha,
      long seed,
      Path folder,
      Consumer<SearchResult.Epoch> over) {
    check("the weights", weights);
    check("α", alpha);
    Split split = new Split(weights, alpha, settings.accumulation());
    int steps = split.steps();
    try (GradientOptimizer optimizer =
        new GradientOptimizer(settings, cells, learner, steps, seed, goals)) {
      Map<String, NDArray> tensors = optimizer.tensors();
      Checkpoint<Log> checkpoint =
          new Checkpoint<>(
              folder == null ? null : folder.resolve("search.zip"),
              folder == null ? Map.of() : identity(weights, alpha, seed),
              Log.class);
      Optional<Log> saved = checkpoint.load(tensors);
      saved.ifPresent(log -> optimizer.restore(log.optimizer));
      List<SearchResult.Epoch> epochs =
          new ArrayList<>(saved.map(log -> log.epochs).orElse(List.of()));
      SearchResult.Start start = saved.map(log -> log.start).orElse(null);
      double before = saved.map(log -> log.seconds).orElse(0.0);
      epochs.forEach(over);
      String task = saved.isPresent() ? "search, continued" : "search";
      long left = (long) (settings.epochs() - epochs.size()) * steps;
      Progress.Meter meter = new Progress.Meter(task, left, listener);
      if (settings.warmStartEpochs() == 0 && start == null) {
        start = start(optimizer, alpha, seed);
      }
      while (epochs.size() < settings.epochs()) {
        int number = epochs.size() + 1;
        double began = meter.seconds();
        boolean warm = optimizer.warming();
        // For what a network draws by itself, such as dropout: a function of the epoch alone.
        Engine.getInstance().setRandomSeed(Objects.hash(seed, number));
        steps(optimizer, split, number, meter);
        if (number == settings.warmStartEpochs()) {
          SearchResult.Start switched = start(optimizer, alpha, seed);
          optimizer.endEpoch();
          start = afterFit(optimizer, switched, alpha);
        } else {
          optimizer.endEpoch();
        }
        cells.compute(optimizer.found());
        Score discrete = learner.evaluate(alpha.epoch(learner.manager(), 0));
        SearchResult.Epoch epoch =
            new SearchResult.Epoch(
                number,
                warm,
                optimizer.weightsScore(),
                optimizer.alphaScore(),
                discrete,
                optimizer.found().toString(),
                optimizer.architecture().alphaValues(),
                optimizer.architecture().betaValues(),
                optimizer.architecture().candidates(),
                optimizer.dropped(),
                meter.seconds() - began);
        epochs.add(epoch);
        checkpoint.save(
            tensors,
            new Log(optimizer.state(), start, epochs, List.of(), before + meter.seconds()));
        over.accept(epoch);
      }
      Expression found = SearchResult.select(cells.space(), epochs, settings.selection());
      Verification.Outcome verified = null;
      // Another goal than the score's is not for the score to decide.
      if (settings.verification().isOn() && goals.isEmpty()) {
        SearchResult.Start switched = start;
        Verifier verifier = new Verifier(settings, cells, learner, listener, seed);
        verified =
            verifier.run(
                weights,
                alpha,
                epochs,
                saved.map(log -> log.trials).orElse(List.of()),
                trials ->
                    checkpoint.save(
                        tensors,
                        new Log(
                            optimizer.state(),
                            switched,
                            epochs,
                            trials,
                            before + meter.seconds())));
        found = verifier.winner(verified);
      }
      return new SearchResult(
          found,
          cells.space(),
          settings.relaxation(),
          start,
          List.copyOf(epochs),
          verified,
          before + meter.seconds());
    }
  }

  private void steps(GradientOptimizer optimizer, Split split, int epoch, Progress.Meter meter) {
    int number = 0;
    for (Split.Step step : split.epoch(learner.manager(), epoch)) {
      try (step) {
        optimizer.step(step.weights(), step.alpha());
      }
      String where = "epoch %d, step %d of %d".formatted(epoch, ++number, split.steps());
      meter.step(optimizer.weightsTally).ifPresent(score -> optimizer.check(score, where));
    }
  }

  /** Looks at the network as the default activation leaves it. */
  private SearchResult.Start start(GradientOptimizer optimizer, BatchSource alpha, long seed) {
    try (Batch batch = alpha.epoch(learner.manager(), 0).iterator().next();
        RunningScore sampled = new RunningScore(learner.manager())) {
      cells.restoreDefault();
      float[] seen = cells.inputs(SEEN_PER_CELL, seed, () -> learner.evaluate(batch, sampled));
      optimizer.seen = seen;
      double before = lossAsInTraining(batch);
      cells.relax(optimizer.mixing(), false);
      double after = lossAsInTraining(batch);
      return new SearchResult.Start(
          null, before, after, quantiles(seen), optimizer.architecture().alphaValues());
    }
  }

  /** Looks again once the cells are fitted, if they are. */
  private SearchResult.Start afterFit(
      GradientOptimizer optimizer, SearchResult.Start start, BatchSource alpha) {
    if (optimizer.fitError == null) {
      return start;
    }
    try (Batch batch = alpha.epoch(learner.manager(), 0).iterator().next()) {
      cells.relax(optimizer.mixing(), false);
      return new SearchResult.Start(
          optimizer.fitError,
          start.lossBefore(),
          lossAsInTraining(batch),
          start.inputs(),
          optimizer.architecture().alphaValues());
    }
  }

  private double lossAsInTraining(Batch batch) {
    try (RunningScore tally = new RunningScore(learner.manager())) {
      // The same dropout before and after the switch.
      Engine.getInstance().setRandomSeed(1);
      learner.evaluateAsInTraining(batch, tally);
      return tally.score().loss();
    }
  }

  private static float[] quantiles(float... values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float[] quantiles = new float[INPUT_QUANTILES];
    for (int i = 0; i < quantiles.length; i++) {
      quantiles[i] = sorted[(int) ((long) i * (sorted.length - 1) / (quantiles.length - 1))];
    }
    return quantiles;
  }

  private void check(String whose, BatchSource batches) {
    if (batches.batchesPerEpoch() < 1) {
      throw new IllegalArgumentException(
          "the part of the training set for %s does not fill one batch: take a batchSize below %d, or more examples"
              .formatted(whose, settings.batchSize()));
    }
  }

  /** All that decides what the search does, for a checkpoint to be held against. */
  private Map<String, String> identity(BatchSource weights, BatchSource alpha, long seed) {
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(seed));
    identity.put("settings", settings.toString());
    if (!goals.isEmpty()) {
      identity.put("goals", goals.toString());
    }
    identity.put("space", cells.space().toString());
    identity.put("cells", Integer.toString(cells.instances()));
    identity.put("weights", learner.parameters() + " in " + learner.state().keySet());
    identity.put(
        "default activation",
        Arrays.toString(cells.defaultValues(learner.manager(), -2, -1, 1, 2)));
    identity.put("data for weights", describe(weights));
    identity.put("data for α", describe(alpha));
    return identity;
  }

  private String describe(BatchSource source) {
    try (Batch first = source.epoch(learner.manager(), 0).iterator().next()) {
      return "%d batches, the first one's hash is %08x"
          .formatted(source.batchesPerEpoch(), first.getData().head().toByteBuffer().hashCode());
    }
  }
}
