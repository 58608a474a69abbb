package grafs.nas;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import smile.math.special.Gamma;

/**
 * The Dirichlet distribution over the weights w of n operations, wᵢ ≥ 0 and Σwᵢ = 1, with pathwise
 * gradients from a sample to the concentrations.
 *
 * <p>A sample moves with its concentrations along the optimal transport of each component's Beta
 * marginal (Jankowiak and Obermeyer 2018):
 *
 * <pre>
 * ∂wᵢ/∂cⱼ = dⱼ·(δᵢⱼ − wᵢ),  dⱼ = −∂ₐ I_w(a, b) / (p(w; a, b)·(1 − w)) at w = wⱼ, a = cⱼ, b = Σc − cⱼ
 * </pre>
 *
 * with I the regularised incomplete Beta function and p the Beta density.
 */
final class Dirichlet {

  private final double[] concentration;

  /** For each component the sum of the other concentrations, b above. */
  private final double[] others;

  private final double[] digamma;
  private final double digammaOfSum;

  /**
   * Creates a distribution.
   *
   * @param concentration the concentrations c, one for each component, positive and finite
   * @throws IllegalArgumentException if one is out of range
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

  /** {@return the mean, cᵢ/Σc} */
  double[] mean() {
    double sum = Arrays.stream(concentration).sum();
    return Arrays.stream(concentration).map(c -> c / sum).toArray();
  }

  /**
   * Draws a sample: independent Gamma variates, normalised. They are kept as logarithms until the
   * end, since at small concentrations all of them can be below the smallest double.
   *
   * @param random the source of randomness
   * @return the weights, summing to 1 within rounding; one below the smallest double is 0
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
   * The logarithm of a Gamma variate of scale 1: of Gamma(shape + 1)·U^(1/shape), whose first
   * factor is sampled after Marsaglia and Tsang (2000). Every shape is sampled in this way, and
   * every component has its own random generator: a small change of a shape then nearly always
   * causes a small change of the sample, so that two machines whose α differ by rounding draw
   * nearly the same.
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
   * Computes the factors of a sample's Jacobian: J·v has the components dᵢvᵢ − wᵢ·Σⱼ dⱼvⱼ.
   *
   * @param w a sample
   * @return d, one for each component, finite and not negative
   */
  double[] pathwise(double[] w) {
    double[] rest = sumsOfOthers(w);
    return IntStream.range(0, w.length)
        .mapToDouble(j -> w.length == 1 ? 0 : pathwise(j, w[j], rest[j]))
        .toArray();
  }

  /**
   * dⱼ at x = wⱼ and y = 1 − wⱼ. Written with the continued fractions F of I and G of 1 − I, in
   *
   * <pre>I_x(a, b) = xᵃyᵇ/(a·B(a, b))·F(x),  1 − I_x(a, b) = xᵃyᵇ/(b·B(a, b))·G(y)</pre>
   *
   * the density cancels: dⱼ = −(x/a)·F·∂ₐ log I = (x/b)·G·∂ₐ log(1 − I). The first form serves
   * where F converges fast, the second where G does. Both are finite down to x = 0 and y = 0.
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
   * Sums the other values for each component. Subtracting the component from the total would cancel
   * the digits of a small remainder.
   */
  private static double[] sumsOfOthers(double[] values) {
    IntToDoubleFunction sumWithout =
        j ->
            IntStream.range(0, values.length)
                .mapToDouble(i -> i == j ? 0 : values[i])
                .reduce(0, Double::sum);
    return IntStream.range(0, values.length).mapToDouble(sumWithout).toArray();
  }

  /** Below 1 by ψ(x) = ψ(x + 1) − 1/x, since Smile's digamma loses digits near 0. */
  private static double digamma(double x) {
    return x < 1 ? Gamma.digamma(x + 1) - 1 / x : Gamma.digamma(x);
  }
}
