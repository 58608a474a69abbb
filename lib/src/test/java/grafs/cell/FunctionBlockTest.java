package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares the values and slopes that {@link FunctionBlock}, a block that computes an activation
 * function, reads from tables with those of the function itself. The build runs these tests a
 * second time with {@code -Dgrafs.likeGpu=true}, where the block on a CPU reads the table that it
 * would read on a GPU.
 */
@Tag("likeGpu")
class FunctionBlockTest {

  private static final long SEED = 8;

  /** All functions of {@link KnownActivation} and 60 random functions. */
  private static List<Expression> functions() {
    List<Expression> functions = new ArrayList<>();
    for (KnownActivation known : KnownActivation.values()) {
      if (known.function() != null) {
        functions.add(known.function());
      }
    }
    Random random = new Random(SEED);
    for (int i = 0; i < 60; i++) {
      functions.add((i % 2 == 0 ? CellSpace.paper() : CellSpace.wide()).random(random));
    }
    return functions;
  }

  private static float[] points() {
    Random random = new Random(SEED);
    float[] x = new float[6000];
    for (int i = 0; i < x.length; i++) {
      // Two thirds are from N(0, 3²), one third has log-uniform magnitudes from 1e-4 to 1e4.
      double magnitude = i % 3 == 0 ? Math.pow(10, 8 * random.nextDouble() - 4) : 0;
      x[i] =
          (float)
              (magnitude == 0
                  ? 3 * random.nextGaussian()
                  : magnitude * Math.signum(random.nextGaussian()));
    }
    return x;
  }

