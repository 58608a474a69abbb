package grafs.nas;

import grafs.cell.Candidates;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Maps the architecture parameters α of one place to the mixing weights w of its operations, and
 * the gradient of w back to α. A custom relaxation implements {@link #perCell}, {@link #sample} and
 * {@link #mean}.
 */
public interface Relaxation {

  /** DARTS: w = softmax(α) (Liu et al. 2019, equation 2). */
  Relaxation SOFTMAX = Categorical.SOFTMAX;

  /**
   * DrNAS with the paper's variance reduction: w ~ Dirichlet(elu(α) + 1), an independent draw for
   * each cell of the network (Chen et al. 2021; arXiv 2408.06820, section 3).
   */
  Relaxation DRNAS = new DirichletSampling(true);

  /** DrNAS without this variance reduction: one draw of w ~ Dirichlet(elu(α) + 1) for all cells. */
  Relaxation DRNAS_SHARED = new DirichletSampling(false);

  /**
   * One operation in each draw, by the straight-through Gumbel-softmax of temperature 1 (Dong and
   * Yang 2019).
   */
  Relaxation GDAS = Categorical.GDAS;

  /** One operation in each draw, with the gradient estimator of second order of Liu et al. 2023. */
  Relaxation REINMAX = Categorical.REINMAX;

  /** All of these, each named by its {@code toString}. */
  List<Relaxation> KNOWN = List.of(SOFTMAX, DRNAS, DRNAS_SHARED, GDAS, REINMAX);

  /** {@return whether each cell of the network has its own sample} */
  boolean perCell();

  /**
   * The weights of one place in one sample.
   *
   * @param weights the weights of the remaining candidates, which sum to 1
   * @param backward maps dL/dw to dL/dα, both of the remaining candidates
   */
  record Sample(double[] weights, Function<double[], double[]> backward) {}

  /**
   * Samples the weights of one place.
   *
   * @param alpha α of the remaining candidates there, at least one
   * @param random the source of randomness of the pass
   * @return the weights, and the backward function to α
   */
  Sample sample(double[] alpha, RandomGenerator random);

  /**
   * Computes the mean weights of one place.
   *
   * @param alpha α of the remaining candidates there, at least one
   * @return their mean weights, which sum to 1
   */
  double[] mean(double... alpha);

  /**
   * The weights of all cells in one pass.
   *
   * @param weights {@code [rows][place][operation]}; 0 for dropped operations
   * @param samples the samples, {@code [rows][place]}
   * @param candidates the remaining candidates
   */
  record Draw(double[][][] weights, Sample[][] samples, Candidates candidates) {

    /**
     * Backpropagates a gradient to α.
     *
     * @param gradient dL/dw, {@code [rows][place][operation]}
     * @param alpha to which dL/dα is added, {@code [place][operation]}
     */
    public void backward(double[][][] gradient, double[][] alpha) {
      double[][][] back = new double[samples.length][alpha.length][];
      IntStream.range(0, samples.length)
          .parallel()
          .forEach(
              row -> {
                for (int p = 0; p < alpha.length; p++) {
                  double[] g = gradient[row][p];
                  double[] own = candidates.of(p).stream().mapToDouble(o -> g[o]).toArray();
                  back[row][p] = samples[row][p].backward.apply(own);
                }
              });
      // Summed in the order of the rows, so that every run gives the same bits.
      for (double[][] row : back) {
        for (int p = 0; p < alpha.length; p++) {
          for (int i = 0; i < row[p].length; i++) {
            alpha[p][candidates.of(p).get(i)] += row[p][i];
          }
        }
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
  default Draw draw(double[][] alpha, Candidates candidates, int cells, RandomGenerator random) {
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

  /** {@return softmax(x)} */
  static double[] softmax(double... x) {
    double largest = DoubleStream.of(x).max().orElseThrow();
    double[] powers = DoubleStream.of(x).map(v -> Math.exp(v - largest)).toArray();
    double sum = DoubleStream.of(powers).sum();
    return DoubleStream.of(powers).map(v -> v / sum).toArray();
  }

  /** {@return the gradient g backpropagated through a softmax whose value is p: p∘(g − p·g)} */
  static double[] softmaxBackward(double[] p, double[] g) {
    double mean = 0;
    for (int i = 0; i < p.length; i++) {
      mean += p[i] * g[i];
    }
    double[] back = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      back[i] = p[i] * (g[i] - mean);
    }
    return back;
  }
}
