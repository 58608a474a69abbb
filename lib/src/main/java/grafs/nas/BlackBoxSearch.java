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
 * Black-box search for an activation function, a baseline for gradient-based search. It tries one
 * function after another; a trial trains the network with the function and scores it. A function is
 * composed of operations such as sin or +, which form a small graph, the cell. A place is an edge
 * or vertex of the graph, for which one of several candidate operations is chosen. A strategy,
 * {@link #RANDOM} or {@link RegularizedEvolution}, proposes the next function from the scores of
 * the earlier ones. It proposes a choice: a list with the index of one operation for each place.
 * Some operations have a scalar β, as in β·x; it is fixed at the mean of the values with which a
 * gradient-based search would start. A function is not tried if its formula or its values equal
 * those of an earlier one. The same seed and scores give the same trials.
 *
 * @param strategy proposes the functions
 * @param space the search space, which defines the places and their operations
 * @param seed the seed of the strategy's random numbers
 */
public record BlackBoxSearch(Strategy strategy, CellSpace space, long seed) {

  /**
   * Random search: draws the operation of every place uniformly, independently of earlier trials.
   */
  public static final Strategy RANDOM = (space, trials, random) -> space.choice(random);

  /** The search ends after this number of consecutive proposals of functions already tried. */
  private static final int PROPOSALS = 1000;

  /**
   * −6 to 6 in steps of 0.15: of several functions with equal values at these points (see {@link
   * ShortList#same}), only the first is tried.
   */
  private static final double[] POINTS =
      IntStream.rangeClosed(-40, 40).mapToDouble(i -> 0.15 * i).toArray();

  /** Proposes the functions of a search. */
  @FunctionalInterface
  public interface Strategy {

    /**
     * Proposes the function to be tried next.
     *
     * @param space the search space
     * @param trials the trials so far, oldest first
     * @param random the source of randomness
     * @return for each place (edge or vertex) the index of its operation among the candidates; if
     *     this function was tried before, the search asks for another proposal
     */
    List<Integer> propose(CellSpace space, List<Trial> trials, RandomGenerator random);
  }

  /**
   * One function that was tried.
   *
   * @param choice for each place (edge or vertex) the index of its operation among the candidates
   * @param function the function
   * @param score its score, higher is better; −∞ if its training diverged
   */
  public record Trial(List<Integer> choice, Expression function, double score) {}

  /**
   * Trains the network with one function after another, each time from the same initial weights and
   * on the same batches. The score of a function is the accuracy on the test batches after the last
   * epoch, or −loss if there is no accuracy, as in a regression. At the end the network has its
   * default activation again, the one that it has without a search.
   *
   * @param trials the number of functions to try, at least 1; fewer are tried if the strategy
   *     proposes no new one
   * @param cells the blocks that take the place of the network's activations; they compute the
   *     function of the present trial
   * @param training how the network is trained; the seed of its learner sets the initial weights of
   *     every trial
   * @return the function with the highest score
   * @throws IllegalArgumentException if {@code trials} is less than 1
   * @throws TrainingDivergedException if all trainings diverged; the message says why the first one
   *     diverged
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
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
   * Proposes and scores functions.
   *
   * @param most the number of functions to try; fewer are tried if 1000 proposals in a row are
   *     functions already tried
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

  /** {@return the trial with the highest score; if several have it, the first of them} */
  static Trial best(List<Trial> trials) {
    // Of several equal trials, Collections.max returns the first.
    return Collections.max(trials, Comparator.comparingDouble(Trial::score));
  }
}
