package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Makes activation functions for tests, from operations that are drawn at random or given by their
 * names.
 */
final class RandomActivations {

  /** All operations of {@link Operations}. */
  static final List<Operation> ALL =
      Stream.concat(Operations.wide().stream(), Operations.of("sqrt", "blend").stream()).toList();

  private RandomActivations() {}

  private static CellSpace space(int units) {
    return CellSpace.of(ALL, Bounds.NONE).withUnits(units);
  }

  /**
   * Makes the function of a cell (see {@link CellSpace}) with these operations on its edges and at
   * its vertices, each in the order of {@link CellSpace#places}. Its learnable scalars β are the
   * means of their starting values.
   *
   * @param unary the names of the operations on the edges, two for each vertex
   * @param binary the names of the operations at the vertices, one to three
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

  /**
   * Draws a function of a cell with 1 to 3 core units (two edges and a vertex each), with β from
   * N(0, 1), rounded to float32.
   */
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
