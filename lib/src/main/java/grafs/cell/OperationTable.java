package grafs.cell;

import java.util.List;

/**
 * Tabulates the unary operations of a search space, with their values limited by the space's {@link
 * Bounds}. {@link RelaxedCell} computes weighted sums of these operations. It reads the table
 * because a polynomial takes a tenth of the time of an exponential.
 *
 * <p>The table covers [−24, 24] by segments of width 1/64, on each of which a cubic polynomial
 * through four points replaces the operation. The operation itself is evaluated beyond ±24, in
 * segments where the polynomial deviates by more than 2e-9 or its slope by more than 4e-7, and
 * everywhere if it has a learnable scalar β. Where the magnitude of the value or slope exceeds 1,
 * these are relative deviations.
 */
final class OperationTable {

  private static final double RADIUS = 24;
  private static final double PER_UNIT = 64;
  private static final int SEGMENTS = (int) (2 * RADIUS * PER_UNIT);

  private final List<Operation> operations;
  private final List<Bounds.Bounded> bounded;

  /**
   * The coefficients of the polynomials, {@code [segment][operation][power]}, as a flat array. The
   * coefficient of power 0 is NaN where the operation itself is to be evaluated.
   */
  private final double[] coefficients;

  OperationTable(List<Operation> operations, Bounds bounds) {
    this.operations = operations;
    bounded = operations.stream().map(bounds::of).toList();
    coefficients = new double[SEGMENTS * operations.size() * 4];
    for (int o = 0; o < operations.size(); o++) {
      for (int segment = 0; segment < SEGMENTS; segment++) {
        fit(o, segment);
      }
    }
  }

  /**
   * Computes the coefficients of an operation in a segment, through four points at t = 0, 1/3, 2/3
   * and 1. Leaves c₀, the coefficient of power 0, NaN if value or slope is inaccurate at one of six
   * points between them.
   */
  private void fit(int o, int segment) {
    int at = (segment * operations.size() + o) * 4;
    coefficients[at] = Double.NaN;
    if (operations.get(o).hasBeta()) {
      return;
    }
    double[] d = new double[4];
    double[] y = new double[4];
    for (int i = 0; i < 4; i++) {
      evaluate(o, segment, i / 3.0, d);
      y[i] = d[0];
    }
    double c1 = (-11 * y[0] + 18 * y[1] - 9 * y[2] + 2 * y[3]) / 2;
    double c2 = (18 * y[0] - 45 * y[1] + 36 * y[2] - 9 * y[3]) / 2;
    double c3 = (-9 * y[0] + 27 * y[1] - 27 * y[2] + 9 * y[3]) / 2;
    for (int i = 0; i < 6; i++) {
      double t = (2 * i + 1) / 12.0;
      evaluate(o, segment, t, d);
      double value = y[0] + t * (c1 + t * (c2 + t * c3));
      double slope = (c1 + t * (2 * c2 + t * 3 * c3)) * PER_UNIT;
      if (!near(value, d[0], 2e-9) || !near(slope, d[1], 4e-7)) {
        return;
      }
    }
    coefficients[at] = y[0];
    coefficients[at + 1] = c1;
    coefficients[at + 2] = c2;
    coefficients[at + 3] = c3;
  }

  /** Evaluates operation o at a point of a segment; t goes from 0 to 1 along the segment. */
  private void evaluate(int o, int segment, double t, double[] d) {
    bounded.get(o).evaluate((segment + t) / PER_UNIT - RADIUS, 0, Double.NaN, d);
  }

  private static boolean near(double a, double b, double tolerance) {
    return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
  }

  /**
   * Computes the weighted sum Σ w·o(z) of operations o at one point z, and its derivative.
   *
   * @param z the argument of all operations
   * @param candidates the indices of the operations that are mixed
   * @param weights the mixing weights w, by operation
   * @param β the values of β, by operation
   * @param values receives o(z) by operation; null if they are not needed
   * @param d receives Σ w·o(z) and its derivative Σ w·o′(z); length 4, the other entries are
   *     overwritten
   */
  void mix(double z, int[] candidates, double[] weights, double[] β, double[] values, double[] d) {
    double position = (z + RADIUS) * PER_UNIT;
    int segment = position >= 0 && position < SEGMENTS ? (int) position : 0;
    double t = position - segment;
    // A derivative may jump at the ends of segments, such as at 0: there the operations themselves
    // are evaluated.
    boolean inside = t > 0 && t < 1;
    int base = segment * operations.size() * 4;
    double sum = 0;
    double slope = 0;
    for (int o : candidates) {
      int at = base + o * 4;
      double c0 = inside ? coefficients[at] : Double.NaN;
      double y;
      double dy;
      if (c0 == c0) {
        double c1 = coefficients[at + 1];
        double c2 = coefficients[at + 2];
        double c3 = coefficients[at + 3];
        y = c0 + t * (c1 + t * (c2 + t * c3));
        dy = (c1 + t * (2 * c2 + t * 3 * c3)) * PER_UNIT;
      } else {
        bounded.get(o).evaluate(z, 0, β[o], d);
        y = d[0];
        dy = d[1];
      }
      if (values != null) {
        values[o] = y;
      }
      sum += weights[o] * y;
      slope += weights[o] * dy;
    }
    d[0] = sum;
    d[1] = slope;
  }
}
