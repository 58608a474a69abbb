package grafs.cell;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the operation that makes the values of a {@link RelaxedCell relaxed cell} infinite or NaN.
 * A search for an activation function trains this cell, a graph of places, each of which computes a
 * weighted mixture of candidate operations. A search whose loss is not finite names the operation
 * in its error message.
 */
public final class NonFiniteOperation {

  private NonFiniteOperation() {}

  /**
   * Evaluates every candidate operation at the arguments that it receives in the cell for x at the
   * nodes of a grid over [−8, 8]. Returns the first operation whose learnable scalar β, value or
   * derivative is not finite, in the order of the rows of weights (one for each cell, or one for
   * all cells), then of the places.
   *
   * @param space the search space
   * @param weights the mixing weights and β of the cells in a pass
   * @return a description of the operation, such as {@code operation 'exp' at place u3 of cell 1:
   *     its value is Infinity for the argument 8.0}. Cells are counted from 1; the cell is not
   *     named if all share one row of weights. Empty if all is finite at these x
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
            if (!Arrays.stream(d).allMatch(Double::isFinite)) {
              what =
                  "its %s for the argument%s"
                      .formatted(
                          Double.isFinite(d[0]) ? "derivative is not finite" : "value is " + d[0],
                          op.arity() == 1 ? " " + a[i] : "s " + a[i] + " and " + b[i]);
            }
          }
          if (what != null) {
            String which = weights.weights().length == 1 ? "" : " of cell " + (row + 1);
            return Optional.of(
                "operation '%s' at place %s%s: %s".formatted(op, place.name(), which, what));
          }
        }
      }
    }
    return Optional.empty();
  }
}
