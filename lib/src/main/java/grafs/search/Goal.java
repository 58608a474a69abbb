package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Activation;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.RelaxedCell;
import grafs.op.Binary;
import grafs.op.Unary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a search pursues beside a low loss: a penalty on the relaxed cell that is added to the loss
 * of α's steps, in nats. It leads the search, and promises nothing of the function found: look at
 * that one.
 */
public interface Goal {

  /**
   * Computes the penalty.
   *
   * @param space the search space
   * @param weights the weights of one cell, differentiable in α
   * @param beta β of one cell, {@code [1, betas]}, or null in a space without
   * @return the penalty, a number of no dimensions, differentiable in the weights
   */
  NDArray penalty(CellSpace space, CellWeights weights, NDArray beta);

  /**
   * A function that is fast to compute: the penalty is the mean cost of the cell's operations under
   * its weights.
   *
   * @param strength the penalty of a cost of 1
   * @param costs what each operation costs, by name, in any unit, at least 0; those that are not
   *     named cost nothing
   */
  record Cheap(double strength, Map<String, Double> costs) implements Goal {

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
    public NDArray penalty(CellSpace space, CellWeights weights, NDArray beta) {
      NDArray unary = priced(weights.unary(), space.operations().unary(), Unary::name);
      NDArray binary = priced(weights.binary(), space.operations().binary(), Binary::name);
      return scaled(unary.add(binary), strength);
    }

    private <T> NDArray priced(NDArray weights, List<T> operations, Function<T, String> name) {
      float[] each = new float[operations.size()];
      for (int o = 0; o < each.length; o++) {
        each[o] = costs.getOrDefault(name.apply(operations.get(o)), 0.0).floatValue();
      }
      return weights.mul(weights.getManager().create(each)).sum();
    }
  }

  /**
   * A function that never falls: the penalty is how steeply it falls, the mean over x from −4 to 4.
   *
   * @param strength the penalty of a mean slope of −1
   */
  record Rising(double strength) implements Goal {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if the strength is not positive
     */
    public Rising {
      positive(strength);
    }

    @Override
    public NDArray penalty(CellSpace space, CellWeights weights, NDArray beta) {
      NDArray slopes = differences(curve(space, weights, beta));
      return scaled(Activation.relu(slopes.neg()).mean(), strength / STEP);
    }
  }

  /**
   * A function without kinks and wiggles: the penalty is the mean square of its second derivative,
   * by differences over a tenth, over x from −4 to 4.
   *
   * @param strength the penalty of a mean square of 1
   */
  record Smooth(double strength) implements Goal {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if the strength is not positive
     */
    public Smooth {
      positive(strength);
    }

    @Override
    public NDArray penalty(CellSpace space, CellWeights weights, NDArray beta) {
      NDArray bends = differences(differences(curve(space, weights, beta)));
      return scaled(bends.square().mean(), strength / Math.pow(STEP, 4));
    }
  }

  /** Between the points at which {@link Rising} and {@link Smooth} look. */
  double STEP = 0.1;

  private static NDArray curve(CellSpace space, CellWeights weights, NDArray beta) {
    NDManager manager = weights.unary().getManager();
    float[] points = new float[81];
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) (STEP * (i - points.length / 2));
    }
    NDArray x = manager.create(points).reshape(1, points.length);
    return new RelaxedCell(space).evaluate(x, weights, beta);
  }

  private static NDArray differences(NDArray y) {
    return y.get(new NDIndex(":, 1:")).sub(y.get(new NDIndex(":, :-1")));
  }

  /** Not mul(Number): DJL would free the constant before the backward pass reads it. */
  private static NDArray scaled(NDArray value, double factor) {
    return value.mul(value.getManager().create((float) factor));
  }

  private static void positive(double strength) {
    if (!(strength > 0) || !Double.isFinite(strength)) {
      throw new IllegalArgumentException(
          "the strength of a goal must be positive, but is " + strength);
    }
  }
}
