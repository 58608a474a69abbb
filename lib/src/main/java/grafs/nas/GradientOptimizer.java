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
 * Gradient-based search for an activation function, one step at a time. The network is built with
 * activation cells ({@link Cells}) in place of its activation, the default activation. A place is
 * an edge or vertex of the cell and chooses one of several candidate operations. During the search
 * the relaxed cell mixes all candidates of a place, with mixing weights that a {@link Relaxation}
 * draws from α, one number for each candidate; β are the scalars of some operations. A step updates
 * α and β by the gradient on batches of one part of the training set, then the network's weights by
 * the gradient on batches of the other part (Liu et al. 2019, algorithm 1; arXiv 2408.06820,
 * section 3).
 *
 * <p>{@link Search} makes all steps, saves checkpoints and verifies the result. With this class a
 * loop of one's own can make them; here {@code nas} is a GradientOptimizer and {@code split} a
 * {@link Split} of the training set:
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
 *
 * <p>If the settings have a fit of the cell ({@link CellFit}), this loop fits it on N(0, 1) alone,
 * while {@link Search} also takes pre-activations of the network.
 */
public final class GradientOptimizer implements AutoCloseable {

  private final SearchSettings settings;
  private final Cells cells;
  private final Learner learner;
  private final int stepsPerEpoch;
  private final long seed;
  private final List<Regularizer> goals;
  private final ArchitectureParameters architecture;

  /** The number of candidate operations at the start, in all places together. */
  private final int operations;

  /**
   * Whether the loss is checked in every step. On a GPU, where reading a number blocks until all
   * queued work is done, it is checked only when a progress report reads it anyway.
   */
  private final boolean numbersAtHand;

  private int epoch = 1;
  private int step;

  private final RelaxedPasses passes;

  /** The optimizer of the network's weights. */
  final WeightOptimizer descent;

  /** The score of the weights' passes since the latest epoch began. */
  RunningScore weightsTally;

  /** The score of α's passes since the latest epoch began. */
  private RunningScore alphaTally;

  /**
   * Pre-activations, the arguments of the network's cells, set by {@link SingleSearch}. The cell is
   * fitted on them and on N(0, 1), or if there are none, on N(0, 1) alone.
   */
  float[] seen = new float[0];

  /** What a pass is for, the update of α or that of the weights. Their random numbers differ. */
  enum Turn {
    ALPHA,
    WEIGHTS
  }

  /**
   * Prepares a search.
   *
   * @param settings the settings of the search
   * @param cells the cells that the network was built with
   * @param learner the network with its weights and loss
   * @param stepsPerEpoch the number of steps in an epoch, {@link Split#steps}
   * @param seed the seed of the starting values of α and β, and of all draws
   * @param goals regularisers that are added to the loss when α is updated
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
    // Hashed, since the passes use consecutive seeds, which would also occur in a search with a
    // nearby seed.
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

  /**
   * {@return whether the present epoch belongs to the warm start, in which the weights are trained
   * with the default activation}
   */
  public boolean warming() {
    return epoch <= settings.warmStartEpochs();
  }

  /** Whether this epoch is before a fit of the cell: α is then not trained, and nothing dropped. */
  private boolean beforeFit() {
    return warming() && settings.fit().steps() > 0;
  }

