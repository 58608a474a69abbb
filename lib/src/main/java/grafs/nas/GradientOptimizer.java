package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.cell.Candidates;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.nas.SearchSettings.Levels;
import grafs.nas.SearchSettings.Order;
import grafs.op.Host;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.Score;
import grafs.train.WeightOptimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Search by gradient: α's pass and update, then the weights' pass and update (Liu et al. 2019,
 * algorithm 1; arXiv 2408.06820, section 3).
 */
public final class GradientOptimizer implements NasOptimizer {

  private final SearchSettings settings;
  private final Cells cells;
  private final Learner learner;
  private final int stepsPerEpoch;
  private final long seed;
  private final List<Regularizer> goals;
  private final ArchitectureParameters architecture;
  private final AlphaOptimizer adam;
  private final WeightOptimizer descent;
  private final Divergence divergence;
  private final int operations;
  private final List<Dropped> dropped = new ArrayList<>();

  private final RelaxedPasses passes;
  private RunningScore weightsTally;
  private RunningScore alphaTally;
  private int epoch = 1;
  private int step;

  /** Whose pass it is: each has draws of its own. */
  enum Turn {
    ALPHA,
    WEIGHTS
  }

  /**
   * An operation that was dropped.
   *
   * @param step the step of the epoch, from 1, after which it was dropped
   * @param place the place, such as {@code u3} or {@code b1}
   * @param operation the operation's name
   */
  public record Dropped(int step, String place, String operation) {}

  /**
   * Prepares a search.
   *
   * @param settings the numbers
   * @param cells the cells that the network was built with
   * @param learner the network with its weights and loss
   * @param stepsPerEpoch the steps of an epoch
   * @param seed the seed of α, β and all draws
   * @param goals what is pursued beside a low loss
   * @throws IllegalArgumentException if the network has no cell
   */
  public GradientOptimizer(
      SearchSettings settings,
      Cells cells,
      Learner learner,
      int stepsPerEpoch,
      long seed,
      List<Regularizer> goals) {
    if (cells.instances() == 0) {
      throw new IllegalArgumentException(
          "the network has no activation cell: build it with these cells as its activation");
    }
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.stepsPerEpoch = stepsPerEpoch;
    this.goals = List.copyOf(goals);
    // Mixed, since generators whose seeds differ by little must not be related across seeds.
    this.seed = new SplittableRandom(seed).nextLong();
    architecture = new ArchitectureParameters(cells.space(), seed);
    operations = architecture.candidates().count();
    adam = new AlphaOptimizer(architecture, settings.alphaLearningRate());
    descent = settings.weights().optimizer(learner.weights(), settings.epochs() * stepsPerEpoch);
    divergence = new Divergence(settings, cells, learner, architecture);
    passes = new RelaxedPasses(settings.relaxation(), architecture, cells, learner);
    beginScores();
  }

  /** {@return α, β and the operations in play} */
  public ArchitectureParameters architecture() {
    return architecture;
  }

  /** {@return whether the weights see the default activation in this epoch} */
  public boolean warming() {
    return epoch <= settings.warmStartEpochs();
  }

  @Override
  public void step(List<Batch> weights, List<Batch> alpha) {
    step++;
    if (!architecture.candidates().decided() && !(warming() && settings.fit().steps() > 0)) {
      alphaPass(weights, alpha);
      adam.step(architecture, passes.alpha, passes.beta);
      passes.clear();
    }
    weightsPass(weights);
    divergence.pass(List.of());
    descent.step(1);
    if (settings.shrinking().unit() == Shrinking.Unit.STEP) {
      shrink((epoch - 1) * stepsPerEpoch + step - 1, settings.epochs() * stepsPerEpoch);
    }
  }

  private void alphaPass(List<Batch> weights, List<Batch> alpha) {
    if (settings.order() == Order.SECOND) {
      new UnrolledPass(learner, descent, passes, this::run).run(weights, alpha, alphaTally);
    } else {
      run(alpha, Turn.ALPHA, joint(), true, alphaTally);
    }
    goals.forEach(goal -> passes.pursue(goal, draw(Turn.ALPHA, 0)));
    divergence.pass(alpha);
    divergence.check(alphaTally, where("α's turn"), () -> mixing(Turn.ALPHA));
    divergence.check(passes.alpha, where("α's turn"), () -> mixing(Turn.ALPHA));
  }

  private void weightsPass(List<Batch> weights) {
    if (warming()) {
      cells.restoreDefault();
      for (int b = 0; b < weights.size(); b++) {
        // For what the network draws by itself, such as dropout.
        Engine.getInstance().setRandomSeed(Long.hashCode(draw(Turn.WEIGHTS, b)));
        double share = 1.0 / weights.size();
        learner.backpropagate(weights.get(b), weightsTally, share, () -> {}, () -> {});
      }
    } else {
      run(weights, Turn.WEIGHTS, true, joint(), weightsTally);
    }
    divergence.pass(weights);
    divergence.check(weightsTally, where("the weights' turn"), () -> mixing(Turn.WEIGHTS));
  }

  private boolean joint() {
    return settings.levels() == Levels.JOINT && !architecture.candidates().decided();
  }

  /** Runs the batches of a turn forward and backward with relaxed cells. */
  private void run(
      List<Batch> batches, Turn turn, boolean weights, boolean alpha, RunningScore tally) {
    for (int b = 0; b < batches.size(); b++) {
      passes.run(batches.get(b), draw(turn, b), 1.0 / batches.size(), weights, alpha, tally);
    }
  }

  /** {@return the mixing weights of a draw that no step takes} */
  CellWeights mixing() {
    return mixing(Turn.ALPHA);
  }

