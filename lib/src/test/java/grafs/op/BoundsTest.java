package grafs.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BoundsTest {

  @Test
  void changesNothingUpToFourFifths() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] y = {-8, -3.3f, 0, 1e-30f, 7.99f, 8};
      assertArrayEquals(y, Bounds.SEARCH.apply(manager.create(y)).toFloatArray(), 0);
      float[] large = {-3e38f, 12};
      assertArrayEquals(large, Bounds.OVERFLOW.apply(manager.create(large)).toFloatArray(), 0);
    }
  }

  @Test
  void approachesTheLimitSmoothlyAndNeverFallsBack() {
    try (NDManager manager = NDManager.newBaseManager()) {
      double h = 1e-3;
      double[] points = IntStream.range(-40_000, 40_000).mapToDouble(i -> i * h).toArray();
      NDArray y = manager.create(points);
      y.setRequiresGradient(true);
      double[] bounded;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray applied = Bounds.SEARCH.apply(y);
        bounded = applied.toDoubleArray();
        collector.backward(applied.sum());
      }
      double[] slope = y.getGradient().toDoubleArray();
      for (int i = 1; i < points.length; i++) {
        assertTrue(Math.abs(bounded[i]) < 10, "at " + points[i]);
        assertTrue(bounded[i] > bounded[i - 1], "grows at " + points[i]);
        assertTrue(slope[i] > 0 && slope[i] <= 1, "slope " + slope[i] + " at " + points[i]);
        assertEquals(slope[i - 1], slope[i], 2 * h, "the slope jumps at " + points[i]);
      }
      // k + e/(1 + e/(ℓ − k)) at e = ℓ − k is half way from k to ℓ.
      assertEquals(9, Bounds.SEARCH.apply(manager.create(10.0)).getDouble(), 1e-12);
    }
  }

  @Test
  void finiteWithFiniteGradientForEveryFloat() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray y = manager.create(new float[] {3.4e38f, -3.4e38f, 1e9f, 0, -0f, 1e-45f});
      y.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray applied = Bounds.SEARCH.apply(y);
        assertArrayEquals(new float[] {10, -10, 10, 0, 0, 1e-45f}, applied.toFloatArray(), 1e-6f);
        collector.backward(applied.sum());
      }
      for (float gradient : y.getGradient().toFloatArray()) {
        assertTrue(Float.isFinite(gradient), "gradient " + gradient);
      }
    }
  }

  @Test
  void oneLargeElementAmongManyIsBounded() {
    Random random = new Random(1);
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int size : new int[] {1, 1023, 1024, 1025, 3000}) {
        for (float large : new float[] {8.001f, -40, 3e38f}) {
          float[] y = new float[size];
          for (int i = 0; i < size; i++) {
            y[i] = 16 * random.nextFloat() - 8;
          }
          y[random.nextInt(size)] = large;
          NDArray each = manager.create(y);
          NDArray expected = Bounds.SEARCH.apply(each.toType(DataType.FLOAT64, true));
          float[] values = expected.toType(DataType.FLOAT32, true).toFloatArray();
          assertArrayEquals(values, Bounds.SEARCH.apply(each).toFloatArray(), 1e-6f);
          NDArray stacked = Bounds.SEARCH.stack(new NDList(each, each.zerosLike()), 1);
          assertArrayEquals(values, stacked.get(":,0").toFloatArray(), 1e-6f);
        }
      }
    }
  }

  @Test
  void refusesLimitsThatAreNone() {
    for (double limit : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      String said =
          assertThrows(IllegalArgumentException.class, () -> new Bounds(limit)).getMessage();
      assertTrue(said.contains("ℓ") && said.contains("" + limit), said);
    }
  }
}
