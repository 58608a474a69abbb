package grafs.cell;

import java.util.List;
import java.util.Optional;

/**
 * Finds the operation that makes the values of a {@link RelaxedCell relaxed cell} infinite or NaN,
 * for the error message of a search whose loss is not finite.
 */
public final class NonFiniteOperation {

  private NonFiniteOperation() {}

  /**
   * Evaluates every candidate operation at the arguments that it receives in the cell for x from −8
   * to 8, and returns the first that has a β, a value or a derivative that is not finite.
   *
   * @param space the search space
   * @param weights the mixing weights and β of the cells in a pass
   * @return a description of the operation, the first in the order of rows of weights and then of
   *     places, such as {@code operation 'exp' at u3: its value is Infinity at (8.0) of cell 0},
   *     where 8.0 is its argument and 0 the index of the row; empty if all are finite
   */
  public static Optional<String> find(CellSpace space, CellWeights weights) {
    RelaxedCell cell = new RelaxedCell(space);
    List<Place> places = space.places();
    double[] x = UniformGrid.SEARCH.values();
    double[] d = new double[4];
    for (int row = 0; row < weights.weights().length; row++) {
      RelaxedCell.Pass pass = cell.evaluate(x, weights, row);
      for (int p = 0; p < places.size(); p++) {
        Place place = places.get(p);
        double[] a = pass.argument(p, 0);
        double[] b = pass.argument(p, 1);
        for (int o : weights.candidates().of(p)) {
          Operation op = place.candidates().get(o);
          double beta = weights.beta()[p][o];
          String what = op.hasBeta() && !Double.isFinite(beta) ? "its β is " + beta : null;
          for (int i = 0; i < x.length && what == null; i++) {
            space.bounds().evaluate(op, a[i], b[i], beta, d);
            String at =
                place.operands().size() == 1 ? "(" + a[i] + ")" : "(" + a[i] + ", " + b[i] + ")";
            if (!Double.isFinite(d[0])) {
              what = "its value is " + d[0] + " at " + at;
            } else if (!Double.isFinite(d[1] + d[2] + d[3])) {
              what = "its derivative is not finite at " + at;
            }
          }
          if (what != null) {
            return Optional.of(
                "operation '%s' at %s: %s of cell %d".formatted(op, place.name(), what, row));
          }
        }
      }
    }
    return Optional.empty();
  }
}