  /**
   * Takes one step: updates α and β, then the weights. α and β are not updated if one candidate is
   * left in every place, nor in a warm start that ends with a fit of the cell ({@link CellFit}).
   *
   * @param weights batches of the part of the training set for the weights; the weights' gradient
   *     is that of the mean of their losses
   * @param alpha batches of the part for α, likewise
   * @throws TrainingDivergedException if the loss or the gradient of α is not finite; the message
   *     says where and why. On a GPU only the gradient of α is checked
   */
  public void step(List<Batch> weights, List<Batch> alpha) {
    if (step++ == 0) {
      closeScores();
      weightsTally = new RunningScore(learner.manager());
      alphaTally = new RunningScore(learner.manager());
    }
    boolean decided = architecture.candidates().decided();
    boolean joint = settings.levels() == Levels.JOINT && !decided;
    if (!decided && !beforeFit()) {
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

  /** {@return mixing weights that α's latest pass would draw from the present α} */
  CellWeights mixing() {
    return passes.mixing(draw(Turn.ALPHA, 0));
  }

  /**
   * Returns the seed of one pass's random numbers, for mixing weights and dropout. It depends only
   * on the seed of the search, the step, the kind of pass and the batch. So a search that continues
   * from a checkpoint draws the same as an uninterrupted one, and in a search of second order the
   * passes on the weights' batches that are part of α's update ({@link UnrolledPass}) draw the same
   * as the weights' update that follows.
   *
   * @param turn what the pass is for
   * @param index the index of the batch in its step
   */
  long draw(Turn turn, int index) {
    long pass = (long) ((epoch - 1) * stepsPerEpoch + step) * settings.accumulation() + index;
    return seed + Turn.values().length * pass + turn.ordinal();
  }

  /**
   * On a GPU, throws if the loss is not finite in a score that was read for a progress report. On a
   * CPU {@link #step} has checked every loss already.
   */
  void check(Score score) {
    if (!numbersAtHand) {
      String last = "a step of epoch %d, not after step %d of %d";
      check(score, last.formatted(epoch, step, stepsPerEpoch), List.of(), Turn.WEIGHTS);
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
    String what = turn == Turn.ALPHA ? "α" : "the weights";
    return "%sepoch %d, step %d of %d, in the update of %s"
        .formatted(warming() ? "warm-start " : "", epoch, step, stepsPerEpoch, what);
  }

  /**
   * Drops the operations that are due by an epoch or step, counted from 0, of a search of some
   * length. Before a fit, α has no information yet: what is due is dropped after it.
   */
  private void shrink(int time, int length) {
    int places = architecture.alpha().length;
    int due = beforeFit() ? 0 : settings.shrinking().due(operations, places, time, length);
    while (operations - architecture.candidates().count() < due) {
      int[] next = Shrinking.next(architecture.candidates(), architecture.alpha());
      architecture.candidates = architecture.candidates.without(next[0], next[1]);
    }
  }

  /**
   * Ends an epoch. Drops candidate operations, if the settings drop them by epochs, and at the end
   * of the warm start fits the cell to the default activation, if the settings have a fit.
   *
   * @throws TrainingDivergedException if a weight of the network is not finite after the epoch's
   *     last step, which no loss of this epoch would show, or if the fit fails
   */
  public void endEpoch() {
    if (settings.shrinking().unit() == Shrinking.Unit.EPOCH) {
      shrink(epoch - 1, settings.epochs());
    }
    if (!Divergence.finite(learner.weights().values())) {
      String where = "the last step of epoch " + epoch;
      throw diverged("a weight is not finite", where, List.of(), Turn.WEIGHTS);
    }
    if (epoch == settings.warmStartEpochs() && beforeFit()) {
      UnaryOperator<double[]> standard = x -> cells.defaultValues(learner.manager(), x);
      RandomGenerator random = new SplittableRandom(seed - 1);
      if (!settings.fit().fit(architecture, settings.relaxation(), standard, random, seen)) {
        String symptom = "the gradient of α is not finite";
        throw diverged(symptom, "the fit of the cell", List.of(), Turn.WEIGHTS);
      }
    }
    epoch++;
    step = 0;
  }

  /**
   * {@return the function that takes in each place the operation of largest α: the result if the
   * search ended now}
   */
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
   * Continues after the last epoch of a checkpoint. The tensors (weights, buffers, state of the
   * weights' optimizer) must have been restored before.
   *
   * @param saved the record of that epoch
   * @param alpha α after it, with the state of its optimizer
   * @param beta β after it, with the state of its optimizer
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

  /** Frees the optimizer's tensors, and lets the cells compute the default activation again. */
  @Override
  public void close() {
    closeScores();
    descent.close();
    cells.restoreDefault();
  }
}
