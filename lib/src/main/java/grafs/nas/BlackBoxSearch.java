package grafs.nas;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.train.Learner;
import grafs.train.Training;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Black-box search for an activation function, a baseline for gradient-based search: a strategy
 * proposes which function to try next, given the scores of those before. The same seed and scores
 * give the same trials. A function of the same formula or the same values as one before is not
 * tried again.
 *
 * @param strategy which function to try next
 * @param space the search space
 * @param seed the seed of all choices
 */
public record BlackBoxSearch(Strategy strategy, CellSpace space, long seed) {

  /**
   * Random search: proposes every choice of operations with the same probability, independently of
   * earlier trials.
   */
  public static final Strategy RANDOM = (space, trials, random) -> space.choice(random);

  /** The search ends after this number of consecutive proposals that were tried before. */
  private static final int PROPOSALS = 1000;

  /** The points at which functions are compared, −6 to 6 in steps of 0.15. */
  private static final double[] POINTS =
      IntStream.rangeClosed(-40, 40).mapToDouble(i -> 0.15 * i).toArray();

  /** Proposes functions. */
  @FunctionalInterface
  public interface Strategy {

    /**
     * Proposes the function to be tried next.
     *
     * @param space the search space
     * @param trials the trials so far, oldest first
     * @param random the source of randomness
     * @return for each place the index of its operation; if that was tried before, another proposal
     *     is asked for
     */
    List<Integer> propose(CellSpace space, List<Trial> trials, RandomGenerator random);
  }

  /**
   * One function that was tried.
   *
   * @param choice for each place the index of its operation
   * @param function the function
   * @param score its score, higher is better; −∞ where its training diverged
   */
  public record Trial(List<Integer> choice, Expression function, double score) {}

  /**
   * Trains a network with each function, from the same initial weights and on the same batches. The
   * score is that of the test batches after the last epoch: the accuracy, or −loss in a regression.
   *
   * @param trials the number of functions to try, at least 1; fewer are tried if the strategy
   *     proposes no new one
   * @param cells the cells that the network was built with
   * @param training the training of the network, whose seed is that of every trial
   * @return the best function
   * @throws IllegalArgumentException if there is no trial
   * @throws TrainingDivergedException if all trials diverged; says why the first one did
   */
  public Expression run(int trials, Cells cells, Training training) {
    if (trials < 1) {
      throw new IllegalArgumentException("a search tries at least 1 function, not " + trials);
    }
    Learner learner = training.learner();
    List<TrainingDivergedException> diverged = new ArrayList<>();
    try {
      ToDoubleFunction<Expression> score =
          function -> {
            learner.restart(learner.seed());
            cells.compute(function);
            try {
              List<Training.Epoch> epochs = training.run("trial of " + function.text());
              return epochs.get(epochs.size() - 1).test().value();
            } catch (TrainingDivergedException e) {
              diverged.add(e);
              return Double.NaN;
            }
          };
      Trial best = best(trials(trials, score));
      if (best.score() == Double.NEGATIVE_INFINITY && !diverged.isEmpty()) {
        throw diverged.get(0);
      }
      return best.function();
    } finally {
      cells.restoreDefault();
    }
  }

  /**
   * Tries functions.
   *
   * @param most the number of functions; fewer are tried if no new one comes up in 1000 proposals
   * @param score scores a function, higher is better; NaN if its training diverged
   * @return the trials, oldest first
   */
  List<Trial> trials(int most, ToDoubleFunction<Expression> score) {
    Random random = new Random(seed);
    List<Trial> trials = new ArrayList<>();
    Set<Expression> formulas = new HashSet<>();
    List<double[]> values = new ArrayList<>();
    int inVain = 0;
    while (trials.size() < most && inVain < PROPOSALS) {
      List<Integer> choice = strategy.propose(space, Collections.unmodifiableList(trials), random);
      Expression function = space.function(choice, space.betaStart(null));
      double[] y = function.values(POINTS);
      if (formulas.add(function.canonical())
          && values.stream().noneMatch(other -> ShortList.same(other, y))) {
        values.add(y);
        double own = score.applyAsDouble(function);
        trials.add(new Trial(choice, function, Double.isNaN(own) ? Double.NEGATIVE_INFINITY : own));
        inVain = 0;
      } else {
        inVain++;
      }
    }
    return trials;
  }

  /** {@return the first of the trials with the highest score} */
  static Trial best(List<Trial> trials) {
    // Collections.max keeps the first of equals.
    return Collections.max(trials, Comparator.comparingDouble(Trial::score));
  }
}
