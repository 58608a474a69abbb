package grafs.nas;

import grafs.cell.CellWeights;
import grafs.cell.Place;
import grafs.cell.RelaxedCell;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A regulariser of the search: a penalty on the relaxed cell that is added to the loss of α's
 * steps, in the unit of the loss (nats for cross-entropy). It guides the search but does not
 * guarantee a property of the function found, which has to be checked.
 */
public interface Regularizer {

  /**
   * Computes the penalty and adds its derivatives to those of the loss.
   *
   * @param cell the relaxed cell of the search space
   * @param weights the weights of one cell, in one row
   * @param gradient to whose only row, and to whose β, the derivatives are added
   * @return the penalty
   */
  double penalize(RelaxedCell cell, CellWeights weights, CellWeights.Gradient gradient);

  /**
   * Favours functions that are fast to compute. The penalty is the cost of the cell's operations
   * weighted by w, summed over the places.
   *
   * @param strength the penalty of a cost of 1
   * @param costs what each operation costs, by name, in any unit, at least 0; those that are not
   *     named cost nothing
   */
  record Cheap(double strength, Map<String, Double> costs) implements Regularizer {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the strength is not positive, or a cost below 0
     */
    public Cheap {
      positive(strength);
      costs = new TreeMap<>(costs);
      costs.forEach(
          (name, cost) -> {
            if (!(cost >= 0)) {
              throw new IllegalArgumentException(
                  "the cost of %s must be at least 0, but is %s".formatted(name, cost));
            }
          });
    }

    @Override
    public double penalize(RelaxedCell cell, CellWeights weights, CellWeights.Gradient gradient) {
      List<Place> places = cell.places();
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

  /** A penalty on the values of the cell at x from −4 to 4 in steps of 0.1. */
  interface OfCurve extends Regularizer {

    /** The distance between the points. */
    double STEP = 0.1;

    /**
     * Computes the penalty.
     *
     * @param y the cell's values at the points
     * @param slope to which the derivatives with respect to these values are added
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
   * Favours functions that never fall. The penalty is the mean of max(−f′(x), 0) over x from −4 to
   * 4.
   *
   * @param strength the penalty of a mean slope of −1
   */
  record Rising(double strength) implements OfCurve {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if the strength is not positive
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
   * Favours functions without kinks and wiggles. The penalty is the mean square of the second
   * derivative over x from −4 to 4, computed by differences of step 0.1.
   *
   * @param strength the penalty of a mean square of 1
   */
  record Smooth(double strength) implements OfCurve {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if the strength is not positive
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
          "the strength of a goal must be positive, but is " + strength);
    }
  }
}
