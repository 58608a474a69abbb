package grafs.search;

import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import grafs.op.Binary;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

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
  public DiscreteActivation propose(
      CellSpace space, List<BlackBoxSearch.Trial> trials, RandomGenerator random) {
    if (trials.size() < population) {
      return space.random(random);
    }
    List<BlackBoxSearch.Trial> living = trials.subList(trials.size() - population, trials.size());
    List<BlackBoxSearch.Trial> drawn = new ArrayList<>();
    for (int i = 0; i < sample; i++) {
      drawn.add(living.get(random.nextInt(population)));
    }
    return mutate(space, BlackBoxSearch.best(drawn).function(), random);
  }

  private static DiscreteActivation mutate(
      CellSpace space, DiscreteActivation parent, RandomGenerator random) {
    List<Unary> unary = new ArrayList<>(parent.unary());
    List<Binary> binary = new ArrayList<>(parent.binary());
    List<Double> beta = new ArrayList<>(parent.beta());
    int place = random.nextInt(beta.size());
    int vertex = place - unary.size();
    if (vertex < 0) {
      unary.set(place, other(space.operations().unary(), unary.get(place), random));
      beta.set(place, unary.get(place).beta());
    } else {
      binary.set(vertex, other(space.operations().binary(), binary.get(vertex), random));
      beta.set(place, binary.get(vertex).beta());
    }
    return new DiscreteActivation(parent.graph(), unary, binary, beta);
  }

  /** Any operation but this one; this one if it is the only one. */
  private static <T> T other(List<T> operations, T present, RandomGenerator random) {
    List<T> others = operations.stream().filter(op -> !op.equals(present)).toList();
    return others.isEmpty() ? present : others.get(random.nextInt(others.size()));
  }
}
