package grafs.study;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.RelaxedCell;
import grafs.model.Activations;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import smile.math.MathEx;

/**
 * The error of a relaxed cell that is read from its table: a random cell with softmax weights of α
 * ~ N(0, 1) and β at their starting values is evaluated exactly and by its table, with all
 * gradients of a loss L = Σ cᵢ·f(xᵢ).
 *
 * @param exact every operation evaluated at every x
 * @param tabulated read from the table, as in a search
 */
public record TabulationError(Values exact, Values tabulated) {

  private static final double DEVIATION = 3;

  /**
   * Values of the cell and gradients of the loss.
   *
   * @param y f(x), {@code [inputs]}
   * @param x dL/dx, {@code [inputs]}
   * @param weights dL/dw, the places' one after another
   * @param beta dL/dβ; empty in a space without β
   */
  public record Values(double[] y, double[] x, double[] weights, double[] beta) {}

  /**
   * Evaluates a random cell at x ~ N(0, 3²) with a random loss, c ~ N(0, 1).
   *
   * @param space the search space
   * @param inputs the number of inputs, more than the grid has nodes
   * @param seed the seed of inputs, loss and cell
   * @return both evaluations
   */
  public static TabulationError random(CellSpace space, int inputs, long seed) {
    Random random = new Random(seed);
    double[] x = DoubleStream.generate(random::nextGaussian).limit(inputs).toArray();
    double[] c = DoubleStream.generate(random::nextGaussian).limit(inputs).toArray();
    return of(space, DoubleStream.of(x).map(at -> DEVIATION * at).toArray(), c, seed);
  }

  /**
   * Evaluates a random cell along x with c = 1, so that dL/dx is the slope f′(x).
   *
   * @param space the search space
   * @param x the inputs, more than the grid has nodes
   * @param seed the seed of the cell
   * @return both evaluations
   */
  public static TabulationError along(CellSpace space, double[] x, long seed) {
    return of(space, x, DoubleStream.generate(() -> 1).limit(x.length).toArray(), seed);
  }

  private static TabulationError of(CellSpace space, double[] x, double[] c, long seed) {
    double[] inputs = singles(x);
    double[] loss = singles(c);
    CellWeights weights =
        new CellWeights(
            new double[][][] {RelaxedFunction.random(space, 1, seed).weights()},
            space.betaStart(new Random(seed)),
            Candidates.all(space));
    return new TabulationError(
        exact(space, weights, inputs, loss), read(space, weights, inputs, loss));
  }

  /** Rounds to float32, in which a network computes. */
  private static double[] singles(double[] values) {
    return DoubleStream.of(values).map(value -> (float) value).toArray();
  }

  /** {@return the largest |Δf(x)|} */
  public double largest() {
    return IntStream.range(0, exact.y.length)
        .mapToDouble(i -> Math.abs(exact.y[i] - tabulated.y[i]))
        .max()
        .orElseThrow();
  }

  /**
   * Compares a gradient.
   *
   * @param gradient which one, such as {@code TabulationError.Values::weights}
   * @return its relative error, ‖Δ‖₂ / ‖exact‖₂; 0 if both are the same or empty
   */
  public double relative(Function<Values, double[]> gradient) {
    double[] one = gradient.apply(exact);
    double[] other = gradient.apply(tabulated);
    double distance = MathEx.distance(one, other);
    return distance == 0 ? 0 : distance / MathEx.norm(one);
  }

  private static Values exact(CellSpace space, CellWeights weights, double[] x, double[] c) {
    RelaxedCell.Pass pass = new RelaxedCell(space).evaluate(x, weights, 0);
    CellWeights.Gradient gradient = weights.zeroGradient();
    pass.backward(c, gradient.weights()[0], gradient.beta());
    double[] slopes = pass.slopes();
    double[] dx = IntStream.range(0, c.length).mapToDouble(i -> c[i] * slopes[i]).toArray();
    return new Values(pass.values(), dx, flat(gradient.weights()[0]), flat(gradient.beta()));
  }

  private static Values read(CellSpace space, CellWeights weights, double[] x, double[] c) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Cells cells = new Cells(space, Activations.of("relu").get());
      Block cell = cells.get();
      NDArray input = manager.create(x).toType(DataType.FLOAT32, true);
      NDArray loss = manager.create(c).toType(DataType.FLOAT32, true);
      cell.initialize(manager, input.getDataType(), input.getShape());
      input.setRequiresGradient(true);
      cells.relax(weights, true);
      NDArray y;
      CellWeights.Gradient gradient;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        y = cell.forward(new ParameterStore(manager, false), new NDList(input), true).head();
        collector.backward(y.mul(loss).sum());
        gradient = cells.gradient();
      }
      return new Values(
          y.toType(DataType.FLOAT64, true).toDoubleArray(),
          input.getGradient().toType(DataType.FLOAT64, true).toDoubleArray(),
          flat(gradient.weights()[0]),
          flat(gradient.beta()));
    }
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(DoubleStream::of).toArray();
  }
}
