package grafs.lab;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.DiscreteActivation;
import grafs.cell.RelaxedCell;
import grafs.search.ArchitectureParameters;
import grafs.search.CellWarmStart;
import grafs.search.Relaxation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import smile.stat.distribution.GaussianDistribution;

/**
 * One relaxed cell as a function of x, to be looked at: every edge and vertex mixes all its
 * operations by softmax(α), β are where they start.
 *
 * @param space the search space
 * @param alpha the architecture parameters
 */
public record RelaxedFunction(CellSpace space, ArchitectureParameters.Values alpha)
    implements Plots.Curve {

  /** {@return the cell with α = 0: the average of all operations everywhere} */
  public static RelaxedFunction equal(CellSpace space) {
    return random(space, 0, 0);
  }

  /**
   * Draws α from N(0, deviation²).
   *
   * @param space the search space
   * @param deviation the standard deviation of α
   * @param seed the seed
   * @return the cell
   */
  public static RelaxedFunction random(CellSpace space, double deviation, long seed) {
    Random random = new Random(seed);
    float[][] unary = new float[space.graph().edges()][space.operations().unary().size()];
    float[][] binary = new float[space.graph().vertices()][space.operations().binary().size()];
    for (float[][] rows : List.of(unary, binary)) {
      for (float[] row : rows) {
        for (int o = 0; o < row.length; o++) {
          row[o] = (float) (deviation * random.nextGaussian());
        }
      }
    }
    return new RelaxedFunction(space, new ArchitectureParameters.Values(unary, binary));
  }

  /**
   * Fits α to a function, as a search does before its first step.
   *
   * @param space the search space
   * @param target the function, a block without parameters
   * @param steps the number of steps of Adam; 0 leaves α where a search begins, at 1e-3·N(0, 1)
   * @param seed the seed of α
   * @return the cell
   */
  public static RelaxedFunction fitted(CellSpace space, Block target, int steps, long seed) {
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, seed)) {
      if (steps > 0) {
        new CellWarmStart(steps, CellWarmStart.DEFAULT.learningRate(), 0)
            .fit(space, alpha, Relaxation.SOFTMAX, target, new SplittableRandom(seed));
      }
      return new RelaxedFunction(space, alpha.values());
    }
  }

  /**
   * Sharpens or blurs the choice: softmax(α/T) goes from equal weights at T = ∞ to {@link
   * #decided()} at T = 0.
   *
   * @param temperature T, positive
   * @return the cell with α/T
   */
  public RelaxedFunction atTemperature(double temperature) {
    return new RelaxedFunction(
        space,
        new ArchitectureParameters.Values(
            divided(alpha.unary(), temperature), divided(alpha.binary(), temperature)));
  }

  private static float[][] divided(float[][] rows, double by) {
    float[][] quotients = new float[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      quotients[r] = new float[rows[r].length];
      for (int o = 0; o < rows[r].length; o++) {
        quotients[r][o] = (float) (rows[r][o] / by);
      }
    }
    return quotients;
  }

  /** {@return the function of the operations of largest α; not bounded} */
  public DiscreteActivation decided() {
    Candidates best = new Candidates(largest(alpha.unary()), largest(alpha.binary()));
    return DiscreteActivation.of(space, best, space.betaStart());
  }

  private static List<List<Integer>> largest(float[][] rows) {
    return Arrays.stream(rows)
        .map(
            row ->
                IntStream.range(0, row.length)
                    .reduce((best, o) -> row[o] > row[best] ? o : best)
                    .stream()
                    .boxed()
                    .toList())
        .toList();
  }

  /**
   * The weights of one place.
   *
   * @param alpha a row of α
   * @return softmax(α)
   */
  static double[] softmax(float[] alpha) {
    double largest = IntStream.range(0, alpha.length).mapToDouble(o -> alpha[o]).max().orElse(0);
    double[] powers =
        IntStream.range(0, alpha.length).mapToDouble(o -> Math.exp(alpha[o] - largest)).toArray();
    double sum = Arrays.stream(powers).sum();
    return Arrays.stream(powers).map(p -> p / sum).toArray();
  }

  /** {@return the values at the points, computed in float64, operations bounded} */
  @Override
  public double[] values(double... x) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray unary = array(manager, alpha.unary()).softmax(1).expandDims(0);
      NDArray binary = array(manager, alpha.binary()).softmax(1).expandDims(0);
      return evaluate(manager.create(x).reshape(1, x.length), unary, binary).toDoubleArray();
    }
  }

  /**
   * How the cell's value at each point moves with the α of one edge: where the loss wants a larger
   * f(x), gradient descent raises those α whose derivative is positive there.
   *
   * @param edge the edge, from 0
   * @param x the points
   * @return ∂f(x)/∂α, {@code [operations][points]}
   */
  public double[][] alphaDerivatives(int edge, double... x) {
    int n = x.length;
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // Every point is a cell instance with its own copy of α: one backward pass gives all.
      NDArray unary = copies(array(manager, alpha.unary()), n);
      NDArray binary = copies(array(manager, alpha.binary()), n);
      unary.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = evaluate(manager.create(x).reshape(n, 1), unary.softmax(2), binary.softmax(2));
        collector.backward(y.sum());
      }
      double[] gradient = unary.getGradient().toDoubleArray();
      int edges = alpha.unary().length;
      int operations = alpha.unary()[edge].length;
      double[][] derivatives = new double[operations][n];
      for (int o = 0; o < operations; o++) {
        for (int i = 0; i < n; i++) {
          derivatives[o][i] = gradient[(i * edges + edge) * operations + o];
        }
      }
      return derivatives;
    }
  }

  /**
   * How far the cell is from another function on inputs as a normalised network has them.
   *
   * @param target the other function
   * @return the root mean square of the difference over x ~ N(0, 1)
   */
  public double error(Plots.Curve target) {
    int n = 512;
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    double[] x = IntStream.range(0, n).mapToDouble(i -> normal.quantile((i + 0.5) / n)).toArray();
    double[] own = values(x);
    double[] other = target.values(x);
    return Math.sqrt(
        IntStream.range(0, n)
            .mapToDouble(i -> (own[i] - other[i]) * (own[i] - other[i]))
            .average()
            .orElseThrow());
  }

  private NDArray evaluate(NDArray x, NDArray unary, NDArray binary) {
    NDManager manager = x.getManager();
    double[] start =
        IntStream.range(0, space.betas()).mapToDouble(i -> space.betaStart()[i]).toArray();
    NDArray beta = start.length == 0 ? null : manager.create(start).reshape(1, start.length);
    CellWeights weights = new CellWeights(unary, binary, Candidates.all(space), false);
    return new RelaxedCell(space).evaluate(x, weights, beta);
  }

  private static NDArray array(NDManager manager, float[][] rows) {
    double[] flat =
        Arrays.stream(rows)
            .flatMapToDouble(row -> IntStream.range(0, row.length).mapToDouble(o -> row[o]))
            .toArray();
    return manager.create(flat, new Shape(rows.length, rows[0].length));
  }

  private static NDArray copies(NDArray matrix, int n) {
    return matrix.expandDims(0).repeat(0, n);
  }
}
