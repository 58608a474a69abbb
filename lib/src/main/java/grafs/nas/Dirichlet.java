package grafs.nas;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import smile.math.special.Gamma;

/**
 * The Dirichlet distribution of n weights w, wᵢ ≥ 0 and Σwᵢ = 1, with the parameters c, called
 * concentrations. A search for an activation function mixes candidate operations with such weights
 * ({@link Relaxation#DRNAS}). It trains the concentrations by gradient descent, and so needs the
 * derivative of a sample with respect to them, called the pathwise gradient:
 *
 * <pre>
 * ∂wᵢ/∂cⱼ = dⱼ·(δᵢⱼ − wᵢ)
 * dⱼ = −∂ₐ I_w(a, b) / (p(w; a, b)·(1 − w)) at w = wⱼ, a = cⱼ, b = Σc − cⱼ
 * </pre>
 *
 * <p>with I the regularised incomplete Beta function, p the Beta density, ∂ₐ the derivative with
 * respect to a, and δᵢⱼ = 1 for i = j, otherwise 0 (Jankowiak and Obermeyer 2018). In words: the
 * distribution of wⱼ is Beta(a, b), and I_w(a, b) is the probability of a smaller value. If cⱼ
 * changes, wⱼ changes such that this probability stays the same, and the other weights are scaled
 * such that the sum stays 1.
 */
final class Dirichlet {

  private final double[] concentration;

  /**
   * For each weight wⱼ the sum of the other concentrations, Σc − cⱼ, called b in the class comment.
   */
  private final double[] others;

  /** ψ(cⱼ), with ψ the digamma function. */
  private final double[] digamma;

  /** ψ(Σc). */
  private final double digammaOfSum;

  /**
   * Creates a distribution.
   *
   * @param concentration the concentrations c, one for each weight, positive and finite
   * @throws IllegalArgumentException if a concentration is not positive or not finite
   */
  Dirichlet(double... concentration) {
    for (int i = 0; i < concentration.length; i++) {
      if (!(concentration[i] > 0 && concentration[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "concentrations must be positive and finite, but concentration %d is %s"
                .formatted(i, concentration[i]));
      }
    }
    this.concentration = concentration.clone();
    others = sumsOfOthers(concentration);
    digamma = Arrays.stream(concentration).map(Dirichlet::digamma).toArray();
    digammaOfSum = digamma(Arrays.stream(concentration).sum());
  }

  /** {@return the mean of w, cᵢ/Σc} */
  double[] mean() {
    double sum = Arrays.stream(concentration).sum();
    return Arrays.stream(concentration).map(c -> c / sum).toArray();
  }

  /**
   * Draws a sample: independent Gamma variates, divided by their sum. The variates are computed as
   * logarithms, since at small concentrations all variates can be below the smallest double.
   *
   * @param random the source of randomness
   * @return the weights w; their sum is 1 within rounding; a weight below the smallest double is 0
   */
  double[] sample(RandomGenerator random) {
    double[] logs =
        Arrays.stream(concentration)
            .map(c -> logGamma(c, new SplittableRandom(random.nextLong())))
            .toArray();
    double largest = Arrays.stream(logs).max().orElseThrow();
    double[] w = Arrays.stream(logs).map(log -> Math.exp(log - largest)).toArray();
    double sum = Arrays.stream(w).reduce(0, Double::sum);
    return Arrays.stream(w).map(v -> v / sum).toArray();
  }

  /**
   * Draws the logarithm of a Gamma variate with the given shape and scale 1. The variate is
   * G·U^(1/shape), with U uniform on (0, 1] and G a variate of Gamma(shape + 1), drawn by the
   * method of Marsaglia and Tsang (2000). All shapes are drawn in this way, although those above 1
   * do not need U, and every weight has its own random generator. A small change of a shape then
   * nearly always causes a small change of the sample, so that two machines whose concentrations
   * differ by rounding draw nearly the same weights.
   */
  private static double logGamma(double shape, RandomGenerator random) {
    double power = Math.log(1 - random.nextDouble()) / shape;
    double d = shape + 1 - 1.0 / 3;
    double scale = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + scale * x;
      if (v > 0) {
        v = v * v * v;
        double logV = Math.log(v);
        if (Math.log(1 - random.nextDouble()) < 0.5 * x * x + d * (1 - v + logV)) {
          return Math.log(d) + logV + power;
        }
      }
    }
  }

  /**
   * Computes the factors dⱼ in the derivative of a sample, as the class comment defines them. By
   * the chain rule, a loss with the derivatives gᵢ with respect to wᵢ has the derivative dⱼ·(gⱼ −
   * Σᵢ wᵢgᵢ) with respect to cⱼ.
   *
   * @param w a sample
   * @return d, one number for each weight, finite and not negative
   */
  double[] pathwise(double[] w) {
    double[] rest = sumsOfOthers(w);
    return IntStream.range(0, w.length)
        .mapToDouble(j -> w.length == 1 ? 0 : pathwise(j, w[j], rest[j]))
        .toArray();
  }

  /**
   * Computes the factor dⱼ of the class comment at x = wⱼ and y = 1 − wⱼ, with a = cⱼ and b = Σc −
   * cⱼ. B is the Beta function. With the continued fractions F and G, which {@link BetaFraction}
   * evaluates,
   *
   * <pre>I_x(a, b) = xᵃyᵇ/(a·B(a, b))·F(x),  1 − I_x(a, b) = xᵃyᵇ/(b·B(a, b))·G(y)</pre>
   *
   * <p>If these formulas are inserted into dⱼ, the density p cancels: dⱼ = −(x/a)·F·∂ₐ log I =
   * (x/b)·G·∂ₐ log(1 − I). The first form is used where F converges fast, the second where G
   * converges fast. Both are finite down to x = 0 and y = 0.
   */
  private double pathwise(int j, double x, double y) {
    double a = concentration[j];
    double b = others[j];
    if (x == 0) {
      return 0;
    }
    double logX = x < 0.5 ? Math.log(x) : Math.log1p(-y);
    double logBeta = digamma[j] - digammaOfSum; // ∂ₐ log B(a, b)
    if (x * (a + b + 2) < a + 1) {
      return BetaFraction.timesLogSlope(-x / a, a, b, x, logX - logBeta - 1 / a, true);
    }
    return BetaFraction.timesLogSlope(x / b, b, a, y, logX - logBeta, false);
  }

  /**
   * Computes for each value the sum of all others. The others are added up, since subtracting the
   * value from the total would lose the digits of a small result.
   */
  private static double[] sumsOfOthers(double[] values) {
    IntToDoubleFunction sumWithout =
        j ->
            IntStream.range(0, values.length)
                .mapToDouble(i -> i == j ? 0 : values[i])
                .reduce(0, Double::sum);
    return IntStream.range(0, values.length).mapToDouble(sumWithout).toArray();
  }

  /**
   * Computes the digamma function ψ. Below 1 it uses ψ(x) = ψ(x + 1) − 1/x, since Smile's digamma
   * loses digits near 0.
   */
  private static double digamma(double x) {
    return x < 1 ? Gamma.digamma(x + 1) - 1 / x : Gamma.digamma(x);
  }
}
