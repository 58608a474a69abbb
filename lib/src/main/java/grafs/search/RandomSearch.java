package grafs.search;

import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random search: every function of the space is as likely as any other, whatever was found. */
public record RandomSearch() implements BlackBoxSearch.Strategy {

  @Override
  public DiscreteActivation propose(
      CellSpace space, List<BlackBoxSearch.Trial> trials, RandomGenerator random) {
    return space.random(random);
  }
}
