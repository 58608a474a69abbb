package grafs.search;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import grafs.cell.ActivationCells;
import grafs.cell.CellWeights;
import grafs.op.Host;
import grafs.train.Learner;
import grafs.train.MemoryNeed;
import grafs.train.Score;
import grafs.train.Tally;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The steps of a bilevel search. Each ends before it changes anything if a loss or the gradient of
 * α is not finite; on a GPU, where to look at a number is to wait for it, the search ends when
 * scores are read next.
 */
final class SearchSteps {

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;
  private final SearchState state;
  private final Architect architect;
  private final Divergence divergence;
  private final long seed;
  private final List<Goal> goals;
  private final boolean lookAtEachStep;

  SearchSteps(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      SearchState state,
      long seed) {
    this(settings, cells, learner, state, seed, List.of());
  }

  SearchSteps(
      SearchSettings settings,
      ActivationCells cells,
      Learner learner,
      SearchState state,
      long seed,
      List<Goal> goals) {
    // Mixed, since generators whose seeds differ by little must not be related across seeds.
    this.seed = new SplittableRandom(seed).nextLong();
    this.settings = settings;
    this.goals = List.copyOf(goals);
    this.cells = cells;
    this.learner = learner;
    this.state = state;
    architect =
        new Architect(settings.order(), state.adam, state.descent, learner.buffers().values());
    lookAtEachStep = Host.reaches(learner.manager().getDevice());
    divergence = new Divergence(settings, cells, learner, lookAtEachStep);
  }

  /** What the cells' weights are drawn for. */
  private enum Turn {
    ALPHA,
    WEIGHTS
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
    requireFinite(tally, where, Turn.WEIGHTS);
    state.descent.step(training.batches().size());
  }

  /** A step of α. */
  void alpha(MicroBatches training, MicroBatches validation, Tally tally, String where) {
    try (Tally unrolling = new Tally(learner.manager())) {
      architect.backward(
          losses(training, Turn.WEIGHTS, unrolling), losses(validation, Turn.ALPHA, tally));
    }
    goals.forEach(this::pursue);
    requireFinite(tally, where, Turn.ALPHA);
    if (lookAtEachStep && !state.alpha.finiteGradient()) {
      throw diverged(where, "the gradient of α is not finite", Turn.ALPHA);
    }
    state.adam.step();
  }

