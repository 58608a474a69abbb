package grafs.cell;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the operation that makes the values of a {@link RelaxedCell relaxed cell} infinite or NaN.
 * A search for an activation function trains this cell: a graph of places, each of which computes a
 * weighted sum of candidate operations. If the loss of a search is not finite, the error message
 * names the operation.
 */
public final class NonFiniteOperation {

  private NonFiniteOperation() {}

  /**
   * Evaluates every remaining candidate operation at the arguments that it receives in the cell if
   * the cell's input x is one of the points of a grid over [−8, 8]. Returns the first operation
   * whose learnable scalar β, value or derivative is not finite. A network has one cell in place of
   * each activation. The cells are searched in the order of their rows of weights (one row for each
   * cell, or one row for all cells), each cell in the order of its places.
   *
   * @param space the search space
   * @param weights the mixing weights, the factors of the operations in the weighted sums, and β,
   *     as a network used them in a forward pass
   * @return a description of the operation, such as {@code operation 'exp' at place u3 of cell 1:
   *     its value is Infinity for the argument 8.0}. Cells are counted from 1; the cell is not
   *     named if all cells share one row of weights. Empty if all is finite at these x
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
