package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlantedTeacherTest {

  private static PlantedTeacher teacher(int layers, double noise, long seed) {
    return new PlantedTeacher(Math::sin, 4, 8, layers, 1.5, noise, seed);
  }

  @Test
  void targetsAreStandardised() {
    for (int layers : new int[] {1, 2}) {
      float[] y = teacher(layers, 0, 3).points(20_000).y();
      double mean = IntStream.range(0, y.length).mapToDouble(i -> y[i]).average().orElseThrow();
      double square =
          IntStream.range(0, y.length).mapToDouble(i -> y[i] * y[i]).average().orElseThrow();
      assertEquals(0, mean, 0.1, layers + " layers");
      assertEquals(1, square, 0.1, layers + " layers");
    }
  }

  /**
   * With the identity as activation the whole network is linear, so that the residual of least
   * squares is the noise.
   */
  @Test
  void aLinearTeacherIsLinearAndItsNoiseHasItsSize() {
    Points points = new PlantedTeacher(z -> z, 1, 5, 2, 1, 0.05, 7).points(4000);
    double[] x = IntStream.range(0, 4000).mapToDouble(i -> points.x()[i]).toArray();
    double[] y = IntStream.range(0, 4000).mapToDouble(i -> points.y()[i]).toArray();
    var line = smile.math.MathEx.cov(x, y) / smile.math.MathEx.var(x);
    double offset = smile.math.MathEx.mean(y) - line * smile.math.MathEx.mean(x);
    double[] left =
        IntStream.range(0, 4000).mapToDouble(i -> y[i] - line * x[i] - offset).toArray();
    assertEquals(0.05, Math.sqrt(smile.math.MathEx.var(left)), 0.003);
  }

  @Test
  void theSeedDecidesAllAndMorePointsBeginAlike() {
    assertArrayEquals(
        teacher(2, 0.1, 1).points(50).y(), teacher(2, 0.1, 1).points(80).part(0, 50).y());
    assertNotEquals(teacher(1, 0, 1).points(1).y()[0], teacher(1, 0, 2).points(1).y()[0]);
    assertThrows(IllegalArgumentException.class, () -> teacher(3, 0, 1));
  }

  @Test
  void anEpochServesEachPointOnceWithItsTarget() {
    float[] x = {0, 1, 2, 3, 4, 5, 6, 7};
    Points points = new Points(2, x, new float[] {1, 5, 9, 13});
    try (NDManager manager = NDManager.newBaseManager()) {
      Set<Float> seen = new TreeSet<>();
      for (Batch batch : points.batches(2, 1).epoch(manager, 3)) {
        try (batch) {
          float[] data = batch.getData().head().toFloatArray();
          float[] labels = batch.getLabels().head().toFloatArray();
          for (int i = 0; i < 2; i++) {
            assertEquals(data[2 * i] + data[2 * i + 1], labels[i]);
            seen.add(labels[i]);
          }
        }
      }
      assertEquals(new TreeSet<>(Arrays.asList(1f, 5f, 9f, 13f)), seen);
    }
    assertThrows(IllegalArgumentException.class, () -> points.batches(5, 1));
  }
}
