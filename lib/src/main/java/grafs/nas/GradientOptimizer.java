package grafs.nas;

import ai.djl.TrainingDivergedException;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.Host;
import grafs.nas.RelaxedPasses.Pass;
import grafs.nas.SearchSettings.Levels;
import grafs.nas.SearchSettings.Order;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.Score;
import grafs.train.WeightOptimizer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Search by gradient: α's pass and update, then the weights' pass and update (Liu et al. 2019,
 * algorithm 1; arXiv 2408.06820, section 3). It is run step by step:
 *
 * <pre>{@code
 * for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
 *   for (var step : split.epoch(learner.manager(), epoch)) {
 *     try (step) {
 *       nas.step(step.weights(), step.alpha());
 *     }
 *   }
 *   nas.endEpoch();
 *   System.out.println(epoch + " " + nas.found());
 * }
 * }</pre>
 */
public final class GradientOptimizer implements AutoCloseable {

  private final SearchSettings settings;
  private final Cells cells;
  private final Learner learner;
  private final int stepsPerEpoch;
  private final long seed;
  private final List<Regularizer> goals;
  private final ArchitectureParameters architecture;
  private final int operations;

  /**
   * Whether losses are checked after every step. On a GPU, where reading one blocks until all
   * queued work is done, they are checked only when scores are read anyway.
   */
  private final boolean numbersAtHand;

  private int epoch = 1;
  private int step;

  private final RelaxedPasses passes;

  /** The optimizer of the weights. */
  final WeightOptimizer descent;

  RunningScore weightsTally;
  private RunningScore alphaTally;

  /** Pre-activations of the network, for the fit of the cell. */
  float[] seen = new float[0];

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
      Regularizer... goals) {
    if (cells.instances() == 0) {
      throw new IllegalArgumentException(
          "the network has no activation cell: build it with these cells as its activation");
    }
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.stepsPerEpoch = stepsPerEpoch;
    this.goals = List.of(goals);
    numbersAtHand = Host.reaches(learner.manager().getDevice());
    // Hashed: passes have consecutive seeds, which would overlap with those of a nearby seed.
    this.seed = new SplittableRandom(seed).nextLong();
    architecture = new ArchitectureParameters(cells.space(), seed);
    operations = architecture.candidates().count();
    passes = new RelaxedPasses(settings, cells, learner, architecture);
    descent = settings.weights().optimizer(learner.weights(), settings.epochs() * stepsPerEpoch);
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

  /**
   * Takes one step.
   *
   * @param weights batches of the part of the training set for the weights
   * @param alpha batches of the part for α
   * @throws TrainingDivergedException if a loss or gradient is not finite; says where and why
   */
  public void step(List<Batch> weights, List<Batch> alpha) {
    if (step++ == 0) {
      closeScores();
      weightsTally = new RunningScore(learner.manager());
      alphaTally = new RunningScore(learner.manager());
    }
    boolean decided = architecture.candidates().decided();
    boolean joint = settings.levels() == Levels.JOINT && !decided;
    if (!decided && !(warming() && settings.fit().steps() > 0)) {
      if (settings.order() == Order.SECOND) {
        new UnrolledPass(passes, descent)
            .run(weights, b -> draw(Turn.WEIGHTS, b), alpha, b -> draw(Turn.ALPHA, b), alphaTally);
      } else {
        passes.run(alpha, b -> draw(Turn.ALPHA, b), joint ? Pass.BOTH : Pass.ALPHA, alphaTally);
      }
      goals.forEach(goal -> passes.add(goal, draw(Turn.ALPHA, 0)));
      if (numbersAtHand) {
        check(alphaTally.score(), where(Turn.ALPHA), alpha, Turn.ALPHA);
      }
      if (!ArchitectureParameters.finite(architecture.alpha.gradient)) {
        String symptom = "the gradient of α is not finite";
        throw diverged(symptom, where(Turn.ALPHA), alpha, Turn.ALPHA);
      }
      architecture.alpha.step(settings.alphaLearningRate());
      architecture.beta.step(settings.alphaLearningRate());
    }
    Pass pass = warming() ? Pass.DEFAULT : joint ? Pass.BOTH : Pass.WEIGHTS;
    passes.run(weights, b -> draw(Turn.WEIGHTS, b), pass, weightsTally);
    if (numbersAtHand) {
      check(weightsTally.score(), where(Turn.WEIGHTS), weights, Turn.WEIGHTS);
    }
    descent.step(1);
    if (settings.shrinking().unit() == Shrinking.Unit.STEP) {
      shrink((epoch - 1) * stepsPerEpoch + step - 1, settings.epochs() * stepsPerEpoch);
    }
  }

  /** {@return mixing weights drawn from the present α with the seed of the latest step of α} */
  CellWeights mixing() {
    return passes.mixing(draw(Turn.ALPHA, 0));
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

  /** On a GPU, throws if a score read for progress is not finite; a CPU checks every step. */
  void check(Score score) {
    if (!numbersAtHand) {
      check(score, "the steps until " + where(Turn.WEIGHTS), List.of(), Turn.WEIGHTS);
    }
  }

  private void check(Score score, String where, List<Batch> batches, Turn turn) {
    if (score.examples() > 0 && !Double.isFinite(score.loss())) {
      throw diverged("the loss is " + score.loss(), where, batches, turn);
    }
  }

  private TrainingDivergedException diverged(
      String symptom, String where, List<Batch> batches, Turn turn) {
    return new TrainingDivergedException(
        "the search diverged in %s: %s; %s"
            .formatted(where, symptom, Divergence.cause(passes, batches, draw(turn, 0))));
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
      architecture.candidates = architecture.candidates.without(next[0], next[1]);
    }
  }

  /** Ends an epoch. If the settings drop candidate operations by epochs, it is done here. */
  public void endEpoch() {
    if (settings.shrinking().unit() == Shrinking.Unit.EPOCH) {
      shrink(epoch - 1, settings.epochs());
    }
    if (!Divergence.finite(learner.weights().values())) {
      String where = "the last step of epoch " + epoch;
      throw diverged("a weight is not finite", where, List.of(), Turn.WEIGHTS);
    }
    if (epoch == settings.warmStartEpochs() && settings.fit().steps() > 0) {
      UnaryOperator<double[]> standard = x -> cells.defaultValues(learner.manager(), x);
      RandomGenerator random = new SplittableRandom(seed - 1);
      if (!settings.fit().fit(architecture, settings.relaxation(), standard, random, seen)) {
        String symptom = "what the cell computes is not finite";
        throw diverged(symptom, "the fit of the cells", List.of(), Turn.WEIGHTS);
      }
    }
    epoch++;
    step = 0;
  }

  /** {@return the function that the search would end with now} */
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

  /**
   * Continues after a saved epoch. The tensors must have been restored before.
   *
   * @param saved the epoch
   * @param alpha α after it
   * @param beta β after it
   */
  void restore(SearchResult.Epoch saved, Adam alpha, Adam beta) {
    architecture.alpha = alpha;
    architecture.beta = beta;
    architecture.candidates = saved.candidates();
    descent.resume(saved.epoch() * stepsPerEpoch);
    epoch = saved.epoch() + 1;
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
