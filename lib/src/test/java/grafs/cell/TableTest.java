package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("likeGpu")
class TableTest {

  /** Fixed: how steep random cells are, and so how well a table fits them, has a heavy tail. */
  private final long seed = Long.getLong("grafs.seed", 1);

  private final Random random = new Random(seed);

  /**
   * The readings of a table and the gradients at x and at the table, for a random upstream
   * gradient.
   */
  private record Reading(float[] y, float[] dx, float[] dTable) {}

  private interface Maker {
    Table make(Grid grid, NDArray values);
  }

  @Test
  void hostReadsAndBinsWhatTensorOperationsDo() {
    Grid grid = new Grid(33, 4);
    float[] table = floats(2 * grid.points(), 1);
    float[] x = floats(70_000, 3);
    x[0] = 0;
    x[1] = (float) grid.radius();
    x[2] = (float) -grid.radius();
    x[3] = 30;
    x[4] = -30;
    float[] upstream = floats(x.length, 1);
    Reading host = read(grid, table, x, upstream, (g, values) -> new HostTable(g, values, true));
    Reading device = read(grid, table, x, upstream, DeviceTable::new);
    near(device.y, host.y, 1e-5, "y");
    near(device.dx, host.dx, 1e-5, "dL/dx");
    near(device.dTable, host.dTable, 1e-4, "dL/dT");
  }

  @Test
  void readsBetweenAndBeyondTheGridLinearly() {
    Grid grid = new Grid(5, 2);
    float[] square = {4, 1, 0, 1, 4};
    float[] x = {-2, -1.5f, 0, 0.25f, 2, 4, -5};
    float[] expected = {4, 2.5f, 0, 0.25f, 4, 10, 13};
    for (Maker maker :
        new Maker[] {(g, values) -> new HostTable(g, values, true), DeviceTable::new}) {
      Reading reading = read(grid, square, x, new float[x.length], maker);
      near(expected, reading.y, 1e-6, "y");
    }
  }

