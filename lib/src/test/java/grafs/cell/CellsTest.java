package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares two ways to compute a relaxed cell: a graph of places that each compute a weighted sum
 * of candidate operations. {@link Cells} reads the cell from a table, as a network does; {@link
 * RelaxedCell} evaluates it exactly. Compared are the values and the derivatives with respect to
 * the cell's input x, to the mixing weights w (the factors in the sums), and to the learnable
 * scalars β that some operations have. A network has several instances of a cell, one in place of
 * each activation.
 *
 * <p>The build runs these tests a second time with {@code -Dgrafs.likeGpu=true}, where {@link
 * Cells} reads the table by tensor operations, as on a GPU.
 */
@Tag("likeGpu")
class CellsTest {

  private static final long SEED = 5;

  /**
   * The results of one forward and backward pass.
   *
   * @param y the values of all instances of the cell, one instance after the other
   * @param dx the derivatives of the loss with respect to all inputs, in the same order
   * @param gradient the derivatives of the loss with respect to w and β
   */
  private record Read(double[] y, double[] dx, CellWeights.Gradient gradient) {}

  /**
   * Runs a forward and backward pass with one instance for each row of x. The loss is Σ upstream·y
   * over all elements of the instances' outputs y.
   */
  private static Read read(Cells cells, CellWeights weights, float[][] x, float[][] upstream) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      ParameterStore store = new ParameterStore(manager, false);
      List<NDArray> inputs = new ArrayList<>();
      List<NDArray> outputs = new ArrayList<>();
      CellWeights.Gradient gradient;
      cells.relax(weights, true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray loss = manager.create(0f);
        for (int i = 0; i < x.length; i++) {
          Block cell = cells.get();
          NDArray in = manager.create(x[i]);
          in.setRequiresGradient(true);
          NDArray y = cell.forward(store, new NDList(in), true).head();
          inputs.add(in);
          outputs.add(y);
          loss = loss.add(y.mul(manager.create(upstream[i])).sum());
        }
        collector.backward(loss);
        gradient = cells.gradient();
      }
      return new Read(
          outputs.stream().flatMapToDouble(a -> doubles(a.toFloatArray())).toArray(),
          inputs.stream().flatMapToDouble(a -> doubles(a.getGradient().toFloatArray())).toArray(),
          gradient);
    }
  }

  private static java.util.stream.DoubleStream doubles(float... values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
  }

  private static float[] normal(Random random, int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /**
   * Draws rows of mixing weights, at each place the softmax of numbers from N(0, 1), and starting
   * values of β.
   */
  private static CellWeights weights(CellSpace space, int rows, Random random) {
    double[][][] weights = new double[rows][][];
    for (int row = 0; row < rows; row++) {
      weights[row] =
          space.places().stream()
              .map(
                  place -> {
                    double[] w =
                        place.candidates().stream()
                            .mapToDouble(op -> Math.exp(random.nextGaussian()))
                            .toArray();
                    double sum = Arrays.stream(w).sum();
                    return Arrays.stream(w).map(v -> v / sum).toArray();
                  })
              .toArray(double[][]::new);
    }
    return new CellWeights(weights, space.betaStart(random), Candidates.all(space));
  }

  /**
   * Computes three instances of a cell in a forward and backward pass of {@link Cells}, and
   * compares the results with those of {@link RelaxedCell}.
   *
   * @param space the search space
   * @param rows the number of rows of mixing weights: 3 if each instance has its own row, 1 if all
   *     instances share one
   * @param numbers the number of elements of each instance's input
   * @param deviation the standard deviation of the input
   * @param y the largest accepted relative error of the values, in the Euclidean norm (see {@link
   *     #distance})
   * @param dx the largest accepted relative error of the derivatives with respect to x
   * @param dw the largest accepted relative error of the derivatives with respect to w, and of
   *     those with respect to β
   */
  private static void compare(
      CellSpace space, int rows, int numbers, double deviation, double y, double dx, double dw) {
    Random random = new Random(SEED);
    int instances = 3;
    CellWeights weights = weights(space, rows, random);
    float[][] x = new float[instances][];
    float[][] c = new float[instances][];
    for (int i = 0; i < instances; i++) {
      x[i] = normal(random, numbers, deviation);
      c[i] = normal(random, numbers, 1);
    }
    Read read = read(new Cells(space, Activation.reluBlock()), weights, x, c);
    CellWeights.Gradient exact = weights.zeroGradient();
    double[] values = new double[instances * numbers];
    double[] slopes = new double[instances * numbers];
    for (int i = 0; i < instances; i++) {
      RelaxedCell.Pass pass = new RelaxedCell(space).evaluate(doubles(x[i]).toArray(), weights, i);
      int row = weights.row(i);
      pass.backward(doubles(c[i]).toArray(), exact.weights()[row], exact.beta());
      for (int k = 0; k < numbers; k++) {
        values[i * numbers + k] = pass.values()[k];
        slopes[i * numbers + k] = pass.slopes()[k] * c[i][k];
      }
    }
    String where = "%s, %d rows, %d numbers".formatted(space.bounds(), rows, numbers);
    assertTrue(distance(values, read.y) <= y, where + ", y: " + distance(values, read.y));
    assertTrue(distance(slopes, read.dx) <= dx, where + ", dx: " + distance(slopes, read.dx));
    double w = distance(flat(exact.weights()), flat(read.gradient.weights()));
    double β = distance(flat(exact.beta()), flat(read.gradient.beta()));
    assertTrue(w <= dw, where + ", dw: " + w);
    assertTrue(β <= dw, where + ", dβ: " + β);
  }

  private static double[] flat(double[]... rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] flat(double[][]... rows) {
    return Arrays.stream(rows).flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
  }

  /** The relative error of an array in the Euclidean norm, ‖other − exact‖₂ / ‖exact‖₂. */
  private static double distance(double[] exact, double[] other) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += (other[i] - exact[i]) * (other[i] - exact[i]);
      size += exact[i] * exact[i];
    }
    return Math.sqrt(difference / size);
  }

  @Test
  void manyNumbersAreReadFromTheTable() {
    for (int units = 1; units <= 3; units++) {
      for (int rows : new int[] {1, 3}) {
        // 1 or 2 % of the elements lie in a segment with a kink (a jump of the slope), where the
        // slope is not accurate.
        compare(CellSpace.paper().withUnits(units), rows, 20_000, 1, 1e-4, 5e-2, 5e-2);
        compare(CellSpace.wide().withUnits(units), rows, 20_000, 1, 5e-6, 5e-3, 1e-2);
      }
    }
  }

  @Test
  void whereTheCellIsSmoothTheTableFollowsItClosely() {
    CellSpace smooth =
        CellSpace.of(Operations.of("scale", "silu", "tanh", "sin", "add", "gate"), Bounds.PAPER);
    compare(smooth, 3, 20_000, 1, 1e-6, 3e-5, 1e-4);
  }

  /**
   * The cell max(2x + 0.31, 0) + max(x, 0). Its slope jumps by 2 at x = −0.155, inside a segment of
   * the table, and by 1 at 0, where two segments meet.
   */
  @Test
  void aKinkInsideASegmentCostsAnEighthOfItsWidthThereAlone() {
    CellSpace space =
        CellSpace.of(Operations.of("shift", "max0", "add"), Bounds.PAPER).withUnits(2);
    List<Place> places = space.places();
    double[][] w =
        places.stream().map(p -> new double[p.candidates().size()]).toArray(double[][]::new);
    double[][] β =
        places.stream().map(p -> new double[p.candidates().size()]).toArray(double[][]::new);
    for (int p = 0; p < w.length; p++) {
      List<String> names = places.get(p).candidates().stream().map(Operation::name).toList();
      int o = p > 2 && places.get(p).operands().size() == 1 ? names.indexOf("max0") : 0;
      w[p][o] = 1;
      Arrays.fill(β[p], 0.31 / 2);
    }
    CellWeights weights = new CellWeights(new double[][][] {w}, β, Candidates.all(space));
    double width = UniformGrid.SEARCH.width();
    float[] x = new float[40_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (-4 + 8.0 * i / x.length);
    }
    float[] ones = new float[x.length];
    Arrays.fill(ones, 1);
    RelaxedCell.Pass exact = new RelaxedCell(space).evaluate(doubles(x).toArray(), weights, 0);
    Read read =
        read(
            new Cells(space, Activation.reluBlock()),
            weights,
            new float[][] {x},
            new float[][] {ones});
    double jump = exact.slopes()[x.length - 1] - exact.slopes()[0];
    assertTrue(jump > 1, "the slope jumps by " + jump);
    int near = 0;
    for (int i = 0; i < x.length; i++) {
      double off = Math.abs(read.y[i] - exact.values()[i]);
      double slopeOff = Math.abs(read.dx[i] - exact.slopes()[i]);
      near += slopeOff > 1e-3 ? 1 : 0;
      assertTrue(off <= jump * width / 8, "y is off by " + off + " at " + x[i]);
      assertTrue(slopeOff <= jump * 1.5, "the slope is off by " + slopeOff + " at " + x[i]);
    }
    assertTrue(near > 0 && near <= width / 8 * x.length + 1, near + " points near the kink");
  }

  @Test
  void fewNumbersAreEvaluatedThemselves() {
    if (Host.reaches(ai.djl.Device.cpu())) {
      compare(CellSpace.paper(), 3, 500, 5, 1e-6, 1e-6, 1e-6);
      compare(CellSpace.wide(), 1, 1, 1, 1e-6, 1e-6, 1e-6);
    }
  }

  @Test
  void beyondTheGridTheCellIsExact() {
    if (Host.reaches(ai.djl.Device.cpu())) {
      // Fewer than one in ten thousand of the elements lie within ±8.
      compare(CellSpace.paper(), 3, 5_000, 1e5, 1e-6, 1e-6, 1e-6);
    }
  }

  /**
   * Within one pass, which begins with {@link Cells#relax}, the cell's inputs may differ in
   * precision. Each input here has elements beyond ±8, which are not in the table.
   */
  @Test
  void precisionsMayBeMixed() {
    CellSpace space = CellSpace.paper();
    CellWeights weights = weights(space, 1, new Random(SEED));
    Cells cells = new Cells(space, Activation.reluBlock());
    Block cell = cells.get();
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = manager.create(normal(new Random(SEED), 5_000, 10));
      cells.relax(weights, false);
      float[] single = cell.forward(store, new NDList(x), false).head().toFloatArray();
      for (DataType type : List.of(DataType.FLOAT64, DataType.FLOAT16)) {
        NDArray y = cell.forward(store, new NDList(x.toType(type, false)), false).head();
        assertEquals(type, y.getDataType());
        float[] other = y.toType(DataType.FLOAT32, false).toFloatArray();
        double off = distance(doubles(single).toArray(), doubles(other).toArray());
        assertTrue(off < 1e-2, type + " is off by " + off);
      }
    }
  }

  /**
   * The cell 3.4e38·x. The table divides the range of x into segments, and approximates the cell by
   * a parabola in each. In the segment that begins at 1, the cell's value at the upper end is too
   * large for float32. Therefore the elements in this segment are evaluated exactly and not read
   * from the table. They must be counted once in the derivative with respect to β: by the exact
   * evaluation, and not by the table too.
   */
  @Test
  void aSegmentThatOverflowsCountsOnce() {
    if (Host.reaches(ai.djl.Device.cpu())) {
      CellSpace space = CellSpace.of(Operations.of("scale", "left"), Bounds.NONE).withUnits(1);
      double[][] β = {{3.4e38}, {1}, {Double.NaN}};
      CellWeights weights =
          new CellWeights(new double[][][] {{{1}, {1}, {1}}}, β, Candidates.all(space));
      float[] x = new float[3000];
      float[] upstream = new float[x.length];
      Arrays.fill(x, 1.0005f);
      Arrays.fill(upstream, 1e-37f);
      Read read =
          read(
              new Cells(space, Activation.reluBlock()),
              weights,
              new float[][] {x},
              new float[][] {upstream});
      double expected = 3000 * 1e-37 * 1.0005;
      assertEquals(expected, read.gradient.beta()[0][0], 1e-4 * expected);
    }
  }

  /**
   * For an input in float64, the table of a function is read by tensor operations from a tensor, on
   * a CPU as on a GPU. This tensor is kept from pass to pass, and is freed when the cells are set
   * to compute another function.
   */
  @Test
  void theTableOfAFunctionIsUploadedOnce() {
    Cells cells = new Cells(CellSpace.paper(), Activation.reluBlock());
    Block cell = cells.get();
    try (NDManager weights = NDManager.newBaseManager()) {
      cells.compute(Expression.parse("sin(x)"));
      NDArray sine = tableAfterAPass(cell, weights);
      assertSame(sine, tableAfterAPass(cell, weights));
      cells.compute(Expression.parse("cos(x)"));
      assertTrue(sine.isReleased());
      NDArray cosine = tableAfterAPass(cell, weights);
      assertSame(cosine, tableAfterAPass(cell, weights));
      cells.restoreDefault();
      assertTrue(cosine.isReleased());
    }
  }

  /**
   * Runs a forward pass in float64. Returns the only tensor that the manager {@code weights} then
   * owns, the table's.
   */
  private static NDArray tableAfterAPass(Block cell, NDManager weights) {
    try (NDManager batch = weights.newSubManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray x = batch.create(new double[] {-1, 0, 2});
      cell.forward(new ParameterStore(weights, false), new NDList(x), false);
    }
    List<NDArray> owned = weights.getManagedArrays();
    assertEquals(1, owned.size(), "tensors of the network's manager");
    return owned.get(0);
  }

  @Test
  void oneCellAfterAnotherComputesDefaultFunctionAndRelaxedCell() {
    CellSpace space = CellSpace.paper();
    Cells cells = new Cells(space, Activation.reluBlock());
    Block cell = cells.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new float[] {-2, -0.5f, 0, 3});
      ParameterStore store = new ParameterStore(manager, false);
      float[] relu = cell.forward(store, new NDList(x), false).head().toFloatArray();
      assertEquals("[0.0, 0.0, 0.0, 3.0]", Arrays.toString(relu).replace("-0.0", "0.0"));
      cells.compute(Expression.parse("abs(x)"));
      assertEquals(
          "[2.0, 0.5, 0.0, 3.0]",
          Arrays.toString(cell.forward(store, new NDList(x), false).head().toFloatArray()));
      cells.relax(weights(space, 1, new Random(1)), false);
      float relaxed = cell.forward(store, new NDList(x), false).head().toFloatArray()[0];
      assertTrue(relaxed != 0 && relaxed != 2);
      cells.restoreDefault();
      assertEquals(
          Arrays.toString(relu),
          Arrays.toString(cell.forward(store, new NDList(x), false).head().toFloatArray()));
    }
  }
}
