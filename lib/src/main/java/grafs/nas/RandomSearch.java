package grafs.nas;

import grafs.cell.CellSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random search: proposes every choice of operations with the same probability, independently of
 * earlier trials.
 */
public record RandomSearch() implements BlackBoxSearch.Strategy {

  @Override
  public List<Integer> propose(
      CellSpace space, List<BlackBoxSearch.Trial> trials, RandomGenerator random) {
    return space.choice(random);
  }
}
