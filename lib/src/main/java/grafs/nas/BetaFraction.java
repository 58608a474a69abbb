package grafs.nas;

/**
 * The continued fraction F of the regularised incomplete Beta function I_z(p, q), and the
 * derivative of log F with respect to p or q. From them, {@link Dirichlet} computes the derivative
 * of a sample with respect to the parameters of its distribution. With the Beta function B, F is
 * defined by
 *
 * <pre>I_z(p, q) = zᵖ(1 − z)ᑫ/(p·B(p, q))·F,  F = 1/(1 + t₁/(1 + t₂/(1 + …)))</pre>
 *
 * <p>(Abramowitz and Stegun 1964, 26.5.8, which gives t₁, t₂, …). For z &lt; (p + 1)/(p + q + 2)
 * about √max(p, q) terms suffice. F is evaluated by Lentz's method. It begins with F₀ = d₀ = 1 and
 * c₀ = ∞. With cₖ = 1 + tₖ/cₖ₋₁ and dₖ = 1/(1 + tₖdₖ₋₁), the fraction up to tₖ is Fₖ = Fₖ₋₁·cₖdₖ.
 * The derivatives of cₖ, dₖ and log Fₖ are updated together with them.
 */
final class BetaFraction {

  /**
   * The iteration ends when two more terms change F by at most this part of F, and the derivative
   * of log F by at most this part of |{@code front}| + |derivative of log F|, with {@code front} as
   * in {@link #timesLogSlope}.
   */
  private static final double TOLERANCE = 1e-14;

  /** The largest number of pairs of terms t₂ₘ and t₂ₘ₊₁ that are evaluated. */
  private static final int MOST_PAIRS = 100_000;

  /** The fraction up to the latest term, Fₖ. */
  private double value = 1;

  /** The derivative of log Fₖ with respect to p or q. */
  private double logSlope;

  private double inverseC; // 1/cₖ; 0 at first, as c₀ is infinite
  private double inverseCSlope;
  private double d = 1;
  private double dSlope;

  private BetaFraction() {}

  /**
   * Computes {@code factor}·F·∂log I_z(p, q)/∂p, or this with ∂q in place of ∂p.
   *
   * @param factor a factor of the result
   * @param p the first parameter, positive
   * @param q the second parameter, positive
   * @param z the argument, 0 to (p + 1)/(p + q + 2)
   * @param front the derivative of log(zᵖ(1 − z)ᑫ/(p·B(p, q))) with respect to p or q, as {@code
   *     first} says
   * @param first true for the derivative with respect to p, false for that with respect to q
   * @return the product {@code factor}·F·∂log I_z
   * @throws ArithmeticException if 100 000 pairs of terms do not suffice
   */
  static double timesLogSlope(
      double factor, double p, double q, double z, double front, boolean first) {
    BetaFraction f = new BetaFraction();
    for (int m = 0; m < MOST_PAIRS; m++) {
      double before = f.value;
      double slopeBefore = f.logSlope;
      // t₂ₘ; there is no t₀.
      if (m > 0) {
        double scale = 1 / ((p + 2 * m - 1) * (p + 2 * m));
        double t = m * (q - m) * z * scale;
        f.next(t, first ? -t * (2 * p + 4 * m - 1) * scale : m * z * scale);
      }
      // t₂ₘ₊₁
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

  /**
   * Extends the fraction by a term t, whose derivative with respect to p or q is {@code tSlope}.
   */
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
