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
 * Maps α to mixing weights w, and the gradient of a loss L with respect to w to that with respect
 * to α, in a gradient-based search for an activation function. During the search each activation of
 * the network is a relaxed cell, a small graph of operations such as sin or +. A place is an edge
 * or vertex of the graph and has several candidate operations; α is one number for each of them.
 * The relaxed cell mixes the candidates of a place with the weights w, which sum to 1. Shrinking
 * removes candidates during the search; w is computed over the remaining ones.
 */
public enum Relaxation {

  /** DARTS: w = softmax(α), not random (Liu et al. 2019, equation 2). */
  SOFTMAX,

  /**
   * DrNAS (Chen et al. 2021), w ~ Dirichlet(elu(α) + 1), with one change that arXiv 2408.06820,
   * section 3, makes: each cell of the network has its own independent draw, which reduces the
   * variance of the gradient.
   *
   * <p>The parameters elu(α) + 1 of the distribution are called concentrations. For α below 0 the
   * concentration is eᵅ, which vanishes towards α → −∞. For α below −6.9, samples are drawn with
   * the concentration 1e-3 instead. The derivative of the concentration with respect to α is
   * nevertheless taken as eᵅ, so that such an α can grow again.
   */
  DRNAS,

  /**
   * DrNAS without the change in {@link #DRNAS}: all cells share one draw of w ~ Dirichlet(elu(α) +
   * 1).
   */
  DRNAS_SHARED,

  /**
   * GDAS: each draw takes one operation, that of the largest α + g, where g is Gumbel noise. The
   * mixing weight w of this operation is 1, that of the others 0. The gradient is computed as if w
   * were softmax(α + g): the straight-through Gumbel-softmax of temperature 1 (Dong and Yang 2019).
   * Each cell of the network has its own draw.
   */
  GDAS,

  /**
   * ReinMax: each draw takes one operation, with the probabilities p = softmax(α). w is the one-hot
   * vector of the drawn operation. J(q) is the derivative of the softmax where its value is q. As
   * ∂w/∂α, 2·J(½(p + w)) − ½·J(p) is used, an estimate of second order (Liu et al. 2023). Each cell
   * of the network has its own draw.
   */
  REINMAX;

  /** The smallest concentration with which a Dirichlet distribution is sampled. */
  private static final double FLOOR = 1e-3;

  /** {@return whether w is drawn separately for each cell of the network} */
  boolean perCell() {
    return this != SOFTMAX && this != DRNAS_SHARED;
  }

  private boolean isDirichlet() {
    return this == DRNAS || this == DRNAS_SHARED;
  }

  /**
   * One draw of w in one place.
   *
   * @param weights w of the remaining candidates; sums to 1
   * @param backward maps the gradient ∂L/∂w of a loss L to ∂L/∂α, both over the remaining
   *     candidates
   */
  public record Sample(double[] weights, Function<double[], double[]> backward) {}

  /**
   * Draws w in one place, or for {@link #SOFTMAX} computes it without drawing.
   *
   * @param alpha α of the remaining candidates of the place, at least one
   * @param random the source of randomness
   * @return w, with the function that maps the gradient with respect to w to that with respect to α
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
    double[] noisy = DoubleStream.of(alpha).map(a -> a + gumbel(random.nextDouble())).toArray();
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

  /** Converts a uniform random number of [0, 1) to Gumbel noise. The result is finite for 0 too. */
  private static double gumbel(double uniform) {
    return -Math.log(Math.max(Double.MIN_NORMAL, -Math.log(1 - uniform)));
  }

  private static double[] each(int n, IntToDoubleFunction value) {
    return IntStream.range(0, n).mapToDouble(value).toArray();
  }

  /**
   * Maps the gradient g = ∂L/∂w of a loss L to ∂L/∂α. d is the result of {@link
   * Dirichlet#pathwise(double[])} at the sample w.
   */
  private static double[] dirichletBackward(double[] alpha, double[] w, double[] d, double[] g) {
    double mean = dot(w, g);
    return each(w.length, j -> d[j] * (g[j] - mean) * (alpha[j] > 0 ? 1 : Math.exp(alpha[j])));
  }

  /**
   * Computes the mean of w over draws, in one place.
   *
   * @param alpha α of the remaining candidates of the place, at least one
   * @return the mean of w, which sums to 1
   */
  public double[] mean(double... alpha) {
    return isDirichlet() ? dirichlet(alpha).mean() : softmax(alpha);
  }

  private static Dirichlet dirichlet(double... alpha) {
    return new Dirichlet(
        DoubleStream.of(alpha).map(a -> a > 0 ? a + 1 : Math.max(FLOOR, Math.exp(a))).toArray());
  }

  /**
   * One draw of w for all places and cells, used in one forward and backward pass of the network.
   *
   * @param weights w, {@code [rows][place][operation]}: one row for each cell, or a single row for
   *     all cells; 0 for removed operations
   * @param samples the draws of the places, {@code [rows][place]}
   * @param candidates the remaining candidates
   */
  public record Draw(double[][][] weights, Sample[][] samples, Candidates candidates) {

    /**
     * Backpropagates a gradient to α.
     *
     * @param gradient ∂L/∂w, {@code [rows][place][operation]}
     * @param alpha the array to which ∂L/∂α is added, {@code [place][operation]}
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
      // Summed in the order of the rows, so that the sum has the same bits in every run.
      for (double[][] row : back) {
        CellWeights.add(alpha, row, 1);
      }
    }
  }

  /**
   * Draws w for all places and cells.
   *
   * @param alpha α, {@code [place][operation]}
   * @param candidates the remaining candidates
   * @param cells the number of cells in the network
   * @param random the source of randomness
   * @return the draw, with one row of w for each cell or a single row for all cells
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

  /**
   * {@return the gradient with respect to the arguments of a softmax, p∘(g − p·g), where ∘ is the
   * element-wise product and p·g the dot product}
   *
   * @param p the value of the softmax
   * @param g the gradient with respect to that value
   */
  public static double[] softmaxBackward(double[] p, double[] g) {
    double mean = dot(p, g);
    return each(p.length, i -> p[i] * (g[i] - mean));
  }

  /**
   * Computes the dot product by plain additions in order. A stream's {@code sum} compensates
   * rounding errors. With it, the results would differ in their last bits from those of recorded
   * searches.
   */
  private static double dot(double[] p, double[] g) {
    return DoubleStream.of(each(p.length, i -> p[i] * g[i])).reduce(0, Double::sum);
  }

  /**
   * {@return the name in lower case, as it is written in files of results, such as {@code drnas
   * shared}}
   */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
