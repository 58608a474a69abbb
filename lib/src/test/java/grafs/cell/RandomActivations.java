package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Functions of all of the kit's operations, made by chance or by names. */
final class RandomActivations {

  static final List<Operation> ALL =
      Stream.concat(Operations.wide().stream(), Operations.of("sqrt", "blend").stream()).toList();

  private RandomActivations() {}

  private static CellSpace space(int units) {
    return CellSpace.of(ALL, Bounds.NONE).withUnits(units);
  }

  /** A function by the names on its edges and vertices; its β are the means of their starts. */
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

  /** A function of 1 to 3 units and with β ~ N(0, 1) of float32. */
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
