package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import grafs.cell.CellWeights;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/**
 * DrNAS: w ~ Dirichlet(c) with c = elu(α) + 1 over the candidates of each edge and vertex (Chen et
 * al. 2021). Dropped operations have no part in the draw; their weight is 0.
 *
 * <p>Weights are drawn on the host in double precision. Autograd is given w + J·(c − stop(c)): the
 * value of the draw, with the pathwise Jacobian J of {@link Dirichlet} as its derivative by c.
 *
 * <p>Towards α → −∞ the concentration elu(α) + 1 = eᵅ vanishes. The draw takes at least {@link
 * #FLOOR}; the derivative of c stays eᵅ, so that a candidate below the floor can come back.
 *
 * @param perCell whether each cell of the network draws for itself, which lowers the variance of
 *     α's gradient, or all share a draw
 */
record DirichletRelaxation(boolean perCell) implements Relaxation {

  /** The smallest concentration drawn from, reached at α = −6.9. */
  static final double FLOOR = 1e-3;

  @Override
  public int draws(int cells) {
    return perCell ? cells : 1;
  }

  @Override
  public CellWeights weights(ArchitectureParameters alpha, int draws, RandomGenerator random) {
    return draw(alpha, draws, random, true);
  }

  @Override
  public CellWeights held(ArchitectureParameters alpha, int draws, RandomGenerator random) {
    return draw(alpha, draws, random, false);
  }

  private CellWeights draw(
      ArchitectureParameters alpha, int draws, RandomGenerator random, boolean differentiable) {
    ArchitectureParameters.Values values = alpha.values();
    Sample unary = new Sample(alpha.unary().getShape(), draws, differentiable);
    unary.draw(values.unary(), alpha.candidates().unary(), random);
    Sample binary = new Sample(alpha.binary().getShape(), draws, differentiable);
    binary.draw(values.binary(), alpha.candidates().binary(), random);
    return new CellWeights(
        unary.toArray(alpha.unary()),
        binary.toArray(alpha.binary()),
        alpha.candidates(),
        !differentiable);
  }

  @Override
  public CellWeights mean(ArchitectureParameters alpha) {
    ArchitectureParameters.Values values = alpha.values();
    Sample unary = new Sample(alpha.unary().getShape(), 1, false);
    unary.mean(values.unary(), alpha.candidates().unary());
    Sample binary = new Sample(alpha.binary().getShape(), 1, false);
    binary.mean(values.binary(), alpha.candidates().binary());
    return new CellWeights(
        unary.toArray(alpha.unary()), binary.toArray(alpha.binary()), alpha.candidates(), true);
  }

  @Override
  public String toString() {
    return perCell ? "drnas" : "drnas shared";
  }

  @Override
  public double[] mean(double... alpha) {
    return new Dirichlet(DoubleStream.of(alpha).map(DirichletRelaxation::concentration).toArray())
        .mean();
  }

  /**
   * Makes w + J·(c − stop(c)): w in value, and differentiable in α through c = elu(α) + 1.
   *
   * @param alpha {@code [places, operations]}
   * @param w the draws, {@code [rows, places, operations]}
   * @param d the factors of their Jacobians, in the shape of w; 0 for dropped operations
   * @return the weights, in the shape of w
   */
  static NDArray attach(NDArray alpha, NDArray w, NDArray d) {
    NDArray c = Activation.elu(alpha, 1); // the 1 of elu(α) + 1 cancels
    NDArray zero = c.sub(c.stopGradient()).expandDims(0);
    NDArray moved = d.mul(zero);
    return w.add(moved).sub(w.mul(moved.sum(new int[] {2}, true)));
  }

  private static Dirichlet distribution(float[] alpha, List<Integer> candidates) {
    return new Dirichlet(candidates.stream().mapToDouble(o -> concentration(alpha[o])).toArray());
  }

  private static double concentration(double alpha) {
    return alpha > 0 ? alpha + 1 : Math.max(FLOOR, Math.exp(alpha));
  }

  /** The weights of all edges or of all vertices, {@code [rows, places, operations]}. */
  private static final class Sample {

    private final int rows;
    private final int places;
    private final int operations;
    private final float[] w;
    private final float[] d; // the factors of the Jacobian, or null for constants

    Sample(Shape alpha, int rows, boolean differentiable) {
      this.rows = rows;
      places = (int) alpha.get(0);
      operations = (int) alpha.get(1);
      w = new float[rows * places * operations];
      d = differentiable ? new float[w.length] : null;
    }

    void draw(float[][] alpha, List<List<Integer>> candidates, RandomGenerator random) {
      for (int place = 0; place < places; place++) {
        Dirichlet distribution = distribution(alpha[place], candidates.get(place));
        for (int row = 0; row < rows; row++) {
          double[] sample = distribution.sample(random);
          spread(sample, w, row, place, candidates.get(place));
          if (d != null) {
            spread(distribution.pathwise(sample), d, row, place, candidates.get(place));
          }
        }
      }
    }

    void mean(float[][] alpha, List<List<Integer>> candidates) {
      for (int place = 0; place < places; place++) {
        double[] mean = distribution(alpha[place], candidates.get(place)).mean();
        spread(mean, w, 0, place, candidates.get(place));
      }
    }

    private void spread(
        double[] values, float[] target, int row, int place, List<Integer> candidates) {
      for (int i = 0; i < values.length; i++) {
        target[(row * places + place) * operations + candidates.get(i)] = (float) values[i];
      }
    }

    NDArray toArray(NDArray alpha) {
      Shape shape = new Shape(rows, places, operations);
      NDArray drawn = alpha.getManager().create(w, shape);
      return d == null ? drawn : attach(alpha, drawn, alpha.getManager().create(d, shape));
    }
  }
}
