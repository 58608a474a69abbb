package grafs.cell;

/** Polynomials of third degree over [0, 1], c₀ + c₁·t + c₂·t² + c₃·t³. */
final class Cubic {

  private Cubic() {}

  /**
   * Draws the polynomial through four points.
   *
   * @param y0 the value at 0
   * @param y1 the value at ⅓
   * @param y2 the value at ⅔
   * @param y3 the value at 1
   * @param c receives c₀ to c₃
   */
  static void through(double y0, double y1, double y2, double y3, double[] c) {
    c[0] = y0;
    c[1] = (-11 * y0 + 18 * y1 - 9 * y2 + 2 * y3) / 2;
    c[2] = (18 * y0 - 45 * y1 + 36 * y2 - 9 * y3) / 2;
    c[3] = (-9 * y0 + 27 * y1 - 27 * y2 + 9 * y3) / 2;
  }

  /**
   * Carries derivatives by c₀ to c₃ back to those by the four values, the transpose of {@link
   * #through}.
   *
   * @param g0 the derivative by c₀
   * @param g1 the derivative by c₁
   * @param g2 the derivative by c₂
   * @param g3 the derivative by c₃
   * @param values to which the derivatives by the values are added
   * @param at where they begin
   */
  static void backward(double g0, double g1, double g2, double g3, double[] values, int at) {
    values[at] += g0 + (-11 * g1 + 18 * g2 - 9 * g3) / 2;
    values[at + 1] += (18 * g1 - 45 * g2 + 27 * g3) / 2;
    values[at + 2] += (-9 * g1 + 36 * g2 - 27 * g3) / 2;
    values[at + 3] += (2 * g1 - 9 * g2 + 9 * g3) / 2;
  }

  /**
   * Puts the polynomial's beginning elsewhere.
   *
   * @param by where
   * @param c c₀ to c₃
   */
  static void shift(double by, double[] c) {
    c[0] += by * (c[1] + by * (c[2] + by * c[3]));
    c[1] += by * (2 * c[2] + by * 3 * c[3]);
    c[2] += 3 * by * c[3];
  }

  static double value(double[] c, double t) {
    return c[0] + t * (c[1] + t * (c[2] + t * c[3]));
  }

  /**
   * Finds where a polynomial is 0.
   *
   * @param c c₀ to c₃
   * @param roots receives the points in (0, 1), ascending; length 3
   * @return their number
   */
  static int roots(double[] c, double[] roots) {
    // Between its extremes a polynomial crosses 0 at most once.
    double[] ends = {0, 1, 1, 1};
    int n = 1;
    double discriminant = c[2] * c[2] - 3 * c[1] * c[3];
    if (discriminant > 0) {
      double q = -(c[2] + Math.copySign(Math.sqrt(discriminant), c[2]));
      double one = q / (3 * c[3]);
      double two = c[1] / q;
      double low = Math.min(one, two);
      double high = Math.max(one, two);
      if (low > 0 && low < 1) {
        ends[n++] = low;
      }
      if (high > 0 && high < 1) {
        ends[n++] = high;
      }
    }
    ends[n] = 1;
    int found = 0;
    for (int i = 0; i < n; i++) {
      double l = ends[i];
      double r = ends[i + 1];
      double atL = value(c, l);
      if ((atL < 0) != (value(c, r) < 0)) {
        roots[found++] = between(c, l, r, atL < 0);
      }
    }
    return found;
  }

  /** Newton's steps, and halves of the interval where they leave it. */
  private static double between(double[] c, double from, double to, boolean rising) {
    double l = from;
    double r = to;
    double t = (l + r) / 2;
    for (int i = 0; i < 60 && r - l > 1e-13; i++) {
      double y = value(c, t);
      if ((y < 0) == rising) {
        l = t;
      } else {
        r = t;
      }
      double next = t - y / (c[1] + t * (2 * c[2] + t * 3 * c[3]));
      double before = t;
      t = next > l && next < r ? next : (l + r) / 2;
      if (Math.abs(t - before) < 1e-14) {
        break;
      }
    }
    return t;
  }
}
