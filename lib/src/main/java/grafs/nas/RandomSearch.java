package grafs.nas;

import grafs.cell.CellSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random search: every function of the space is as likely as any other, whatever was found. */
public record RandomSearch() implements BlackBoxSearch.Strategy {

  @Override
  public List<Integer> propose(
      CellSpace space, List<BlackBoxSearch.Trial> trials, RandomGenerator random) {
    return space.choice(random);
  }
}
