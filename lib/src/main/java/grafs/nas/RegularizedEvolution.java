package grafs.nas;

import grafs.cell.CellSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Regularised (aging) evolution (Real et al. 2019, algorithm 1): the best of a sample of the
 * population has a child with one mutation, and the oldest of the population dies, however good it
 * is. As each child takes the oldest's place, the population is always the latest trials.
 *
 * <p>A mutation replaces the operation of one edge or vertex, each as likely as any other, by
 * another one; a new operation's β is where it starts.
 *
 * @param population the size of the population; the first ones are drawn at random
 * @param sample how many of it are drawn, with replacement, to find a parent
 */
public record RegularizedEvolution(int population, int sample) implements BlackBoxSearch.Strategy {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is less than 1
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
      // Any operation but the present one.
      int other = random.nextInt(operations - 1);
      child.set(place, other < child.get(place) ? other : other + 1);
    }
    return child;
  }
}
