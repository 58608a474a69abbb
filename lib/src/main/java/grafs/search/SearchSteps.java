package grafs.search;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDScope;
import ai.djl.training.dataset.Batch;
import grafs.cell.ActivationCells;
import grafs.cell.CellWeights;
import grafs.train.Learner;
import grafs.train.Tally;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The steps of a bilevel search. Each ends before it changes anything if a loss or the gradient of
 * α is not finite.
 */
final class SearchSteps {

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;
  private final SearchState state;
  private final long seed;
  private final Architect architect;
  private final Divergence divergence;

  SearchSteps(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      SearchState state,
      long seed) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.state = state;
    this.seed = seed;
    architect = new Architect(settings.order(), state.adam, state.sgd, learner.buffers().values());
    divergence = new Divergence(settings, cells, learner);
  }

  /** The batches of one step, whose mean gradient it takes. */
  record MicroBatches(List<Batch> batches) implements AutoCloseable {
    @Override
    public void close() {
      batches.forEach(Batch::close);
    }
  }

  /** {@return the batches of the next step} */
  MicroBatches next(Iterator<Batch> turn) {
    List<Batch> batches = new ArrayList<>();
    while (batches.size() < settings.accumulation() && turn.hasNext()) {
      batches.add(turn.next());
    }
    return new MicroBatches(batches);
  }

  /** A step of the weights with the default activation. */
  void warmStart(MicroBatches training, Tally tally, String where) {
    training.batches().forEach(batch -> learner.backpropagate(batch, tally));
    requireFinite(tally, where);
    state.sgd.step(training.batches().size());
  }

  /** A step of α. */
  void alpha(MicroBatches training, MicroBatches validation, Tally tally, String where) {
    try (Tally unrolling = new Tally(learner.manager())) {
      architect.backward(repeatable(training, unrolling), losses(validation, tally));
    }
    requireFinite(tally, where + ", α's turn");
    if (!state.alpha.finiteGradient()) {
      throw diverged(where + ", α's turn", "the gradient of α is not finite");
    }
    state.adam.step();
  }

  private List<Architect.Loss> losses(MicroBatches batches, Tally tally) {
    return batches.batches().stream()
        .map(batch -> (Architect.Loss) () -> backpropagate(batch, tally))
        .toList();
  }

  /** Losses for which dropout drops the same whenever they are called in one step of α. */
  private List<Architect.Loss> repeatable(MicroBatches batches, Tally tally) {
    List<Architect.Loss> losses = losses(batches, tally);
    return IntStream.range(0, losses.size())
        .mapToObj(
            i ->
                (Architect.Loss)
                    () -> {
                      int draw = Objects.hash(seed, state.adam.steps(), i);
                      Engine.getInstance().setRandomSeed(draw);
                      losses.get(i).backward();
                    })
        .toList();
  }

  /** A step of the weights, with α held. */
  void weights(MicroBatches training, Tally tally, String where) {
    state.alpha.freeze(true);
    try {
      training.batches().forEach(batch -> backpropagate(batch, tally));
    } finally {
      state.alpha.freeze(false);
    }
    requireFinite(tally, where + ", the weights' turn");
    state.sgd.step(training.batches().size());
  }

  private void backpropagate(Batch batch, Tally tally) {
    learner.backpropagate(batch, tally, () -> cells.relax(cellWeights()), cells::backward);
  }

  private CellWeights cellWeights() {
    CellWeights weights = settings.relaxation().weights(state.alpha, cells.instances());
    return state.alpha.frozen() ? weights.hold() : weights;
  }

  /** Scores the network with the relaxed cells, and changes nothing. */
  void validate(MicroBatches validation, Tally tally) {
    for (Batch batch : validation.batches()) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        cells.relax(cellWeights().hold());
        learner.evaluate(batch, tally);
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
          where, symptom, relaxed ? state.alpha : null, relaxed ? cellWeights().hold() : null);
    }
  }
}
