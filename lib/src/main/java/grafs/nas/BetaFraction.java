package grafs.nas;

/**
 * The continued fraction F of the regularised incomplete Beta function, and its derivative with
 * respect to a parameter:
 *
 * <pre>I_z(p, q) = zᵖ(1 − z)ᑫ/(p·B(p, q))·F,  F = 1/(1 + t₁/(1 + t₂/(1 + …)))</pre>
 *
 * (Abramowitz and Stegun 1964, 26.5.8). For z &lt; (p + 1)/(p + q + 2) it converges in some √max(p,
 * q) terms. Evaluated by Lentz's recurrences cₖ = 1 + tₖ/cₖ₋₁ and dₖ = 1/(1 + tₖdₖ₋₁), Fₖ =
 * Fₖ₋₁·cₖdₖ, which carry the derivative along.
 */
final class BetaFraction {

  private static final double TOLERANCE = 1e-14;
  private static final int MOST_PAIRS = 100_000;

  private double value = 1;
  private double logSlope;
  private double inverseC; // 1/c, 0 at first
  private double inverseCSlope;
  private double d = 1;
  private double dSlope;

  private BetaFraction() {}

  /**
   * Evaluates the fraction and a derivative.
   *
   * @param factor a factor of the result
   * @param p the first parameter, positive
   * @param q the second parameter, positive
   * @param z the argument, 0 to (p + 1)/(p + q + 2)
   * @param front the derivative of the logarithm of the prefactor of F
   * @param first true for the derivative with respect to p, false for that with respect to q
   * @return the factor times F times ∂log I/∂p or ∂log I/∂q
   */
  static double timesLogSlope(
      double factor, double p, double q, double z, double front, boolean first) {
    BetaFraction f = new BetaFraction();
    for (int m = 0; m < MOST_PAIRS; m++) {
      double before = f.value;
      double slopeBefore = f.logSlope;
      // t of index 2m, absent for m = 0
      if (m > 0) {
        double scale = 1 / ((p + 2 * m - 1) * (p + 2 * m));
        double t = m * (q - m) * z * scale;
        f.next(t, first ? -t * (2 * p + 4 * m - 1) * scale : m * z * scale);
      }
      // t of index 2m + 1
      double scale = 1 / ((p + 2 * m) * (p + 2 * m + 1));
      double t = -(p + m) * (p + q + m) * z * scale;
      f.next(
          t,
          first
              ? (-z * (2 * p + q + 2 * m) - t * (2 * p + 4 * m + 1)) * scale
              : -(p + m) * z * scale);
      if (m > 0
          && Math.abs(f.value - before) <= TOLERANCE * f.value
          && Math.abs(f.logSlope - slopeBefore)
              <= TOLERANCE * (Math.abs(front) + Math.abs(f.logSlope))) {
        return factor * f.value * (front + f.logSlope);
      }
    }
    throw new ArithmeticException(
        "the incomplete Beta function's fraction does not converge at p = %s, q = %s, z = %s"
            .formatted(p, q, z));
  }

  private void next(double t, double tSlope) {
    double c = 1 + t * inverseC;
    double cSlope = tSlope * inverseC + t * inverseCSlope;
    double product = tSlope * d + t * dSlope;
    d = 1 / (1 + t * d);
    dSlope = -d * d * product;
    inverseC = 1 / c;
    inverseCSlope = -cSlope * inverseC * inverseC;
    value *= c * d;
    logSlope += cSlope * inverseC - d * product;
  }
}
