package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Random;
import org.junit.jupiter.api.Test;

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

  @Test
  void tabulatedCellsComeCloseToExactOnes() {
    CellSpace space = CellSpace.paper();
    for (int trial = 0; trial < 3; trial++) {
      double[] unary = random.doubles(4 * 29, 0, 1).toArray();
      double[] binary = random.doubles(2 * 12, 0, 1).toArray();
      float[] x = floats(20_000, 3);
      for (int i = 0; i < x.length; i++) {
        // Beyond the grid the table is a straight line by definition.
        x[i] = (float) Math.max(-Grid.DEFAULT.radius(), Math.min(Grid.DEFAULT.radius(), x[i]));
      }
      float[] upstream = floats(x.length, 1);
      float[][] exact = cells(space, ActivationCells.Evaluation.EXACT, unary, binary, x, upstream);
      float[][] table =
          cells(space, ActivationCells.Evaluation.TABULATED, unary, binary, x, upstream);
      String where = ", trial " + trial + ", seed " + seed;
      String[] names = {"y", "dL/dx", "dL/dα of edges", "dL/dα of vertices", "dL/dβ"};
      for (int g = 0; g < exact.length; g++) {
        double error = distance(exact[g], table[g]) / norm(exact[g]);
        assertTrue(error < (g == 0 ? 1e-3 : 0.1), names[g] + " is off by " + error + where);
      }
    }
  }

  /** y, dL/dx, dL/d(unary α), dL/d(binary α), dL/dβ of a cell with weights softmax(α). */
  private static float[][] cells(
      CellSpace space,
      ActivationCells.Evaluation evaluation,
      double[] unary,
      double[] binary,
      float[] x,
      float[] upstream) {
    ActivationCells cells =
        new ActivationCells(space, evaluation, Grid.DEFAULT, Activation.reluBlock());
    Block block = cells.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      block.initialize(manager, DataType.FLOAT32, new Shape(x.length));
      NDArray beta = block.getParameters().valueAt(0).getArray();
      beta.setRequiresGradient(true);
      NDArray input = manager.create(x);
      NDArray u =
          manager.create(unary).toType(DataType.FLOAT32, false).reshape(1, 4, 29).duplicate();
      NDArray b =
          manager.create(binary).toType(DataType.FLOAT32, false).reshape(1, 2, 12).duplicate();
      input.setRequiresGradient(true);
      u.setRequiresGradient(true);
      b.setRequiresGradient(true);
      NDArray y;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        cells.relax(new CellWeights(u.softmax(2), b.softmax(2), Candidates.all(space), false));
        y = block.forward(new ParameterStore(manager, false), new NDList(input), true).head();
        collector.backward(y.mul(manager.create(upstream)).sum());
        cells.backward(collector);
      }
      return new float[][] {
        y.toFloatArray(),
        input.getGradient().toFloatArray(),
        u.getGradient().toFloatArray(),
        b.getGradient().toFloatArray(),
        beta.getGradient().toFloatArray()
      };
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
