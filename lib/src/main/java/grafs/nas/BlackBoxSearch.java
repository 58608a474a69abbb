package grafs.nas;

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
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The trials of a black-box search: which function to try next, given the scores of those before.
 * The same seed and scores give the same trials. A function of the same formula or the same values
 * as one before is not tried again.
 */
public final class BlackBoxSearch {

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

  private final Strategy strategy;
  private final CellSpace space;
  private final Random random;
  private final List<Trial> trials = new ArrayList<>();
  private final Set<Expression> formulas = new HashSet<>();
  private final List<double[]> values = new ArrayList<>();
  private List<Integer> choice;

  BlackBoxSearch(Strategy strategy, CellSpace space, long seed) {
    this.strategy = strategy;
    this.space = space;
    random = new Random(seed);
  }

  /** {@return the function to be tried next; empty if no new one comes up in 1000 proposals} */
  Optional<Expression> ask() {
    for (int i = 0; i < PROPOSALS; i++) {
      choice = strategy.propose(space, trials(), random);
      Expression function = space.function(choice, space.betaStart(null));
      double[] y = function.values(POINTS);
      if (formulas.add(function.canonical())
          && values.stream().noneMatch(other -> ShortList.same(other, y))) {
        values.add(y);
        return Optional.of(function);
      }
    }
    return Optional.empty();
  }

  /** Takes the score of the function that was asked for last; NaN if its training diverged. */
  void tell(double score) {
    Expression function = space.function(choice, space.betaStart(null));
    trials.add(new Trial(choice, function, Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score));
  }

  /** {@return the trials, oldest first} */
  List<Trial> trials() {
    return Collections.unmodifiableList(trials);
  }

  /** {@return the first of the trials with the highest score} */
  static Trial best(List<Trial> trials) {
    // Collections.max keeps the first of equals.
    return Collections.max(trials, Comparator.comparingDouble(Trial::score));
  }
}
