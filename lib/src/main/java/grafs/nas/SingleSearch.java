package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.cell.Cells;
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
 * One of the {@link SearchSettings#searches} that a {@link Search} makes: runs a {@link
 * GradientOptimizer} over the epochs, scores the discretised network after each, and saves its
 * state.
 *
 * @param settings the numbers
 * @param cells the cells that the network was built with
 * @param learner the network with its weights, as they are before the first step
 * @param listener receives progress
 * @param goals regularisers that are added to the loss of α's steps
 * @param number the number of this search, from 1
 * @param seed the seed of α, β and all draws
 */
record SingleSearch(
    SearchSettings settings,
    Cells cells,
    Learner learner,
    Progress.Listener listener,
    List<Regularizer> goals,
    int number,
    long seed) {

  /** The number of pre-activations sampled from each cell at the end of the warm start. */
  private static final int SEEN_PER_CELL = 256;

  /** The number of quantiles of the pre-activations in the record. */
  private static final int INPUT_QUANTILES = 201;

  /** The state of a search between two epochs, without the tensors. */
  private record Log(
      GradientOptimizer.State optimizer,
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      double seconds) {}

  /**
   * Runs the search, or continues it from a checkpoint; if it is finished already, only returns its
   * result.
   *
   * @param weights the part of the training set for the weights
   * @param alpha the part for α
   * @param file the file of the checkpoint; null for none
   * @param over receives every epoch after it is saved, first those done before
   * @return what was found, not verified
   */
  SearchResult run(
      BatchSource weights, BatchSource alpha, Path file, Consumer<SearchResult.Epoch> over) {
    Split split = new Split(weights, alpha, settings.accumulation());
    int steps = split.steps();
    try (GradientOptimizer optimizer =
        new GradientOptimizer(settings, cells, learner, steps, seed, goals)) {
      Map<String, NDArray> tensors = optimizer.tensors();
      Checkpoint<Log> checkpoint =
          new Checkpoint<>(file, file == null ? Map.of() : identity(weights, alpha), Log.class);
      Optional<Log> saved = checkpoint.load(tensors);
      saved.ifPresent(log -> optimizer.restore(log.optimizer));
      List<SearchResult.Epoch> epochs =
          new ArrayList<>(saved.map(log -> log.epochs).orElse(List.of()));
      SearchResult.Start start = saved.map(log -> log.start).orElse(null);
      double before = saved.map(log -> log.seconds).orElse(0.0);
      epochs.forEach(over);
      String task =
          (settings.searches() > 1 ? "search %d of %d" : "search")
                  .formatted(number, settings.searches())
              + (saved.isPresent() ? ", continued" : "");
      long left = (long) (settings.epochs() - epochs.size()) * steps;
      Progress.Meter meter = new Progress.Meter(task, left, listener);
      if (settings.warmStartEpochs() == 0 && start == null) {
        start = start(optimizer, alpha);
      }
      while (epochs.size() < settings.epochs()) {
        int epoch = epochs.size() + 1;
        double began = meter.seconds();
        boolean warm = optimizer.warming();
        // The seed of random layers such as dropout depends on the epoch only.
        Engine.getInstance().setRandomSeed(Objects.hash(seed, epoch));
        steps(optimizer, split, epoch, meter);
        if (epoch == settings.warmStartEpochs()) {
          SearchResult.Start switched = start(optimizer, alpha);
          optimizer.endEpoch();
          start = afterFit(optimizer, switched, alpha);
        } else {
          optimizer.endEpoch();
        }
        cells.compute(optimizer.found());
        Score discrete = learner.evaluate(alpha.epoch(learner.manager(), 0));
        SearchResult.Epoch done =
            new SearchResult.Epoch(
                epoch,
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
        epochs.add(done);
        checkpoint.save(
            tensors, new Log(optimizer.state(), start, epochs, before + meter.seconds()));
        over.accept(done);
      }
      return new SearchResult(
          cells.space().parse(SearchResult.select(epochs, settings.selection()).found()),
          cells.space(),
          settings.relaxation(),
          start,
          List.copyOf(epochs),
          List.of(),
          null,
          before + meter.seconds());
    }
  }

  private void steps(GradientOptimizer optimizer, Split split, int epoch, Progress.Meter meter) {
    int count = 0;
    // Every search has its own orders of examples.
    int order = (number - 1) * settings.epochs() + epoch;
    for (Split.Step step : split.epoch(learner.manager(), order)) {
      try (step) {
        optimizer.step(step.weights(), step.alpha());
      }
      String where = "epoch %d, step %d of %d".formatted(epoch, ++count, split.steps());
      meter.step(optimizer.weightsTally).ifPresent(score -> optimizer.check(score, where));
    }
  }

  /**
   * Samples pre-activations, and measures the loss on one batch with the default activation and
   * with the relaxed cells.
   */
  private SearchResult.Start start(GradientOptimizer optimizer, BatchSource alpha) {
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

  /** Measures the loss with the relaxed cells again if they have been fitted. */
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

  /**
   * Everything that determines the result of the search, to be compared with that of a checkpoint.
   */
  private Map<String, String> identity(BatchSource weights, BatchSource alpha) {
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