  private CellWeights mixing(Turn turn) {
    return passes.mixing(draw(turn, 0));
  }

  /**
   * The seed of one pass's randomness, a function of the search's seed and of the weights' step
   * alone: a search that goes on from a checkpoint draws what an unbroken one would, and all passes
   * of an unrolled step of the weights what the step itself will.
   */
  long draw(Turn turn, int index) {
    long pass = (long) ((epoch - 1) * stepsPerEpoch + step) * settings.accumulation() + index;
    return seed + Turn.values().length * pass + turn.ordinal();
  }

  private String where(String turn) {
    return "%sepoch %d, step %d of %d, %s"
        .formatted(warming() ? "warm-start " : "", epoch, step, stepsPerEpoch, turn);
  }

  private void shrink(int time, int length) {
    int due = settings.shrinking().due(operations, architecture.alpha().length, time, length);
    while (operations - architecture.candidates().count() < due) {
      Candidates candidates = architecture.candidates();
      int[] next = Shrinking.next(candidates, architecture.alpha());
      architecture.keep(candidates.without(next[0], next[1]));
      var place = cells.space().places().get(next[0]);
      dropped.add(new Dropped(step, place.name(), place.candidates().get(next[1]).name()));
    }
  }

  @Override
  public void endEpoch() {
    if (settings.shrinking().unit() == Shrinking.Unit.EPOCH) {
      shrink(epoch - 1, settings.epochs());
    }
    divergence.checkWeights("the last step of epoch " + epoch, () -> mixing(Turn.WEIGHTS));
    if (epoch == settings.warmStartEpochs()) {
      fit();
    }
    epoch++;
    step = 0;
  }

  /** Fits the cells to the default activation, if they are to be. */
  private void fit() {
    if (settings.fit().steps() > 0) {
      fitError =
          settings
              .fit()
              .fit(
                  architecture,
                  settings.relaxation(),
                  x -> cells.defaultValues(learner.manager(), x),
                  new SplittableRandom(seed - 1),
                  seen);
      if (!Double.isFinite(fitError)) {
        throw divergence.of(
            "the fit of the cells",
            "what the cell computes is not finite",
            () -> mixing(Turn.WEIGHTS));
      }
    }
  }

  private Double fitError;
  private float[] seen = new float[0];

  /** {@return the root mean square that the fit left, or null without one} */
  Double fitError() {
    return fitError;
  }

  /** Hands over pre-activations for the fit. */
  void saw(float... preActivations) {
    seen = preActivations;
  }

  @Override
  public Expression found() {
    return architecture.function();
  }

  /**
   * Scores the network on some batches, without training it.
   *
   * @param batches the examples; every batch is closed
   * @param discretised whether the cells compute {@link #found}, or else the relaxed cell in a draw
   * @return the score
   */
  public Score evaluate(Iterable<Batch> batches, boolean discretised) {
    if (discretised) {
      cells.compute(found());
    } else {
      cells.relax(mixing(Turn.ALPHA), false);
    }
    return learner.evaluate(batches);
  }

  /** {@return the scores of the steps since the epoch began, of the weights' passes} */
  public Score weightsScore() {
    return weightsTally.score();
  }

  /** {@return the scores of the steps since the epoch began, of α's passes; none: NaN} */
  public Score alphaScore() {
    return alphaTally.score();
  }

  /** {@return the operations dropped since the epoch began} */
  public List<Dropped> dropped() {
    return List.copyOf(dropped);
  }

  /** Begins new scores. */
  void beginScores() {
    closeScores();
    weightsTally = new RunningScore(learner.manager());
    alphaTally = new RunningScore(learner.manager());
    dropped.clear();
  }

  private void closeScores() {
    if (weightsTally != null) {
      weightsTally.close();
      alphaTally.close();
    }
  }

  /** {@return the tally of the weights' passes} */
  RunningScore tally() {
    return weightsTally;
  }

  /** Throws if a score that was read is not finite. */
  void check(Score score, String where) {
    if (!Host.reaches(learner.manager().getDevice())) {
      divergence.check(score, "the steps before " + where, () -> mixing(Turn.WEIGHTS));
    }
  }

  /** What is not tensors of a search's state between two epochs. */
  record State(
      double[][] alpha,
      double[][] beta,
      List<List<Integer>> candidates,
      AlphaOptimizer.State adam,
      double[][] alphaGradient,
      double[][] betaGradient,
      int descentSteps,
      int epoch,
      Double fitError) {}

  State state() {
    return new State(
        architecture.alpha(),
        architecture.beta(),
        architecture.candidates().places(),
        adam.state(),
        passes.alpha,
        passes.beta,
        descent.steps(),
        epoch,
        fitError);
  }

  /** Goes on from a state, after the tensors have been set. */
  void restore(State state) {
    for (int p = 0; p < state.alpha.length; p++) {
      System.arraycopy(state.alpha[p], 0, architecture.alpha()[p], 0, state.alpha[p].length);
      System.arraycopy(state.beta[p], 0, architecture.beta()[p], 0, state.beta[p].length);
    }
    architecture.keep(new Candidates(state.candidates));
    adam.restore(state.adam);
    passes.alpha = state.alphaGradient;
    passes.beta = state.betaGradient;
    descent.restore(state.descentSteps, descent.state());
    epoch = state.epoch;
    fitError = state.fitError;
  }

  /** {@return the tensors that a search changes, themselves and not copies, by name} */
  Map<String, NDArray> tensors() {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    learner.state().forEach((name, array) -> tensors.put("network/" + name, array));
    descent.state().forEach((name, array) -> tensors.put("optimizer/" + name, array));
    return tensors;
  }

  @Override
  public void close() {
    closeScores();
    descent.close();
    cells.restoreDefault();
  }
}
