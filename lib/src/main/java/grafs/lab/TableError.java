package grafs.lab;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.cell.ActivationCells;
import grafs.cell.ActivationCells.Evaluation;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Grid;
import grafs.model.Activations;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How far the tabulated cell is from the exact one, for one cell: α ~ N(0, 1), β ~ N(0, 1), inputs
 * x ~ N(0, 3²), a random loss L = Σ cᵢ·f(xᵢ) with c ~ N(0, 1); float32.
 *
 * @param value the largest |Δf(x)|
 * @param x the relative error of dL/dx, ‖Δ‖₂ / ‖exact‖₂
 * @param alpha the relative error of dL/dα
 * @param beta the relative error of dL/dβ; 0 in a space without β
 */
public record TableError(double value, double x, double alpha, double beta) {

  private static final double DEVIATION = 3;

  /**
   * A cell along x, exact and tabulated.
   *
   * @param grid the grid
   * @param x points from −1.5 to 1.5 times the grid's radius
   * @param exact f(x), every operation evaluated
   * @param tabulated f(x), read from the table
   * @param exactSlope f′(x)
   * @param tabulatedSlope f′(x)
   */
  public record Profile(
      Grid grid,
      double[] x,
      double[] exact,
      double[] tabulated,
      double[] exactSlope,
      double[] tabulatedSlope) {}

  /** A cell and what is asked of it. */
  private record Problem(
      CellSpace space,
      Grid grid,
      float[] unary,
      float[] binary,
      float[] beta,
      float[] x,
      float[] upstream) {

    static Problem draw(CellSpace space, Grid grid, Random random, float[] x, float[] upstream) {
      int unary = space.graph().edges() * space.operations().unary().size();
      int binary = space.graph().vertices() * space.operations().binary().size();
      return new Problem(
          space,
          grid,
          normal(random, unary, 1),
          normal(random, binary, 1),
          normal(random, space.betas(), 1),
          x,
          upstream);
    }

    Solution solve(Evaluation evaluation) {
      try (NDManager manager = NDManager.newBaseManager();
          NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        ActivationCells cells =
            new ActivationCells(space, evaluation, grid, Activations.of("relu").get());
        Block cell = cells.get();
        NDArray x = manager.create(this.x);
        cell.initialize(manager, DataType.FLOAT32, x.getShape());
        cells.setBeta(beta);
        NDArray unary = matrix(manager, this.unary, space.graph().edges());
        NDArray binary = matrix(manager, this.binary, space.graph().vertices());
        x.setRequiresGradient(true);
        NDArray y;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          cells.relax(
              new CellWeights(
                  unary.softmax(1).expandDims(0),
                  binary.softmax(1).expandDims(0),
                  Candidates.all(space),
                  false));
          y = cell.forward(new ParameterStore(manager, false), new NDList(x), true).head();
          collector.backward(y.mul(manager.create(upstream)).sum());
          cells.backward(collector);
        }
        float[] dUnary = unary.getGradient().toFloatArray();
        float[] dBinary = binary.getGradient().toFloatArray();
        float[] dBeta =
            beta.length == 0
                ? new float[0]
                : cell.getParameters().get(0).getValue().getArray().getGradient().toFloatArray();
        return new Solution(
            y.toFloatArray(), x.getGradient().toFloatArray(), joined(dUnary, dBinary), dBeta);
      }
    }

    private static NDArray matrix(NDManager manager, float[] values, int rows) {
      NDArray matrix = manager.create(values).reshape(rows, values.length / rows);
      matrix.setRequiresGradient(true);
      return matrix;
    }
  }

  private record Solution(float[] y, float[] dx, float[] dAlpha, float[] dBeta) {}

  /**
   * Measures the error for a random cell on random inputs.
   *
   * @param space the search space
   * @param grid the grid of the tabulated cell
   * @param inputs the number of inputs
   * @param seed the seed
   * @return the error
   */
  public static TableError measure(CellSpace space, Grid grid, int inputs, long seed) {
    Random random = new Random(seed);
    float[] x = normal(random, inputs, DEVIATION);
    Problem problem = Problem.draw(space, grid, random, x, normal(random, inputs, 1));
    Solution exact = problem.solve(Evaluation.EXACT);
    Solution table = problem.solve(Evaluation.TABULATED);
    return new TableError(
        IntStream.range(0, inputs)
            .mapToDouble(i -> Math.abs(exact.y[i] - table.y[i]))
            .max()
            .orElseThrow(),
        relative(exact.dx, table.dx),
        relative(exact.dAlpha, table.dAlpha),
        relative(exact.dBeta, table.dBeta));
  }

  /**
   * Evaluates a random cell along x both ways, over the grid and half as far again.
   *
   * @param space the search space
   * @param grid the grid of the tabulated cell
   * @param points the number of points
   * @param seed the seed of the cell
   * @return the values and slopes
   */
  public static Profile profile(CellSpace space, Grid grid, int points, long seed) {
    double[] x = SpacePlots.points(points, 1.5 * grid.radius());
    float[] ones = new float[points];
    float[] inputs = new float[points];
    for (int i = 0; i < points; i++) {
      ones[i] = 1;
      inputs[i] = (float) x[i];
    }
    Problem problem = Problem.draw(space, grid, new Random(seed), inputs, ones);
    Solution exact = problem.solve(Evaluation.EXACT);
    Solution table = problem.solve(Evaluation.TABULATED);
    return new Profile(
        grid, x, doubles(exact.y), doubles(table.y), doubles(exact.dx), doubles(table.dx));
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static float[] normal(Random random, int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static float[] joined(float[] a, float[] b) {
    float[] joined = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  private static double relative(float[] exact, float[] other) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += Math.pow((double) other[i] - exact[i], 2);
      size += Math.pow(exact[i], 2);
    }
    return difference == 0 ? 0 : Math.sqrt(difference / size);
  }
}
