package grafs.nas;

import grafs.cell.Candidates;
import grafs.cell.CellWeights;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Maps the architecture parameters α of one place to the mixing weights w of its operations, and
 * the gradient of w back to α.
 */
public enum Relaxation {

  /** DARTS: w = softmax(α) (Liu et al. 2019, equation 2). */
  SOFTMAX,

  /**
   * DrNAS with the paper's variance reduction: w ~ Dirichlet(elu(α) + 1), an independent draw for
   * each cell of the network (Chen et al. 2021; arXiv 2408.06820, section 3).
   *
   * <p>Towards α → −∞ the concentration eᵅ vanishes. Samples are drawn with a concentration of at
   * least 1e-3, reached at α = −6.9; the derivative of the concentration stays eᵅ, so that the α of
   * an operation below that floor can grow again.
   */
  DRNAS,

  /** DrNAS without this variance reduction: one draw of w ~ Dirichlet(elu(α) + 1) for all cells. */
  DRNAS_SHARED,

  /**
   * One operation in each draw, by the straight-through Gumbel-softmax of temperature 1: the
   * gradient is that of the Gumbel-softmax whose largest entry was drawn (Dong and Yang 2019).
   */
  GDAS,

  /**
   * One operation in each draw, B, from p = softmax(α); the gradient is 2·J(½(p + B)) − ½·J(p), of
   * second order, with J the softmax's derivative (Liu et al. 2023).
   */
  REINMAX;

  /** The smallest concentration that DrNAS draws from. */
  private static final double FLOOR = 1e-3;

  /** {@return whether each cell of the network has its own sample} */
  boolean perCell() {
    return this != SOFTMAX && this != DRNAS_SHARED;
  }

  private boolean isDirichlet() {
    return this == DRNAS || this == DRNAS_SHARED;
  }

  /**
   * The weights of one place in one sample.
   *
   * @param weights the weights of the remaining candidates, which sum to 1
   * @param backward maps dL/dw to dL/dα, both of the remaining candidates
   */
  public record Sample(double[] weights, Function<double[], double[]> backward) {}

  /**
   * Samples the weights of one place.
   *
   * @param alpha α of the remaining candidates there, at least one
   * @param random the source of randomness of the pass
   * @return the weights, and the backward function to α
   */
  Sample sample(double[] alpha, RandomGenerator random) {
    if (isDirichlet()) {
      Dirichlet distribution = dirichlet(alpha);
      double[] w = distribution.sample(random);
      return new Sample(w, g -> dirichletBackward(alpha, w, distribution.pathwise(w), g));
    }
    double[] p = softmax(alpha);
    if (this == SOFTMAX) {
      return new Sample(p, g -> softmaxBackward(p, g));
    }
    double[] noisy =
        DoubleStream.of(alpha).map(a -> a - Math.log(-Math.log(1 - random.nextDouble()))).toArray();
    int drawn = IntStream.range(0, p.length).reduce(0, (i, k) -> noisy[k] > noisy[i] ? k : i);
    double[] hot = new double[p.length];
    hot[drawn] = 1;
    if (this == GDAS) {
      double[] soft = softmax(noisy);
      return new Sample(hot, g -> softmaxBackward(soft, g));
    }
    double[] middle = each(p.length, i -> (p[i] + hot[i]) / 2);
    return new Sample(
        hot,
        g -> {
          double[] second = softmaxBackward(middle, g);
          double[] first = softmaxBackward(p, g);
          return each(p.length, i -> 2 * second[i] - 0.5 * first[i]);
        });
  }

  private static double[] each(int n, IntToDoubleFunction value) {
    return IntStream.range(0, n).mapToDouble(value).toArray();
  }

  private static double[] dirichletBackward(double[] alpha, double[] w, double[] d, double[] g) {
    double mean = dot(w, g);
    return each(w.length, j -> d[j] * (g[j] - mean) * (alpha[j] > 0 ? 1 : Math.exp(alpha[j])));
  }

