package grafs.search;

import ai.djl.engine.Engine;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import grafs.cell.ActivationCells;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.data.BatchSource;
import grafs.train.Checkpoint;
import grafs.train.Learner;
import grafs.train.MemoryNeed;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** One run of a {@link BilevelSearch}: its phases, epochs and steps. */
final class SearchRun implements AutoCloseable {

  /** Pre-activations of each cell that the cell's warm start sees. */
  private static final int SEEN_PER_CELL = 256;

  /** How finely the record tells how they are distributed. */
  private static final int INPUT_QUANTILES = 201;

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;
  private final Block defaultActivation;
  private final BatchSource weightBatches;
  private final BatchSource alphaBatches;
  private final long seed;
  private final SearchState state;
  private final SearchSteps steps;
  private final int warmStartSteps;
  private final int searchSteps;
  private Progress.Meter meter;

  SearchRun(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      Block defaultActivation,
      BatchSource weightBatches,
      BatchSource alphaBatches,
      long seed,
      List<Goal> goals) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.defaultActivation = defaultActivation;
    this.weightBatches = weightBatches;
    this.alphaBatches = alphaBatches;
    this.seed = seed;
    warmStartSteps = settings.steps(weightBatches.batchesPerEpoch());
    searchSteps =
        settings.steps(Math.min(weightBatches.batchesPerEpoch(), alphaBatches.batchesPerEpoch()));
    int weightSteps = settings.warmStartEpochs() * warmStartSteps + settings.epochs() * searchSteps;
    state = new SearchState(settings, cells.space(), learner, weightSteps, seed);
    steps = new SearchSteps(settings, cells, learner, state, seed, goals);
  }

  /** Runs the search from its start or, if there is a checkpoint and in it a state, from there. */
  SearchResult toTheEnd(
      Checkpoint<SearchState.Log> checkpoint,
      Progress.Listener listener,
      Consumer<SearchResult.Epoch> epochs) {
    Optional<SearchState.Log> saved =
        checkpoint == null ? Optional.empty() : checkpoint.load(state.tensors());
    saved.ifPresent(state::restore);
    meter =
        new Progress.Meter(
            announced(saved.isPresent() ? "search, continued" : "search"), stepsLeft(), listener);
    state.epochs.forEach(epochs);
    cells.restoreDefault();
    while (state.warmStart.size() < settings.warmStartEpochs()) {
      state.warmStart.add(warmStartEpoch(state.warmStart.size() + 1));
      save(checkpoint);
    }
    if (state.start == null) {
      state.start = switchToCells();
    }
    while (state.epochs.size() < settings.epochs()) {
      SearchResult.Epoch epoch = searchEpoch(state.epochs.size() + 1);
      state.epochs.add(epoch);
      save(checkpoint);
      epochs.accept(epoch);
    }
    return state.result(cells, meter.seconds());
  }

  /** The task and the memory that its steps need once the cells are relaxed. */
  private String announced(String task) {
    try (Batch first = alphaBatches.epoch(learner.manager(), 0).iterator().next()) {
      Optional<MemoryNeed> need = steps.memory(first);
      cells.restoreDefault();
      return need.map(n -> n.announced(task, first.getSize(), learner.manager().getDevice()))
          .orElse(task);
    }
  }

  private long stepsLeft() {
    return (long) (settings.warmStartEpochs() - state.warmStart.size()) * warmStartSteps
        + 2L * (settings.epochs() - state.epochs.size()) * searchSteps;
  }

  private void save(Checkpoint<SearchState.Log> checkpoint) {
    if (checkpoint != null) {
      checkpoint.save(state.tensors(), state.log(meter.seconds()));
    }
  }

  private Score warmStartEpoch(int epoch) {
    seedEngine(epoch);
    steps.remember();
    try (Tally tally = new Tally(learner.manager())) {
      Iterator<Batch> turn = weightBatches.epoch(learner.manager(), epoch - 1).iterator();
      for (int step = 1; step <= warmStartSteps; step++) {
        String where = "epoch %d, step %d of %d".formatted(epoch, step, warmStartSteps);
        try (SearchSteps.MicroBatches training = steps.next(turn)) {
          steps.warmStart(training, tally, where);
        }
        look(tally, where);
      }
      steps.requireFiniteWeights("epoch " + epoch);
      return tally.score();
    }
  }

  /** Counts a step, and looks whether all is well when it is time to report. */
  private void look(Tally tally, String where) {
    meter.step(tally).ifPresent(score -> steps.requireFinite(score, where));
  }

  /** For what a network draws by itself, such as dropout: a function of the epoch alone. */
  private void seedEngine(int number) {
    Engine.getInstance().setRandomSeed(Objects.hash(seed, number));
  }

  /** Fits the cells to the default activation, and lets them take its place. */
  private SearchResult.Start switchToCells() {
    Iterator<Batch> first = alphaBatches.epoch(learner.manager(), 0).iterator();
    try (SearchSteps.MicroBatches batches = new SearchSteps.MicroBatches(List.of(first.next()));
        Tally sampled = new Tally(learner.manager());
        Tally before = new Tally(learner.manager());
        Tally after = new Tally(learner.manager())) {
      Batch batch = batches.batches().get(0);
      float[] seen = cells.inputs(SEEN_PER_CELL, seed, () -> learner.evaluate(batch, sampled));
      steps.asInTraining(batch, before);
      double error =
          settings
              .cellWarmStart()
              .fit(
                  cells.space(),
                  state.alpha,
                  settings.relaxation(),
                  defaultActivation,
                  steps.randomOfFit(),
                  seen);
      if (!Double.isFinite(error)) {
        try (ArchitectureParameters drawn =
            new ArchitectureParameters(cells.space(), learner.manager(), seed)) {
          throw steps.fitDiverged(drawn);
        }
      }
      steps.atSwitch(batch, after);
      return new SearchResult.Start(
          error,
          before.score().loss(),
          after.score().loss(),
          quantiles(seen),
          state.alpha.values());
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

  private SearchResult.Epoch searchEpoch(int epoch) {
    double start = meter.seconds();
    int number = settings.warmStartEpochs() + epoch;
    seedEngine(number);
    steps.remember();
    List<SearchResult.Dropped> dropped = new ArrayList<>();
    try (Tally train = new Tally(learner.manager());
        Tally validation = new Tally(learner.manager())) {
      Iterator<Batch> alphaTurn = alphaBatches.epoch(learner.manager(), number - 1).iterator();
      Iterator<Batch> weightTurn = weightBatches.epoch(learner.manager(), number - 1).iterator();
      boolean decided = state.alpha.candidates().decided();
      for (int step = 1; step <= searchSteps; step++) {
        String where = "epoch %d, step %d of %d".formatted(epoch, step, searchSteps);
        try (SearchSteps.MicroBatches training = steps.next(weightTurn)) {
          if (!decided) {
            try (SearchSteps.MicroBatches held = steps.next(alphaTurn)) {
              steps.alpha(training, held, validation, where);
            }
            look(validation, where);
          }
          steps.weights(training, train, where);
          look(train, where);
        }
        shrink(epoch, step, dropped);
      }
      steps.requireFiniteWeights("epoch " + epoch);
      // With one operation left everywhere α has nothing to learn; its half tells how well the
      // network does.
      for (int step = 1; decided && step <= searchSteps; step++) {
        try (SearchSteps.MicroBatches held = steps.next(alphaTurn)) {
          steps.validate(held, validation);
        }
        meter.step(validation);
      }
      return new SearchResult.Epoch(
          epoch,
          train.score(),
          validation.score(),
          state.alpha.values(),
          state.alpha.candidates(),
          List.copyOf(dropped),
          meter.seconds() - start);
    }
  }

  private void shrink(int epoch, int step, List<SearchResult.Dropped> dropped) {
    Candidates before = state.alpha.candidates();
    double done = epoch - 1 + (double) step / searchSteps;
    if (!settings.shrinking().drops(cells.space(), before, done, settings.epochs())) {
      return;
    }
    Candidates left =
        settings.shrinking().shrink(before, state.alpha.values(), done, settings.epochs());
    state.alpha.keep(left);
    CellSpace space = cells.space();
    for (int e = 0; e < space.graph().edges(); e++) {
      for (int o : before.unary().get(e)) {
        if (!left.unary().get(e).contains(o)) {
          String name = space.operations().unary().get(o).name();
          dropped.add(new SearchResult.Dropped(step, "u" + (e + 1), name));
        }
      }
    }
    for (int v = 0; v < space.graph().vertices(); v++) {
      for (int o : before.binary().get(v)) {
        if (!left.binary().get(v).contains(o)) {
          String name = space.operations().binary().get(o).name();
          dropped.add(new SearchResult.Dropped(step, "b" + (v + 1), name));
        }
      }
    }
  }

  @Override
  public void close() {
    state.close();
  }
}
