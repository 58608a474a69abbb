package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Makes functions of the kit's operations, at random or from names. */
final class RandomActivations {

  static final List<Operation> ALL =
      Stream.concat(Operations.wide().stream(), Operations.of("sqrt", "blend").stream()).toList();

  private RandomActivations() {}

  private static CellSpace space(int units) {
    return CellSpace.of(ALL, Bounds.NONE).withUnits(units);
  }

  /**
   * Makes the function with these operations on its edges and vertices; its β are the means of
   * their starting values.
   */
  static Expression named(List<String> unary, List<String> binary) {
    CellSpace space = space(binary.size());
    List<Integer> choice = new ArrayList<>();
    int edge = 0;
    int vertex = 0;
    for (Place place : space.places()) {
      String name = place.operands().size() == 1 ? unary.get(edge++) : binary.get(vertex++);
      choice.add(place.candidates().stream().map(Operation::name).toList().indexOf(name.strip()));
    }
    return space.function(choice, space.betaStart(null));
  }

  /** Makes a random function of 1 to 3 units with β ~ N(0, 1), rounded to float32. */
  static Expression random(Random random) {
    CellSpace space = space(1 + random.nextInt(3));
    double[][] beta = space.betaStart(null);
    for (double[] row : beta) {
      for (int o = 0; o < row.length; o++) {
        row[o] = Double.isNaN(row[o]) ? row[o] : (float) random.nextGaussian();
      }
    }
    return space.function(space.choice(random), beta);
  }
}
