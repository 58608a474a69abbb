package grafs.lab;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.Grid;
import grafs.cell.RelaxedCell;
import grafs.model.Activations;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How far a cell as a network reads it from its table is from the cell itself, for one cell:
 * softmax weights of α ~ N(0, 1), β from their start, inputs x ~ N(0, 3²), a random loss L = Σ
 * cᵢ·f(xᵢ) with c ~ N(0, 1).
 *
 * @param value the largest |Δf(x)|
 * @param x the relative error of dL/dx, ‖Δ‖₂ / ‖exact‖₂
 * @param weights the relative error of dL/dw
 * @param beta the relative error of dL/dβ; 0 in a space without β
 */
public record TableError(double value, double x, double weights, double beta) {

  private static final double DEVIATION = 3;

  /**
   * A cell along x, itself and as it is read.
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

  private record Solution(double[] y, double[] dx, double[] dw, double[] dβ) {}

  /**
   * Measures the error for a random cell on random inputs.
   *
   * @param space the search space
   * @param inputs the number of inputs, more than the grid has nodes
   * @param seed the seed
   * @return the error
   */
  public static TableError measure(CellSpace space, int inputs, long seed) {
    Random random = new Random(seed);
    float[] x = normal(random, inputs, DEVIATION);
    float[] c = normal(random, inputs, 1);
    CellWeights weights = draw(space, seed);
    Solution exact = exact(space, weights, x, c);
    Solution table = read(space, weights, x, c);
    return new TableError(
        IntStream.range(0, inputs)
            .mapToDouble(i -> Math.abs(exact.y[i] - table.y[i]))
            .max()
            .orElseThrow(),
        relative(exact.dx, table.dx),
        relative(exact.dw, table.dw),
        relative(exact.dβ, table.dβ));
  }

  /**
   * Evaluates a random cell along x both ways, over the grid and half as far again.
   *
   * @param space the search space
   * @param points the number of points, more than the grid has nodes
   * @param seed the seed of the cell
   * @return the values and slopes
   */
  public static Profile profile(CellSpace space, int points, long seed) {
    double[] x = SpacePlots.points(points, 1.5 * Grid.SEARCH.radius());
    float[] inputs = new float[points];
    float[] ones = new float[points];
    for (int i = 0; i < points; i++) {
      inputs[i] = (float) x[i];
      ones[i] = 1;
    }
    CellWeights weights = draw(space, seed);
    Solution exact = exact(space, weights, inputs, ones);
    Solution table = read(space, weights, inputs, ones);
    return new Profile(Grid.SEARCH, x, exact.y, table.y, exact.dx, table.dx);
  }

  private static CellWeights draw(CellSpace space, long seed) {
    RelaxedFunction cell = RelaxedFunction.random(space, 1, seed);
    return new CellWeights(
        new double[][][] {cell.weights()},
        space.betaStart(new Random(seed)),
        Candidates.all(space));
  }

  private static Solution exact(CellSpace space, CellWeights weights, float[] x, float[] c) {
    RelaxedCell.Pass pass = new RelaxedCell(space).evaluate(doubles(x), weights, 0);
    CellWeights.Gradient gradient = weights.zeroGradient();
    pass.backward(doubles(c), gradient.weights()[0], gradient.beta());
    double[] dx = pass.slopes().clone();
    for (int i = 0; i < dx.length; i++) {
      dx[i] *= c[i];
    }
    return new Solution(pass.values(), dx, flat(gradient.weights()[0]), flat(gradient.beta()));
  }

  private static Solution read(CellSpace space, CellWeights weights, float[] x, float[] c) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Cells cells = new Cells(space, Activations.of("relu").get());
      Block cell = cells.get();
      NDArray input = manager.create(x);
      cell.initialize(manager, input.getDataType(), input.getShape());
      input.setRequiresGradient(true);
      cells.relax(weights, true);
      NDArray y;
      CellWeights.Gradient gradient;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        y = cell.forward(new ParameterStore(manager, false), new NDList(input), true).head();
        collector.backward(y.mul(manager.create(c)).sum());
        gradient = cells.gradient();
      }
      return new Solution(
          doubles(y.toFloatArray()),
          doubles(input.getGradient().toFloatArray()),
          flat(gradient.weights()[0]),
          flat(gradient.beta()));
    }
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(DoubleStream::of).toArray();
  }

  private static double[] doubles(float... values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static float[] normal(Random random, int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static double relative(double[] exact, double[] other) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += (other[i] - exact[i]) * (other[i] - exact[i]);
      size += exact[i] * exact[i];
    }
    return difference == 0 ? 0 : Math.sqrt(difference / size);
  }
}
