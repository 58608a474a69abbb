package grafs.nas;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Search for an activation function by trial: what gradient-based search is to be compared with. It
 * proposes functions, has each tried by a short training, and stops when the training steps that
 * were granted are spent.
 *
 * @param strategy which function to try next
 * @param evaluator tries a function
 * @param budget the training steps to spend
 */
public record BlackBoxSearch(Strategy strategy, Evaluator evaluator, long budget) {

  /** After so many proposals in a row that were tried before, there is nothing left to find. */
  private static final int PROPOSALS = 1000;

  /** Where functions are compared in value, and how closely, relative to max(1, |y|). */
  private static final double[] POINTS =
      IntStream.rangeClosed(-40, 40).mapToDouble(i -> 0.15 * i).toArray();

  private static final double TOLERANCE = 1e-5;

  /** Proposes functions. */
  public interface Strategy {

    /**
     * Proposes the function to be tried next.
     *
     * @param space the search space
     * @param trials the trials so far, oldest first
     * @param random where chance comes from
     * @return for each place the index of its operation; if that was tried before, another proposal
     *     is asked for
     */
    List<Integer> propose(CellSpace space, List<Trial> trials, RandomGenerator random);
  }

  /** Tells how good a function is, for the price of some training steps. */
  public interface Evaluator {

    /** {@return the training steps of one evaluation, at least 1} */
    int steps();

    /**
     * Trains with a function and scores it.
     *
     * @param function the function
     * @return the score, higher is better; NaN if the training diverged
     * @throws TrainingDivergedException if the training diverged
     */
    double score(Expression function);
  }

  /**
   * One function that was tried.
   *
   * @param number the trial, from 1
   * @param choice for each place the index of its operation
   * @param function the function
   * @param score its score, higher is better; −∞ where its training diverged
   * @param steps the training steps of the search up to and with this trial
   */
  public record Trial(
      int number, List<Integer> choice, Expression function, double score, long steps) {

    /** {@return whether its training diverged} */
    public boolean diverged() {
      return score == Double.NEGATIVE_INFINITY;
    }
  }

  /**
   * Checks the budget.
   *
   * @throws IllegalArgumentException if it does not suffice for one evaluation
   */
  public BlackBoxSearch {
    if (evaluator.steps() < 1 || budget < evaluator.steps()) {
      throw new IllegalArgumentException(
          "the budget must be at least the %d steps of one evaluation, but is %d"
              .formatted(evaluator.steps(), budget));
    }
  }

  /**
   * Runs the search: the same trials for the same seed, if the evaluator repeats its scores.
   *
   * <p>A function that was tried before is not tried, and paid for, again: one of the same formula,
   * or of the same values. The search ends before the budget is spent only if no new function comes
   * up in 1000 proposals.
   *
   * @param space the search space
   * @param seed the seed of all choices
   * @param listener hears of each trial
   * @return the trials in their order
   */
  public List<Trial> run(CellSpace space, long seed, Consumer<Trial> listener) {
    Random random = new Random(seed);
    Tried tried = new Tried();
    List<Trial> trials = new ArrayList<>();
    long steps = 0;
    while (steps + evaluator.steps() <= budget) {
      Optional<List<Integer>> proposal = propose(space, trials, random, tried);
      if (proposal.isEmpty()) {
        break;
      }
      steps += evaluator.steps();
      Expression function = space.function(proposal.get(), space.betaStart(null));
      Trial trial = new Trial(trials.size() + 1, proposal.get(), function, score(function), steps);
      trials.add(trial);
      listener.accept(trial);
    }
    return List.copyOf(trials);
  }

  /**
   * Picks the winner.
   *
   * @param trials at least one trial
   * @return the trial of the highest score, the first of several
   */
  public static Trial best(List<Trial> trials) {
    // Collections.max keeps the first of equals.
    return Collections.max(trials, Comparator.comparingDouble(Trial::score));
  }

  private Optional<List<Integer>> propose(
      CellSpace space, List<Trial> trials, RandomGenerator random, Tried tried) {
    List<Trial> past = Collections.unmodifiableList(trials);
    for (int i = 0; i < PROPOSALS; i++) {
      List<Integer> proposal = strategy.propose(space, past, random);
      if (tried.add(space.function(proposal, space.betaStart(null)))) {
        return Optional.of(proposal);
      }
    }
    return Optional.empty();
  }

  private double score(Expression function) {
    try {
      double score = evaluator.score(function);
      return Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score;
    } catch (TrainingDivergedException diverged) {
      return Double.NEGATIVE_INFINITY;
    }
  }

  /** The functions that were tried. */
  private static final class Tried {

    private final Set<Expression> formulas = new HashSet<>();
    private final List<double[]> values = new ArrayList<>();

    /** Takes note of a function; false if it was tried before. */
    boolean add(Expression function) {
      if (!formulas.add(function.canonical())) {
        return false;
      }
      double[] y = function.values(POINTS);
      return values.stream().noneMatch(other -> equal(other, y)) && values.add(y);
    }

    private static boolean equal(double[] a, double[] b) {
      return IntStream.range(0, a.length)
          .allMatch(i -> Math.abs(a[i] - b[i]) <= TOLERANCE * Math.max(1, Math.abs(a[i])));
    }
  }
}