  /** How far tabulated cells are off: y as the largest difference, gradients in the L2 norm. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tabulatedCellsComeCloseToExactOnes(boolean ownWeights) {
    CellSpace space = CellSpace.paper();
    int instances = 19;
    int rows = ownWeights ? instances : 1;
    float[] unary = floats(rows * 4 * 29, 1);
    float[] binary = floats(rows * 2 * 12, 1);
    float[] beta = floats(instances * space.betas(), 0.5);
    for (int i = 0; i < beta.length; i++) {
      beta[i] += space.betaStart()[i % space.betas()];
    }
    float[] x = floats(instances * 4096, 3);
    for (int i = 0; i < 50; i++) {
      x[100 * i] = 4 * (i - 25);
    }
    float[] upstream = floats(x.length, 1);
    float[][] inputs = {unary, binary, beta, x, upstream};
    float[][] exact = cells(space, ActivationCells.Evaluation.EXACT, rows, inputs);
    float[][] table = cells(space, ActivationCells.Evaluation.TABULATED, rows, inputs);
    String where = " is off by %s, seed " + seed;
    for (int i = 0; i < x.length; i++) {
      double error = Math.abs((double) exact[0][i] - table[0][i]);
      assertTrue(error <= 1e-3, "y at x = " + x[i] + where.formatted(error));
    }
    String[] names = {"y", "dL/dx", "dL/dα of edges", "dL/dα of vertices", "dL/dβ"};
    for (int g = 1; g < exact.length; g++) {
      double error = distance(exact[g], table[g]) / norm(exact[g]);
      assertTrue(error <= 1e-2, names[g] + where.formatted(error));
    }
  }

  /** y, dL/dx, dL/d(unary α), dL/d(binary α), dL/dβ of cells with weights softmax(α). */
  private static float[][] cells(
      CellSpace space, ActivationCells.Evaluation evaluation, int rows, float[][] inputs) {
    ActivationCells cells =
        new ActivationCells(space, evaluation, Grid.DEFAULT, Activation.reluBlock());
    int instances = inputs[2].length / space.betas();
    int n = inputs[3].length / instances;
    try (NDManager manager = NDManager.newBaseManager()) {
      List<Block> blocks = new ArrayList<>();
      NDList x = new NDList();
      NDList beta = new NDList();
      for (int i = 0; i < instances; i++) {
        Block block = cells.get();
        block.initialize(manager, DataType.FLOAT32, new Shape(n));
        NDArray own = block.getParameters().valueAt(0).getArray();
        own.set(Arrays.copyOfRange(inputs[2], i * space.betas(), (i + 1) * space.betas()));
        blocks.add(block);
        beta.add(own);
        x.add(manager.create(Arrays.copyOfRange(inputs[3], i * n, (i + 1) * n)));
      }
      NDArray u = manager.create(inputs[0], new Shape(rows, 4, 29));
      NDArray b = manager.create(inputs[1], new Shape(rows, 2, 12));
      NDList leaves = new NDList(u, b);
      leaves.addAll(x);
      leaves.addAll(beta);
      leaves.forEach(leaf -> leaf.setRequiresGradient(true));
      NDList y = new NDList();
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        cells.relax(new CellWeights(u.softmax(2), b.softmax(2), Candidates.all(space), false));
        ParameterStore store = new ParameterStore(manager, false);
        for (int i = 0; i < instances; i++) {
          y.addAll(blocks.get(i).forward(store, new NDList(x.get(i)), true));
        }
        collector.backward(NDArrays.concat(y).mul(manager.create(inputs[4])).sum());
        cells.backward(collector);
      }
      return new float[][] {
        NDArrays.concat(y).toFloatArray(),
        NDArrays.concat(gradients(x)).toFloatArray(),
        u.getGradient().toFloatArray(),
        b.getGradient().toFloatArray(),
        NDArrays.concat(gradients(beta)).toFloatArray()
      };
    }
  }

  private static NDList gradients(NDList leaves) {
    return new NDList(leaves.stream().map(NDArray::getGradient).toArray(NDArray[]::new));
  }

  @Test
  void aBetaThatTheOutputDoesNotDependOnIsLeftAlone() {
    CellSpace space =
        new CellSpace(
            new CellGraph(1), OperationSet.of("identity", "scale", "left", "add"), Bounds.SEARCH);
    ActivationCells cells =
        new ActivationCells(
            space, ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, Activation.reluBlock());
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = cells.get();
      block.initialize(manager, DataType.FLOAT32, new Shape(3));
      NDArray beta = block.getParameters().valueAt(0).getArray();
      beta.setRequiresGradient(true);
      NDArray x = manager.create(new float[] {-1, 0.5f, 20});
      x.setRequiresGradient(true);
      // left(x, β·x)
      Candidates candidates = new Candidates(List.of(List.of(0), List.of(1)), List.of(List.of(0)));
      CellWeights weights =
          new CellWeights(
              manager.create(new float[] {1, 0, 0, 1}, new Shape(1, 2, 2)),
              manager.create(new float[] {1, 0}, new Shape(1, 1, 2)),
              candidates,
              true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        cells.relax(weights);
        NDList y = block.forward(new ParameterStore(manager, false), new NDList(x), true);
        near(x.toFloatArray(), y.head().toFloatArray(), 1e-5, "y");
        collector.backward(y.head().sum());
        cells.backward(collector);
      }
      near(new float[] {1, 1, 1}, x.getGradient().toFloatArray(), 1e-5, "dL/dx");
      assertTrue(beta.getGradient().abs().sum().getFloat() == 0, "β moved");
    }
  }

  @Test
  void argumentsMayLieInMemoryInAnyOrder() {
    Grid grid = new Grid(33, 4);
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray values = manager.create(floats(grid.points(), 1)).expandDims(0);
      NDArray x = manager.create(floats(60, 2), new Shape(5, 12));
      NDArray rows = new HostTable(grid, values, false).read(0, x);
      NDArray columns = new HostTable(grid, values, false).read(0, x.transpose());
      assertArrayEquals(rows.toFloatArray(), columns.transpose().toFloatArray(), 0);
    }
  }

  private static Reading read(Grid grid, float[] table, float[] x, float[] upstream, Maker maker) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      int rows = table.length / grid.points();
      NDArray values = manager.create(table, new Shape(rows, grid.points()));
      NDArray input = manager.create(x);
      values.setRequiresGradient(true);
      input.setRequiresGradient(true);
      NDArray y;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        // As in a search, the table is not a leaf of autograd's graph.
        Table made = maker.make(grid, values.add(0));
        y = made.read(rows - 1, input);
        collector.backward(y.mul(manager.create(upstream)).sum());
        made.backward(collector);
      }
      return new Reading(
          y.toFloatArray(),
          input.getGradient().toFloatArray(),
          values.getGradient().toFloatArray());
    }
  }

  private float[] floats(int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private void near(float[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      double allowed = tolerance * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], actual[i], allowed, what + "[" + i + "], seed " + seed);
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  private static double norm(float[] a) {
    return distance(a, new float[a.length]);
  }
}
