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

  /** Pre-activations of the network, for the fit of the cell. */
  float[] seen = new float[0];

  /** The root-mean-square error of the fitted cell; null if it was not fitted. */
  Double fitError;

  /** The step that a pass belongs to, of α or of the weights. Their random numbers differ. */
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
   * @param goals regularisers that are added to the loss of α's steps
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
    // Hashed: passes have consecutive seeds, which would overlap with those of a nearby seed.
    this.seed = new SplittableRandom(seed).nextLong();
    architecture = new ArchitectureParameters(cells.space(), seed);
    operations = architecture.candidates().count();
    adam = new AlphaOptimizer(architecture, settings.alphaLearningRate());
    descent = settings.weights().optimizer(learner.weights(), settings.epochs() * stepsPerEpoch);
    gradient = new ArchitectureGradient(settings.relaxation(), architecture, cells, learner);
    weightsTally = new RunningScore(learner.manager());
    alphaTally = new RunningScore(learner.manager());
  }

  /** {@return α, β and the remaining candidates} */
  public ArchitectureParameters architecture() {
    return architecture;
  }

  /** {@return whether the weights are trained with the default activation in this epoch} */
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
      // The seed of random layers such as dropout.
      Engine.getInstance().setRandomSeed(Long.hashCode(draw(Turn.WEIGHTS, b)));
      learner.backpropagate(weights.get(b), weightsTally, 1.0 / weights.size(), () -> {}, () -> {});
    }
  }

  /** {@return mixing weights drawn from the present α with the seed of the latest step of α} */
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
   * Returns the seed of one pass's random numbers, which depends only on the seed of the search,
   * the step, the turn and the batch: a continued search draws the same as an uninterrupted one,
   * and the passes of an unrolled step of the weights draw the same as the step itself.
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

  /** {@return the score of the weights' passes since the latest epoch began} */
  public Score weightsScore() {
    return weightsTally.score();
  }

  /** {@return the score of α's passes since the latest epoch began; NaN if there were none} */
  public Score alphaScore() {
    return alphaTally.score();
  }

  /** {@return the operations dropped since the latest epoch began} */
  public List<Shrinking.Dropped> dropped() {
    return List.copyOf(dropped);
  }

  /** On a GPU, throws if a score read for progress is not finite; a CPU checks every step. */
  void check(Score score, String where) {
    if (!Host.reaches(learner.manager().getDevice())) {
      divergence("the steps before " + where, List.of(), Turn.WEIGHTS).check(score);
    }
  }

  /** The state of a search between two epochs, without the tensors. */
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

  /** Restores a state. The tensors must have been restored before. */
  void restore(State state) {
    architecture.restore(state.alpha, state.beta, new Candidates(state.candidates));
    adam.restore(state.adam);
    gradient.alpha = state.alphaGradient;
    gradient.beta = state.betaGradient;
    descent.restore(state.descentSteps, descent.state());
    epoch = state.epoch;
    fitError = state.fitError;
  }

  /** {@return the tensors that a search changes, by name; the tensors themselves, not copies} */
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