  @Test
  void itIsTheFunctionOutToTenThousand() {
    if (!Host.reaches(Device.cpu())) {
      return; // On a GPU only the table over [−8, 8] is read.
    }
    float[] x = points();
    for (Expression function : functions()) {
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray in = manager.create(x);
        in.setRequiresGradient(true);
        float[] y;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          NDArray out =
              function
                  .get()
                  .forward(new ParameterStore(manager, false), new NDList(in), true)
                  .head();
          y = out.toFloatArray();
          collector.backward(out.sum());
        }
        float[] slope = in.getGradient().toFloatArray();
        double[] d = new double[2];
        for (int i = 0; i < x.length; i++) {
          function.evaluate(x[i], d);
          if (Math.abs(d[0]) < 1e30) {
            assertEquals(
                d[0], y[i], 1e-5 * Math.max(1e-2, Math.abs(d[0])), function + " at " + x[i]);
          }
          if (Math.abs(d[1]) < 1e30) {
            assertEquals(
                d[1], slope[i], 3e-4 * Math.max(1, Math.abs(d[1])), function + "' at " + x[i]);
          }
        }
      }
    }
  }

  @Test
  void farFromZeroItIsReadFromATableToo() {
    if (!Host.reaches(Device.cpu())) {
      return; // A GPU has no table beyond ±8.
    }
    AtomicInteger evaluations = new AtomicInteger();
    Operation counted =
        Operation.of(
            "counted",
            x -> {
              evaluations.incrementAndGet();
              return x * x;
            });
    float[] x = new float[100_000];
    Random random = new Random(SEED);
    for (int i = 0; i < x.length; i++) {
      x[i] =
          (float) (Math.signum(random.nextGaussian()) * Math.pow(10, 1 + 3 * random.nextDouble()));
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray in = manager.create(x);
      Block block = Expression.parse("counted(x)", counted).get();
      ParameterStore store = new ParameterStore(manager, false);
      block.forward(store, new NDList(in), false);
      evaluations.set(0);
      NDArray y = block.forward(store, new NDList(in), false).head();
      assertEquals(x[7] * x[7], y.getFloat(7), 1e-5 * x[7] * x[7]);
    }
    assertEquals(0, evaluations.get(), "evaluations once all segments are there");
  }

  @Test
  void onOtherDevicesItIsTheFunctionOverTheGrid() {
    Expression function = Expression.parse("gate(scale[1.3](x), sin(x))");
    Table table = new Table(UniformGrid.DEVICE, 1, false);
    table.set(0, function.values(UniformGrid.DEVICE.values()));
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] x = {-7.99f, -3.3f, -1e-3f, 0, 1e-3f, 0.7f, 5.2f, 7.99f};
      NDArray in = manager.create(x);
      in.setRequiresGradient(true);
      NDArray y;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        y = table.readThere(0, in, manager, false);
        collector.backward(y.sum());
      }
      double[] d = new double[2];
      for (int i = 0; i < x.length; i++) {
        function.evaluate(x[i], d);
        assertEquals(d[0], y.getFloat(i), 1e-6, "at " + x[i]);
        assertEquals(d[1], in.getGradient().getFloat(i), 1e-3, "slope at " + x[i]);
      }
    }
  }

  /**
   * Compares values at the ends of the tables and of their segments, and at numbers that are in no
   * table, such as infinity.
   */
  @Test
  void atTheEndsOfRangesItIsTheFunction() {
    if (!Host.reaches(Device.cpu())) {
      return; // On a GPU the block computes the function between ±8 only.
    }
    float[] x = {
      8,
      -8,
      Math.nextUp(8f),
      Math.nextDown(8f),
      Math.nextUp(-8f),
      Math.nextDown(-8f),
      0f,
      -0f,
      1 / 64f,
      -1 / 64f,
      1 / 128f,
      -1 / 128f,
      1 / 256f,
      7.9921875f,
      -7.9921875f,
      Float.MIN_VALUE,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      1 << 20,
      -(1 << 20),
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    for (String text : List.of("atan(x)", "abs(x)", "max0(x)", "constant[0.5](x)")) {
      Expression function = Expression.parse(text);
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray y =
            function
                .get()
                .forward(new ParameterStore(manager, false), new NDList(manager.create(x)), false)
                .head();
        double[] d = new double[2];
        for (int i = 0; i < x.length; i++) {
          function.evaluate(x[i], d);
          float value = (float) d[0];
          float tolerance = Float.isFinite(value) ? 1e-5f * Math.abs(value) : 0;
          // Float.compare is 0 if both are equal or both are NaN.
          assertTrue(
              Float.compare(value, y.getFloat(i)) == 0
                  || Math.abs(value - y.getFloat(i)) <= tolerance,
              text + " at " + x[i] + " is " + y.getFloat(i));
        }
      }
    }
  }

  @Test
  void onOtherDevicesItGoesOnAlongAChord() {
    UniformGrid grid = UniformGrid.DEVICE;
    Table table = new Table(grid, 2, false);
    Expression cube = Expression.parse("cube(x)");
    table.set(0, Expression.parse("abs(x)").values(grid.values()));
    table.set(1, cube.values(grid.values()));
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] x = {-11, -8.5f, 8.5f, 11};
      NDArray in = manager.create(x);
      in.setRequiresGradient(true);
      NDArray y;
      double[][] bins;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        y = table.readThere(1, in, manager, true);
        collector.backward(y.sum());
      }
      // From 7 to 8, x³ goes from 343 to 512, with the mean slope 169. The table continues x³ with
      // this slope beyond 8, and likewise below −8.
      for (int i = 0; i < x.length; i++) {
        double beyond = Math.abs(x[i]) - 8;
        assertEquals(Math.signum(x[i]) * (512 + 169 * beyond), y.getFloat(i), 1e-3, "at " + x[i]);
        assertEquals(169, in.getGradient().getFloat(i), 1e-2, "slope at " + x[i]);
      }
      bins = table.gradientThere();
      double[] nodes = table.toNodes(1, bins[1]);
      int end = nodes.length - 1;
      int chord = (int) Math.round(2 / grid.width());
      // Let y₀ be the value at an end of the grid, and y₁ the value inside at distance 1 from that
      // end. At distance b beyond the end, y = y₀ + b·(y₀ − y₁). So ∂y/∂y₀ = 1 + b and ∂y/∂y₁ = −b.
      // The expected numbers are the sums of these derivatives over b = 0.5 and b = 3.
      assertEquals(2 + 3.5, nodes[0], 1e-3);
      assertEquals(-3.5, nodes[chord], 1e-3);
      assertEquals(2 + 3.5, nodes[end], 1e-3);
      assertEquals(-3.5, nodes[end - chord], 1e-3);
      assertEquals(4, Arrays.stream(nodes).sum(), 1e-3);
      assertEquals(0, Arrays.stream(table.toNodes(0, bins[0])).map(Math::abs).sum());
    }
  }

  /**
   * Reads the table that is meant for GPUs: a CPU reads it too if the input is float64. e^(eˣ)
   * overflows float32 at x ≈ 4.49. Beyond 2.3e15, x divided by the width of a segment of the table
   * is larger than every 64-bit integer.
   */
  @Test
  void onOtherDevicesItIsInfiniteWhereTheFunctionIsAndFiniteElsewhere() {
    Map<String, double[]> points =
        Map.of(
            "exp(exp(x))", new double[] {-20, 0, 4.48, 4.5, 5, 7.99, 8, 20},
            "negative(exp(exp(negative(x))))", new double[] {-20, -8, -7.99, -5, -4.5, -4.48, 0},
            "max0(x)", new double[] {-1e30, -1e16, -1, 1, 1e15, 1e16, 1e30});
    points.forEach(
        (text, x) -> {
          Expression function = Expression.parse(text);
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray in = manager.create(x);
            NDArray y =
                function
                    .get()
                    .forward(new ParameterStore(manager, false), new NDList(in), false)
                    .head();
            double[] expected = function.values(x);
            for (int i = 0; i < x.length; i++) {
              double value = (float) expected[i];
              double tolerance = Double.isFinite(value) ? 1e-2 * Math.max(1, Math.abs(value)) : 0;
              assertEquals(value, y.getDouble(i), tolerance, text + " at " + x[i]);
            }
          }
        });
  }

  @Test
  void anInputThatIsHandedOverIsFreedAndItsGradientStillRight() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray leaf = manager.create(new float[] {-2, -1, 1, 2});
      leaf.setRequiresGradient(true);
      Block block = Expression.parse("square(x)").get();
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray x = leaf.add(leaf);
        ParameterStore store = new ParameterStore(manager, false);
        NDArray y = block.forward(store, new NDList(x), true, FunctionBlock.OWNED).head();
        assertTrue(x.isReleased());
        collector.backward(y.sum());
      }
      // Let a be the leaf: x = a + a = 2a, so that d(x²)/da = 8a.
      assertEquals(-16, leaf.getGradient().getFloat(0), 1e-4);
      assertEquals(8, leaf.getGradient().getFloat(2), 1e-4);
    }
  }

  @Test
  void halfPrecisionIsReadAsPreciselyAsItCanHold() {
    Expression silu = KnownActivation.SILU.function();
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.arange(-7.5f, 8f, 0.5f).toType(DataType.FLOAT16, false);
      NDArray y =
          silu.get()
              .forward(new ParameterStore(manager, false), new NDList(x), false)
              .singletonOrThrow();
      assertEquals(DataType.FLOAT16, y.getDataType());
      float[] at = x.toType(DataType.FLOAT32, true).toFloatArray();
      float[] read = y.toType(DataType.FLOAT32, true).toFloatArray();
      for (int i = 0; i < at.length; i++) {
        double exact = silu.values(at[i])[0];
        assertEquals(exact, read[i], 1e-3 * Math.max(1, Math.abs(exact)), "at " + at[i]);
      }
    }
  }
}
