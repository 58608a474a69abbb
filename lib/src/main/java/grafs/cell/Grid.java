package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * The points at which a tabulated cell is evaluated: evenly spaced over [−radius, radius]. The
 * number is odd, so that 0 is one of them and kinks there are kept exactly.
 *
 * @param points the number of points, odd, at least 3
 * @param radius the largest point; beyond it the cell continues linearly
 */
public record Grid(int points, double radius) {

  /** 2049 points over [−12, 12]. */
  public static final Grid DEFAULT = new Grid(2049, 12);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if points is even or below 3, or radius is not positive
   */
  public Grid {
    if (points < 3 || points % 2 == 0) {
      throw new IllegalArgumentException(
          "a grid needs an odd number of points, at least 3, not " + points);
    }
    if (!(radius > 0)) {
      throw new IllegalArgumentException("the grid's radius must be positive, not " + radius);
    }
  }

  /** {@return the distance h between neighbouring points} */
  public double step() {
    return 2 * radius / (points - 1);
  }

  /** {@return the points, float32, [1, points]} */
  NDArray values(NDManager manager, DataType type) {
    double[] values = new double[points];
    for (int i = 0; i < points; i++) {
      values[i] = (i - points / 2) * step();
    }
    return manager.create(values).toType(type, false).reshape(1, points);
  }
}
