package grafs.nas;

import grafs.cell.CellWeights;
import grafs.cell.Operations;
import grafs.cell.Place;
import grafs.cell.RelaxedCell;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A regulariser of a gradient-based search for an activation function: a penalty that is added to
 * the loss when α is updated, in the unit of the loss (nats for cross-entropy). During the search
 * each activation of the network is a relaxed cell, a small graph of operations such as sin or +.
 * Each place (edge or vertex) of the graph mixes its candidate operations with mixing weights w,
 * which are drawn from α, one number for each candidate. The penalty is computed from the relaxed
 * cell. It favours functions with some property, such as smoothness, but does not guarantee the
 * property, so check the function that the search finds.
 */
public interface Regularizer {

  /**
   * Computes the penalty and adds its derivatives to a gradient.
   *
   * @param cell the relaxed cell of the search
   * @param weights the mixing weights w of one cell, {@code [1][place][operation]}, and β, the
   *     learnable scalars that some operations have, as in β·x
   * @param gradient the gradient, to which the derivatives of the penalty are added: those with
   *     respect to w in its only row {@code weights()[0]}, those with respect to β in {@code
   *     beta()}
   * @return the penalty, in the unit of the loss
   */
  double penalize(RelaxedCell cell, CellWeights weights, CellWeights.Gradient gradient);

  /**
   * Favours functions that are fast to compute. The penalty is {@code strength} · Σ w·cost, over
   * all operations of all places.
   *
   * @param strength the factor of the penalty, positive: what an operation of cost 1 adds at mixing
   *     weight 1
   * @param costs the cost of each operation by name, at least 0, in any unit; operations that are
   *     not in the map cost 0. A name must be that of an operation of the search space or of {@link
   *     Operations}; otherwise {@link #penalize} throws IllegalArgumentException
   */
  record Cheap(double strength, Map<String, Double> costs) implements Regularizer {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the strength is not positive and finite, or a cost is
     *     negative, infinite or NaN
     */
    public Cheap {
      positive(strength);
      costs = new TreeMap<>(costs);
      costs.forEach(
          (name, cost) -> {
            if (!(cost >= 0) || cost.isInfinite()) {
              throw new IllegalArgumentException(
                  "the cost of %s must be at least 0 and finite, but is %s".formatted(name, cost));
            }
          });
    }

    @Override
    public double penalize(RelaxedCell cell, CellWeights weights, CellWeights.Gradient gradient) {
      List<Place> places = cell.places();
      Set<String> others = new TreeSet<>(costs.keySet());
      places.forEach(place -> place.candidates().forEach(op -> others.remove(op.name())));
      // Throws if a name is neither in the search space nor in this library, such as a misspelt
      // one.
      Operations.of(others.toArray(String[]::new));
      double penalty = 0;
      for (int p = 0; p < places.size(); p++) {
        for (int o : weights.candidates().of(p)) {
          double cost =
              strength * costs.getOrDefault(places.get(p).candidates().get(o).name(), 0.0);
          penalty += weights.weights()[0][p][o] * cost;
          gradient.weights()[0][p][o] += cost;
        }
      }
      return penalty;
    }
  }

  /**
   * A penalty computed from the values of the relaxed cell at 81 points x, from −4 to 4 in steps of
   * 0.1.
   */
  interface OfCurve extends Regularizer {

    /** The distance between neighbouring points. */
    double STEP = 0.1;

    /**
     * Computes the penalty.
     *
     * @param y the cell's values at the 81 points
     * @param slope the array to which ∂penalty/∂y is added, one number for each point
     * @return the penalty
     */
    double penalize(double[] y, double[] slope);

    @Override
    default double penalize(RelaxedCell cell, CellWeights weights, CellWeights.Gradient gradient) {
      double[] x = IntStream.rangeClosed(-40, 40).mapToDouble(i -> STEP * i).toArray();
      RelaxedCell.Pass pass = cell.evaluate(x, weights, 0);
      double[] slope = new double[x.length];
      double penalty = penalize(pass.values(), slope);
      pass.backward(slope, gradient.weights()[0], gradient.beta());
      return penalty;
    }
  }

  /**
   * Favours functions f that never decrease. The penalty is {@code strength} times the mean of
   * max(−f′(x), 0) over x from −4 to 4, with f′ computed as the difference quotient of neighbouring
   * points, 0.1 apart.
   *
   * @param strength the penalty of a function whose slope is −1 everywhere
   */
  record Rising(double strength) implements OfCurve {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if the strength is not positive and finite
     */
    public Rising {
      positive(strength);
    }

    @Override
    public double penalize(double[] y, double[] slope) {
      double penalty = 0;
      double scale = strength / STEP / (y.length - 1);
      for (int i = 1; i < y.length; i++) {
        if (y[i] < y[i - 1]) {
          penalty += scale * (y[i - 1] - y[i]);
          slope[i - 1] += scale;
          slope[i] -= scale;
        }
      }
      return penalty;
    }
  }

  /**
   * Favours functions f without kinks and oscillations. The penalty is {@code strength} times the
   * mean of f″(x)² over x from −4 to 4, with f″ computed as the second difference quotient of
   * points 0.1 apart.
   *
   * @param strength the penalty of a function whose mean of f″(x)² is 1
   */
  record Smooth(double strength) implements OfCurve {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if the strength is not positive and finite
     */
    public Smooth {
      positive(strength);
    }

    @Override
    public double penalize(double[] y, double[] slope) {
      double penalty = 0;
      double scale = strength / Math.pow(STEP, 4) / (y.length - 2);
      for (int i = 1; i < y.length - 1; i++) {
        double bend = y[i + 1] - 2 * y[i] + y[i - 1];
        penalty += scale * bend * bend;
        slope[i - 1] += 2 * scale * bend;
        slope[i] -= 4 * scale * bend;
        slope[i + 1] += 2 * scale * bend;
      }
      return penalty;
    }
  }

  private static void positive(double strength) {
    if (!(strength > 0) || !Double.isFinite(strength)) {
      throw new IllegalArgumentException(
          "the strength of a regulariser must be positive and finite, but is " + strength);
    }
  }
}
