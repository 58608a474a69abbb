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
 * cells ({@link Cells}) in place of its activations. A cell is a small graph of operations such as
 * sin or +. A place is an edge or vertex of the graph, for which the search chooses one of several
 * candidate operations. During the search the cells are relaxed: they mix all candidates of a
 * place. A {@link Relaxation} draws the mixing weights from α, one number for each candidate. β are
 * the learnable scalars that some operations have, as in β·x. The cells can also compute the
 * default activation, the one that the network has without a search. A step updates α and β by the
 * gradient on batches of one part of the training set, then the network's weights by the gradient
 * on batches of the other part (Liu et al. 2019, algorithm 1; arXiv 2408.06820, section 3).
 *
 * <p>{@link Search} makes all steps, saves checkpoints and verifies the result. To control the loop
 * yourself, use this class; here {@code nas} is a GradientOptimizer and {@code split} a {@link
 * Split} of the training set:
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
 * <p>The settings can have a warm start, a number of first epochs in which the weights are trained
 * with the default activation. They can also have a fit ({@link CellFit}). It changes α once, at
 * the end of the warm start, so that the relaxed cell approximates the default activation. In this
 * loop the fit compares the cell and the default activation at points of the standard normal
 * distribution only. {@link Search} also compares them at pre-activations, the numbers that the
 * network feeds into its cells.
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
   * Whether the loss is checked in every step: true on a CPU, false on a GPU. Reading a number from
   * a GPU blocks until all queued work is done, so the loss is checked there only when a progress
   * report reads it anyway.
   */
  private final boolean numbersAtHand;

  private int epoch = 1;
  private int step;

  private final RelaxedPasses passes;

  /** The optimizer of the network's weights. */
  final WeightOptimizer descent;

  /**
   * Accumulates the score of the passes on the batches for the weights since the latest epoch
   * began.
   */
  RunningScore weightsTally;

  /** Accumulates the score of the passes on the batches for α since the latest epoch began. */
  private RunningScore alphaTally;

  /**
   * Pre-activations, the numbers that the network feeds into its cells; {@link SingleSearch} sets
   * them. The cell is fitted to the default activation at these points and at points of N(0, 1); if
   * this array is empty, only at points of N(0, 1).
   */
  float[] seen = new float[0];

  /**
   * The batches of a forward and backward pass: those for α or those for the weights. The random
   * numbers of a pass depend on this ({@link #draw}). In the message about a divergence, it stands
   * for the update of α or that of the weights.
   */
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
   * @param seed the seed of all random numbers: the starting values of α and β, mixing weights and
   *     dropout
   * @param goals regularisers, penalties that are added to the loss when α is updated
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
    // Hashed, since the passes use the seeds that follow this one. Without the hash, a search whose
    // seed is a little larger would use the same seeds in its passes.
    this.seed = new SplittableRandom(seed).nextLong();
    architecture = new ArchitectureParameters(cells.space(), seed);
    operations = architecture.candidates().count();
    passes = new RelaxedPasses(settings, cells, learner, architecture);
    descent = settings.weights().optimizer(learner.weights(), settings.epochs() * stepsPerEpoch);
    weightsTally = new RunningScore(learner.manager());
    alphaTally = new RunningScore(learner.manager());
  }

  /** {@return α, β and the candidates that have not been dropped} */
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

  /**
   * Whether this epoch is in a warm start that ends with a fit of the cell. Then α is not trained
   * and no operation is dropped.
   */
  private boolean beforeFit() {
    return warming() && settings.fit().steps() > 0;
  }

  /**
   * Takes one step: updates α and β, then the weights. With {@link Levels#JOINT}, each of these
   * updates also uses a gradient on the other one's batches. α and β are not updated in two cases:
   * if one candidate is left in every place, and in a warm start that ends with a fit of the cell
   * ({@link CellFit}).
   *
   * @param weights batches of the part of the training set for the weights, which are updated by
   *     the gradient of the mean loss of these batches
   * @param alpha batches of the part for α and β, which are updated by the gradient of the mean
   *     loss of these batches
   * @throws TrainingDivergedException if the loss or the gradient of α or β is not finite; the
   *     message says in which step, and why. On a GPU only the gradients of α and β are checked
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
      for (Adam updated : List.of(architecture.alpha, architecture.beta)) {
        if (!ArchitectureParameters.finite(updated.gradient)) {
          String name = updated == architecture.alpha ? "α" : "β";
          String symptom = "the gradient of " + name + " is not finite";
          throw diverged(symptom, where(Turn.ALPHA), alpha, Turn.ALPHA);
        }
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

  /**
   * {@return mixing weights of all cells, drawn from the present α with the seed that the latest
   * step has for its first batch for α}
   */
  CellWeights mixing() {
    return passes.mixing(draw(Turn.ALPHA, 0));
  }

  /**
   * Returns the seed of the random numbers of one pass, for mixing weights and dropout. It depends
   * only on the seed of the search, the step, the part of the training set and the index of the
   * batch. So a search that continues from a checkpoint draws the same numbers as an uninterrupted
   * one. A second-order update of α also has passes on the batches for the weights ({@link
   * UnrolledPass}). They draw the same numbers as the update of the weights that follows.
   *
   * @param turn whether the batch is for α or for the weights
   * @param index the index of the batch in its step
   */
  long draw(Turn turn, int index) {
    long pass = (long) ((epoch - 1) * stepsPerEpoch + step) * settings.accumulation() + index;
    return seed + Turn.values().length * pass + turn.ordinal();
  }

  /**
   * On a GPU, throws TrainingDivergedException if the loss is not finite in a score that was read
   * for a progress report. On a CPU this method does nothing, since {@link #step} has checked every
   * loss already.
   */
  void check(Score score) {
    if (!numbersAtHand) {
      String last = "a step of epoch %d, at step %d of %d or before";
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
   * Drops the operations that the schedule ({@link Shrinking}) drops up to a time. Before a fit of
   * the cell no operation is dropped, since α is not trained yet. Operations that are due before
   * the fit are dropped at the end of the first epoch or step after it.
   *
   * @param time the present epoch or step, from 0
   * @param length the number of epochs or steps of the search
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
   * Ends an epoch. If the settings count the times of drops in epochs, operations that are due are
   * dropped. At the end of the warm start the cell is fitted to the default activation, if the
   * settings have a fit.
   *
   * @throws TrainingDivergedException if a weight of the network is not finite after the epoch's
   *     last step, which no loss of this epoch would show, or if the gradient of α is not finite in
   *     the fit
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
   * {@return the function that has in each place the operation of largest α of those not dropped;
   * it would be the result if the search ended now}
   */
  public Expression found() {
    return architecture.function();
  }

  /**
   * {@return the score of the passes on the batches for the weights since the latest epoch began}
   */
  public Score weightsScore() {
    return weightsTally.score();
  }

  /**
   * {@return the score of the passes on the batches for α since the latest epoch began; loss and
   * accuracy are NaN if there were none}
   */
  public Score alphaScore() {
    return alphaTally.score();
  }

  /**
   * Sets the state that the search had after the last epoch in a checkpoint. The caller must have
   * restored the tensors (weights, buffers, state of the weights' optimizer) before.
   *
   * @param saved the record of that epoch
   * @param alpha α after that epoch, with the state of its optimizer
   * @param beta β after that epoch, with the state of its optimizer
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

  /**
   * Frees the tensors of the weights' optimizer and of the scores, and lets the cells compute the
   * default activation again.
   */
  @Override
  public void close() {
    closeScores();
    descent.close();
    cells.restoreDefault();
  }
}
