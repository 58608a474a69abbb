package grafs.search;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import grafs.cell.ActivationCells;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Score;
import grafs.train.Tally;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One run of a {@link BilevelSearch}: its phases, epochs and steps. */
final class SearchRun implements AutoCloseable {

  /** Pre-activations of each cell that the cell's warm start sees. */
  private static final int SEEN_PER_CELL = 256;

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;
  private final Block defaultActivation;
  private final BatchSource weightBatches;
  private final BatchSource alphaBatches;
  private final long seed;
  private final int batches;
  private final SearchState state;
  private final Divergence divergence;
  private Progress.Meter meter;

  SearchRun(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      Block defaultActivation,
      BatchSource weightBatches,
      BatchSource alphaBatches,
      long seed) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.defaultActivation = defaultActivation;
    this.weightBatches = weightBatches;
    this.alphaBatches = alphaBatches;
    this.seed = seed;
    batches = Math.min(weightBatches.batchesPerEpoch(), alphaBatches.batchesPerEpoch());
    int weightSteps =
        settings.warmStartEpochs() * weightBatches.batchesPerEpoch() + settings.epochs() * batches;
    state = new SearchState(settings, cells.space(), learner, weightSteps, seed);
    divergence = new Divergence(settings, cells, learner);
  }

  /** Runs the search from its start or from the state in the folder, if there is one. */
  SearchResult toTheEnd(
      Path folder, Progress.Listener listener, Consumer<SearchResult.Epoch> epochs) {
    Checkpoint checkpoint = folder == null ? null : Checkpoint.in(folder, identity());
    boolean continued = checkpoint != null && checkpoint.load(state);
    meter = new Progress.Meter(continued ? "search, continued" : "search", stepsLeft(), listener);
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

  private long stepsLeft() {
    return (long) (settings.warmStartEpochs() - state.warmStart.size())
            * weightBatches.batchesPerEpoch()
        + 2L * (settings.epochs() - state.epochs.size()) * batches;
  }

  private void save(Checkpoint checkpoint) {
    if (checkpoint != null) {
      checkpoint.save(state, meter.seconds());
    }
  }

  /** All that decides what the search does, for a checkpoint to be held against. */
  private Map<String, String> identity() {
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(seed));
    identity.put("settings", settings.toString());
    identity.put("space", cells.space().toString());
    identity.put("cells", cells.instances() + ", " + cells);
    identity.put("weights", learner.parameters() + " in " + learner.state().keySet());
    identity.put("default activation", Arrays.toString(defaultValues()));
    identity.put("data for weights", describe(weightBatches));
    identity.put("data for α", describe(alphaBatches));
    return identity;
  }

  private float[] defaultValues() {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray x = learner.manager().create(new float[] {-2, -1, 1, 2});
      return defaultActivation.forward(null, new NDList(x), false).head().toFloatArray();
    }
  }

  private String describe(BatchSource source) {
    try (Batch first = source.epoch(learner.manager(), 0).iterator().next()) {
      return "%d batches, the first one's hash is %08x"
          .formatted(source.batchesPerEpoch(), first.getData().head().toByteBuffer().hashCode());
    }
  }

  private Score warmStartEpoch(int epoch) {
    seedEngine(epoch);
    try (Tally tally = new Tally(learner.manager())) {
      int step = 0;
      for (Batch batch : weightBatches.epoch(learner.manager(), epoch - 1)) {
        try (batch) {
          learner.backpropagate(batch, tally);
        }
        requireFinite(
            tally,
            "warm-start epoch %d, step %d of %d"
                .formatted(epoch, ++step, weightBatches.batchesPerEpoch()));
        state.sgd.step();
        meter.step(tally);
      }
      return tally.score();
    }
  }

  /** For what a network draws by itself, such as dropout: a function of the epoch alone. */
  private void seedEngine(int number) {
    Engine.getInstance().setRandomSeed(Objects.hash(seed, number));
  }

  /** Fits the cells to the default activation, and lets them take its place. */
  private SearchResult.Start switchToCells() {
    try (Batch batch = alphaBatches.epoch(learner.manager(), 0).iterator().next()) {
      double[] before = new double[1];
      float[] seen = cells.inputs(SEEN_PER_CELL, seed, () -> before[0] = loss(batch));
      CellWarmStart.Fit fit =
          settings
              .cellWarmStart()
              .fit(cells.space(), state.alpha, settings.relaxation(), defaultActivation, seen);
      cells.setBeta(fit.beta());
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        cells.relax(weights().hold());
        return new SearchResult.Start(
            fit.error(), before[0], loss(batch), state.alpha.values(), fit.beta());
      }
    }
  }

  private double loss(Batch batch) {
    try (Tally tally = new Tally(learner.manager())) {
      learner.evaluate(batch, tally);
      return tally.score().loss();
    }
  }

  private SearchResult.Epoch searchEpoch(int epoch) {
    double start = meter.seconds();
    int number = settings.warmStartEpochs() + epoch;
    seedEngine(number);
    List<SearchResult.Dropped> dropped = new ArrayList<>();
    try (Tally train = new Tally(learner.manager());
        Tally validation = new Tally(learner.manager())) {
      Iterator<Batch> alphaTurn = alphaBatches.epoch(learner.manager(), number - 1).iterator();
      Iterator<Batch> weightTurn = weightBatches.epoch(learner.manager(), number - 1).iterator();
      boolean decided = state.alpha.candidates().decided();
      for (int step = 1; step <= batches; step++) {
        String where = "epoch %d, step %d of %d".formatted(epoch, step, batches);
        if (!decided) {
          alphaStep(alphaTurn.next(), validation, where + " (α's turn)");
          meter.step(validation);
        }
        weightStep(weightTurn.next(), train, where + " (the weights' turn)");
        meter.step(train);
        shrink(epoch, step, dropped);
      }
      for (int step = 1; decided && step <= batches; step++) {
        validate(alphaTurn.next(), validation);
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

  private CellWeights weights() {
    return settings.relaxation().weights(state.alpha, cells.instances());
  }

  private void alphaStep(Batch batch, Tally tally, String where) {
    learner.freeze(true);
    try (batch) {
      learner.backpropagate(batch, tally, () -> cells.relax(weights()), cells::backward);
    } finally {
      learner.freeze(false);
    }
    requireFinite(tally, where);
    if (!state.alpha.finiteGradient()) {
      throw diverged(where, "the gradient of α is not finite");
    }
    state.adam.step();
  }

  private void weightStep(Batch batch, Tally tally, String where) {
    try (batch) {
      learner.backpropagate(batch, tally, () -> cells.relax(weights().hold()), cells::backward);
    }
    requireFinite(tally, where);
    state.sgd.step();
  }

  /**
   * With one operation left everywhere α has nothing to learn; its half tells how well the network
   * does.
   */
  private void validate(Batch batch, Tally tally) {
    try (batch;
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      cells.relax(weights().hold());
      learner.evaluate(batch, tally);
    }
  }

  private void shrink(int epoch, int step, List<SearchResult.Dropped> dropped) {
    Candidates before = state.alpha.candidates();
    double done = epoch - 1 + (double) step / batches;
    Candidates left =
        settings.shrinking().shrink(before, state.alpha.values(), done, settings.epochs());
    if (left.equals(before)) {
      return;
    }
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

  private void requireFinite(Tally tally, String where) {
    double loss = tally.score().loss();
    if (!Double.isFinite(loss)) {
      throw diverged(where, "the loss is " + loss);
    }
  }

  private ArithmeticException diverged(String where, String symptom) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      boolean relaxed = state.start != null;
      return divergence.of(
          where, symptom, relaxed ? state.alpha : null, relaxed ? weights().hold() : null);
    }
  }

  @Override
  public void close() {
    state.close();
  }
}
