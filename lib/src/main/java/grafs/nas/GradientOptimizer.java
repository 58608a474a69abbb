package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import grafs.cell.Candidates;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.Host;
import grafs.nas.SearchSettings.Levels;
import grafs.nas.SearchSettings.Order;
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
  private final int operations;
  private final List<Shrinking.Dropped> dropped = new ArrayList<>();
  private final ArchitectureGradient gradient;
  RunningScore weightsTally;
  private RunningScore alphaTally;
  private int epoch = 1;
  private int step;

  /** Pre-activations for the fit. */
  float[] seen = new float[0];

  /** The root mean square that the fit left, or null without one. */
  Double fitError;

  /** Whose pass it is: each has draws of its own. */
  enum Turn {
    ALPHA,
    WEIGHTS
  }

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
    gradient = new ArchitectureGradient(settings.relaxation(), architecture, cells, learner);
    weightsTally = new RunningScore(learner.manager());
    alphaTally = new RunningScore(learner.manager());
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
    if (step++ == 0) {
      closeScores();
      weightsTally = new RunningScore(learner.manager());
      alphaTally = new RunningScore(learner.manager());
      dropped.clear();
    }
    boolean decided = architecture.candidates().decided();
    boolean joint = settings.levels() == Levels.JOINT && !decided;
    if (!decided && !(warming() && settings.fit().steps() > 0)) {
      if (settings.order() == Order.SECOND) {
        new UnrolledPass(learner, descent, gradient)
            .run(weights, b -> draw(Turn.WEIGHTS, b), alpha, b -> draw(Turn.ALPHA, b), alphaTally);
      } else {
        gradient.run(alpha, b -> draw(Turn.ALPHA, b), joint, true, alphaTally);
      }
      goals.forEach(goal -> gradient.add(goal, draw(Turn.ALPHA, 0)));
      Divergence divergence = divergence(where(Turn.ALPHA), alpha, Turn.ALPHA);
      divergence.check(alphaTally);
      divergence.check(gradient.alpha);
      adam.step(architecture, gradient.alpha, gradient.beta);
      gradient.clear();
    }
    if (warming()) {
      runDefault(weights);
    } else {
      gradient.run(weights, b -> draw(Turn.WEIGHTS, b), true, joint, weightsTally);
    }
    divergence(where(Turn.WEIGHTS), weights, Turn.WEIGHTS).check(weightsTally);
    descent.step(1);
    if (settings.shrinking().unit() == Shrinking.Unit.STEP) {
      shrink((epoch - 1) * stepsPerEpoch + step - 1, settings.epochs() * stepsPerEpoch);
    }
  }

  /** Runs the weights' batches forward and backward with the default activation. */
  private void runDefault(List<Batch> weights) {
    cells.restoreDefault();
    for (int b = 0; b < weights.size(); b++) {
      // For what the network draws by itself, such as dropout.
      Engine.getInstance().setRandomSeed(Long.hashCode(draw(Turn.WEIGHTS, b)));
      learner.backpropagate(weights.get(b), weightsTally, 1.0 / weights.size(), () -> {}, () -> {});
    }
  }

  /** {@return the mixing weights of a draw that no step takes} */
  CellWeights mixing() {
    return gradient.mixing(draw(Turn.ALPHA, 0));
  }

  private Divergence divergence(String where, List<Batch> batches, Turn turn) {
    return new Divergence(
        settings,
        cells,
        learner,
        architecture,
        where,
        batches,
        () -> gradient.mixing(draw(turn, 0)));
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

  private String where(Turn turn) {
    String whose = turn == Turn.ALPHA ? "α's turn" : "the weights' turn";
    return "%sepoch %d, step %d of %d, %s"
        .formatted(warming() ? "warm-start " : "", epoch, step, stepsPerEpoch, whose);
  }

  private void shrink(int time, int length) {
    int due = settings.shrinking().due(operations, architecture.alpha().length, time, length);
    while (operations - architecture.candidates().count() < due) {
      int[] next = Shrinking.next(architecture.candidates(), architecture.alpha());
      architecture.keep(architecture.candidates().without(next[0], next[1]));
      var place = cells.space().places().get(next[0]);
      dropped.add(
          new Shrinking.Dropped(step, place.name(), place.candidates().get(next[1]).name()));
    }
  }

  @Override
  public void endEpoch() {
    if (settings.shrinking().unit() == Shrinking.Unit.EPOCH) {
      shrink(epoch - 1, settings.epochs());
    }
    divergence("the last step of epoch " + epoch, List.of(), Turn.WEIGHTS).checkWeights();
    if (epoch == settings.warmStartEpochs() && settings.fit().steps() > 0) {
      fitError =
          settings
              .fit()
              .fit(
                  architecture,
                  settings.relaxation(),
                  x -> cells.defaultValues(learner.manager(), x),
                  new SplittableRandom(seed - 1),
                  seen);
      divergence("the fit of the cells", List.of(), Turn.WEIGHTS)
          .check(Double.isFinite(fitError), "what the cell computes is not finite");
    }
    epoch++;
    step = 0;
  }

  @Override
  public Expression found() {
    return architecture.function();
  }

  /** {@return the scores of the steps since the last epoch began, of the weights' passes} */
  public Score weightsScore() {
    return weightsTally.score();
  }

  /** {@return the scores of the steps since the last epoch began, of α's passes; none: NaN} */
  public Score alphaScore() {
    return alphaTally.score();
  }

  /** {@return the operations dropped since the last epoch began} */
  public List<Shrinking.Dropped> dropped() {
    return List.copyOf(dropped);
  }

  /** Throws if a score that was read is not finite. */
  void check(Score score, String where) {
    if (!Host.reaches(learner.manager().getDevice())) {
      divergence("the steps before " + where, List.of(), Turn.WEIGHTS).check(score);
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
        gradient.alpha,
        gradient.beta,
        descent.steps(),
        epoch,
        fitError);
  }

  /** Goes on from a state, after the tensors have been set. */
  void restore(State state) {
    architecture.restore(state.alpha, state.beta, new Candidates(state.candidates));
    adam.restore(state.adam);
    gradient.alpha = state.alphaGradient;
    gradient.beta = state.betaGradient;
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

  private void closeScores() {
    weightsTally.close();
    alphaTally.close();
  }

  @Override
  public void close() {
    closeScores();
    descent.close();
    cells.restoreDefault();
  }
}
