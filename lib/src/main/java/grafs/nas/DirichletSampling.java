package grafs.nas;

import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/**
 * DrNAS: w ~ Dirichlet(c) with c = elu(α) + 1 over the remaining candidates (Chen et al. 2021),
 * with the pathwise derivative of {@link Dirichlet}.
 *
 * <p>Towards α → −∞ the concentration eᵅ vanishes. Samples are drawn with a concentration of at
 * least {@link #FLOOR}; the derivative of c stays eᵅ, so that the α of an operation below the floor
 * can grow again.
 *
 * @param perCell whether each cell of the network has its own draw, which lowers the variance of
 *     α's gradient; otherwise all cells share one
 */
record DirichletSampling(boolean perCell) implements Relaxation {

  /** The smallest concentration drawn from, reached at α = −6.9. */
  static final double FLOOR = 1e-3;

  @Override
  public Sample sample(double[] alpha, RandomGenerator random) {
    Dirichlet distribution = distribution(alpha);
    double[] w = distribution.sample(random);
    return new Sample(w, g -> backward(alpha, w, distribution.pathwise(w), g));
  }

  private static double[] backward(double[] alpha, double[] w, double[] d, double[] g) {
    double mean = 0;
    for (int i = 0; i < w.length; i++) {
      mean += w[i] * g[i];
    }
    double[] back = new double[w.length];
    for (int j = 0; j < w.length; j++) {
      back[j] = d[j] * (g[j] - mean) * (alpha[j] > 0 ? 1 : Math.exp(alpha[j]));
    }
    return back;
  }

  @Override
  public double[] mean(double... alpha) {
    return distribution(alpha).mean();
  }

  private static Dirichlet distribution(double... alpha) {
    return new Dirichlet(
        DoubleStream.of(alpha).map(a -> a > 0 ? a + 1 : Math.max(FLOOR, Math.exp(a))).toArray());
  }

  @Override
  public String toString() {
    return perCell ? "drnas" : "drnas shared";
  }
}