  /**
   * Computes the mean weights of one place.
   *
   * @param alpha α of the remaining candidates there, at least one
   * @return their mean weights, which sum to 1
   */
  public double[] mean(double... alpha) {
    return isDirichlet() ? dirichlet(alpha).mean() : softmax(alpha);
  }

  private static Dirichlet dirichlet(double... alpha) {
    return new Dirichlet(
        DoubleStream.of(alpha).map(a -> a > 0 ? a + 1 : Math.max(FLOOR, Math.exp(a))).toArray());
  }

  /**
   * The weights of all cells in one pass.
   *
   * @param weights {@code [rows][place][operation]}; 0 for dropped operations
   * @param samples the samples, {@code [rows][place]}
   * @param candidates the remaining candidates
   */
  public record Draw(double[][][] weights, Sample[][] samples, Candidates candidates) {

    /**
     * Backpropagates a gradient to α.
     *
     * @param gradient dL/dw, {@code [rows][place][operation]}
     * @param alpha to which dL/dα is added, {@code [place][operation]}
     */
    public void backward(double[][][] gradient, double[][] alpha) {
      double[][][] back = new double[samples.length][][];
      IntStream.range(0, samples.length)
          .parallel()
          .forEach(
              row -> {
                back[row] = CellWeights.zeros(alpha);
                for (int p = 0; p < alpha.length; p++) {
                  List<Integer> left = candidates.of(p);
                  double[] g = gradient[row][p];
                  double[] own = left.stream().mapToDouble(o -> g[o]).toArray();
                  double[] slope = samples[row][p].backward.apply(own);
                  for (int i = 0; i < slope.length; i++) {
                    back[row][p][left.get(i)] = slope[i];
                  }
                }
              });
      // Summed in the order of the rows, so that every run gives the same bits.
      for (double[][] row : back) {
        CellWeights.add(alpha, row, 1);
      }
    }
  }

  /**
   * Samples the weights of all cells in one pass.
   *
   * @param alpha the architecture parameters, {@code [place][operation]}
   * @param candidates the remaining candidates
   * @param cells the number of cells in the network
   * @param random the source of randomness of the pass
   * @return the weights, in a row for each cell or in one for all
   */
  public Draw draw(double[][] alpha, Candidates candidates, int cells, RandomGenerator random) {
    int rows = perCell() ? cells : 1;
    double[][][] weights = new double[rows][alpha.length][];
    Sample[][] samples = new Sample[rows][alpha.length];
    for (int row = 0; row < rows; row++) {
      for (int p = 0; p < alpha.length; p++) {
        List<Integer> inPlay = candidates.of(p);
        double[] all = alpha[p];
        samples[row][p] = sample(inPlay.stream().mapToDouble(o -> all[o]).toArray(), random);
        weights[row][p] = new double[all.length];
        for (int i = 0; i < inPlay.size(); i++) {
          weights[row][p][inPlay.get(i)] = samples[row][p].weights[i];
        }
      }
    }
    return new Draw(weights, samples, candidates);
  }

  private static double[] softmax(double... x) {
    double largest = DoubleStream.of(x).max().orElseThrow();
    double[] powers = DoubleStream.of(x).map(v -> Math.exp(v - largest)).toArray();
    double sum = DoubleStream.of(powers).sum();
    return DoubleStream.of(powers).map(v -> v / sum).toArray();
  }

  /** {@return the gradient g backpropagated through a softmax whose value is p: p∘(g − p·g)} */
  public static double[] softmaxBackward(double[] p, double[] g) {
    double mean = dot(p, g);
    return each(p.length, i -> p[i] * (g[i] - mean));
  }

  /** A plain sum in order: a stream's {@code sum} is compensated and has other bits. */
  private static double dot(double[] p, double[] g) {
    return DoubleStream.of(each(p.length, i -> p[i] * g[i])).reduce(0, Double::sum);
  }

  /** {@return the name in settings that are kept, such as {@code drnas shared}} */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