  /** Adds a goal's gradient to that of the loss. */
  private void pursue(Goal goal) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      float[] mean = cells.meanBeta();
      NDArray beta = mean.length == 0 ? null : learner.manager().create(mean).expandDims(0);
      CellWeights weights = settings.relaxation().weights(state.alpha, 1, random(Turn.ALPHA, 0));
      collector.backward(goal.penalty(cells.space(), weights, beta));
    }
  }

  private List<Architect.Loss> losses(MicroBatches batches, Turn turn, Tally tally) {
    List<Architect.Loss> losses = new ArrayList<>();
    for (int b = 0; b < batches.batches().size(); b++) {
      Batch batch = batches.batches().get(b);
      // Fixed now: while the architect unrolls, the weights' optimizer is a step ahead.
      long draw = draw(turn, b);
      losses.add(() -> backpropagate(batch, draw, tally));
    }
    return losses;
  }

  /** A step of the weights, with α held. */
  void weights(MicroBatches training, Tally tally, String where) {
    state.alpha.freeze(true);
    try {
      losses(training, Turn.WEIGHTS, tally).forEach(Architect.Loss::backward);
    } finally {
      state.alpha.freeze(false);
    }
    requireFinite(tally, where, Turn.WEIGHTS);
    state.descent.step(training.batches().size());
  }

  private void backpropagate(Batch batch, long draw, Tally tally) {
    // For what the network draws by itself, such as dropout.
    Engine.getInstance().setRandomSeed(Long.hashCode(draw));
    RandomGenerator random = new SplittableRandom(draw);
    learner.backpropagate(
        batch,
        tally,
        () -> cells.relax(state.alpha.frozen() ? held(random) : follow(random)),
        cells::backward);
  }

  private CellWeights follow(RandomGenerator random) {
    Relaxation relaxation = settings.relaxation();
    return relaxation.weights(state.alpha, relaxation.draws(cells.instances()), random);
  }

  private CellWeights held(RandomGenerator random) {
    Relaxation relaxation = settings.relaxation();
    return relaxation.held(state.alpha, relaxation.draws(cells.instances()), random);
  }

  /**
   * The seed of one pass's randomness, a function of the search's seed and of the weights' step
   * alone: a search that goes on from a checkpoint draws what an unbroken one would, and all passes
   * of an unrolled step of the weights what the step itself will.
   */
  private long draw(Turn turn, int index) {
    long pass = (long) state.descent.steps() * settings.accumulation() + index;
    return seed + Turn.values().length * pass + turn.ordinal();
  }

  private RandomGenerator random(Turn turn, int index) {
    return new SplittableRandom(draw(turn, index));
  }

  /** {@return the randomness of the cells' fit, apart from that of all steps} */
  RandomGenerator randomOfFit() {
    return new SplittableRandom(seed - 1);
  }

  /** Estimates the memory of steps with the relaxed cells. */
  Optional<MemoryNeed> memory(Batch batch) {
    List<NDArray> kept = new ArrayList<>(state.descent.state().values());
    return learner.memory(batch, () -> cells.relax(held(random(Turn.ALPHA, 0))), kept);
  }

  /** Scores the network with the relaxed cells, and changes nothing. */
  void validate(MicroBatches validation, Tally tally) {
    for (Batch batch : validation.batches()) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        cells.relax(held(random(Turn.ALPHA, 0)));
        learner.evaluate(batch, tally);
      }
    }
  }

  /** Scores the network with what its cells compute now, as it computes in training. */
  void asInTraining(Batch batch, Tally tally) {
    // The same dropout before and after the switch.
    Engine.getInstance().setRandomSeed(Long.hashCode(draw(Turn.ALPHA, 0)));
    learner.evaluateAsInTraining(batch, tally);
  }

  /** Scores the network with the relaxed cells, as it computes in training. */
  void atSwitch(Batch batch, Tally tally) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      cells.relax(held(random(Turn.ALPHA, 0)));
      asInTraining(batch, tally);
    }
  }

  /** The failure of a fit, explained by α as they were before it. */
  ArithmeticException fitDiverged(ArchitectureParameters before) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return divergence.of(
          "the switch to the relaxed cells",
          "what the cell computes is not finite",
          before,
          settings.relaxation().mean(before));
    }
  }

  /** Holds the weights that the last step of an epoch left to what losses show in all others. */
  void requireFiniteWeights(String where) {
    if (!Divergence.finite(learner.weights().values())) {
      throw diverged("the last step of " + where, "a weight is not finite", Turn.WEIGHTS);
    }
  }

  private void requireFinite(Tally tally, String where, Turn turn) {
    if (lookAtEachStep) {
      requireFinite(tally.score(), where, turn);
    }
  }

  private void requireFinite(Score score, String where, Turn turn) {
    if (!Double.isFinite(score.loss())) {
      throw diverged(where, "the loss is " + score.loss(), turn);
    }
  }

  /** Holds the search to a score that was read, where not every one is. */
  void requireFinite(Score score, String where) {
    if (!lookAtEachStep) {
      requireFinite(score, "the steps before " + where, Turn.WEIGHTS);
      state.remember();
    }
  }

  /** Keeps what is good, to tell later what made it bad, where not every step is looked at. */
  void remember() {
    if (!lookAtEachStep) {
      state.remember();
    }
  }

  private ArithmeticException diverged(String where, String symptom, Turn turn) {
    if (!lookAtEachStep) {
      // By now nothing is finite: what was so first shows with what was before.
      state.recall();
    }
    if (state.start == null) {
      return divergence.of("warm-start " + where, symptom);
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      String whose = turn == Turn.ALPHA ? ", α's turn" : ", the weights' turn";
      return divergence.of(where + whose, symptom, state.alpha, held(random(turn, 0)));
    }
  }
}
