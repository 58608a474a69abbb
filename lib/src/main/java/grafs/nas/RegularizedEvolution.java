package grafs.nas;

import grafs.cell.CellSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Regularised (aging) evolution (Real et al. 2019, algorithm 1), as a strategy of {@link
 * BlackBoxSearch}, which trains the network with one activation function after another. A function
 * is a small graph of operations such as sin or +. A place is an edge or vertex of the graph, which
 * has several candidate operations. A trial is a function with its score. The population consists
 * of the latest trials. The next function is a mutated copy of the best trial in a random sample of
 * the population. After it is scored, it takes the place of the oldest trial in the population,
 * whatever the scores.
 *
 * <p>A mutation draws a place uniformly, and changes its operation to another candidate, also drawn
 * uniformly. A place with one candidate stays as it is.
 *
 * @param population the number of trials in the population; the first functions, as many as this,
 *     are drawn at random
 * @param sample the size of the sample, drawn with replacement
 */
public record RegularizedEvolution(int population, int sample) implements BlackBoxSearch.Strategy {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is less than 1
   */
  public RegularizedEvolution {
    if (population < 1 || sample < 1) {
      throw new IllegalArgumentException(
          "population and sample must be at least 1, but are " + population + " and " + sample);
    }
  }

  @Override
  public List<Integer> propose(
      CellSpace space, List<BlackBoxSearch.Trial> trials, RandomGenerator random) {
    if (trials.size() < population) {
      return space.choice(random);
    }
    List<BlackBoxSearch.Trial> living = trials.subList(trials.size() - population, trials.size());
    List<BlackBoxSearch.Trial> drawn =
        Stream.generate(() -> living.get(random.nextInt(population))).limit(sample).toList();
    List<Integer> child = new ArrayList<>(BlackBoxSearch.best(drawn).choice());
    int place = random.nextInt(child.size());
    int operations = space.places().get(place).candidates().size();
    if (operations > 1) {
      // Draws any operation but the present one, uniformly.
      int other = random.nextInt(operations - 1);
      child.set(place, other < child.get(place) ? other : other + 1);
    }
    return child;
  }
}
