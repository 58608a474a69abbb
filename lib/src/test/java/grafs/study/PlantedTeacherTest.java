package grafs.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import grafs.data.DatasetBatches;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import smile.math.MathEx;

/** Tests {@link PlantedTeacher}, a random network that computes the targets of a regression. */
class PlantedTeacherTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** {@return a teacher with the activation sin, 4 inputs and layers of 8 units} */
  private static PlantedTeacher teacher(int layers, double noise, long seed) {
    return new PlantedTeacher(Math::sin, 4, 8, layers, 1.5, noise, seed);
  }

  /** {@return the coordinates of all points, or their targets} */
  private double[] numbers(ArrayDataset points, boolean targets) {
    int all = (int) points.size();
    try (Batch batch = DatasetBatches.inOrder(points, all).epoch(manager, 0).iterator().next()) {
      float[] values = (targets ? batch.getLabels() : batch.getData()).head().toFloatArray();
      return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
  }

  private double[] targets(PlantedTeacher teacher, int count) {
    return numbers(teacher.points(manager, count).get(0), true);
  }

  @Test
  void targetsAreStandardised() {
    for (int layers : new int[] {1, 2}) {
      double[] y = targets(teacher(layers, 0, 3), 20_000);
      assertEquals(0, MathEx.mean(y), 0.1, layers + " layers");
      assertEquals(1, MathEx.var(y), 0.1, layers + " layers");
    }
  }

  /**
   * With the identity as activation the whole network is linear, so the residuals of a linear
   * regression are the noise.
   */
  @Test
  void aLinearTeacherIsLinearAndItsNoiseHasItsSize() {
    ArrayDataset points =
        new PlantedTeacher(z -> z, 1, 5, 2, 1, 0.05, 7).points(manager, 4000).get(0);
    double[] x = numbers(points, false);
    double[] y = numbers(points, true);
    double line = MathEx.cov(x, y) / MathEx.var(x);
    double offset = MathEx.mean(y) - line * MathEx.mean(x);
    double[] left =
        IntStream.range(0, 4000).mapToDouble(i -> y[i] - line * x[i] - offset).toArray();
    assertEquals(0.05, Math.sqrt(MathEx.var(left)), 0.003);
  }

  @Test
  void theSeedDecidesAllAndPartsFollowOneAnother() {
    double[] whole = targets(teacher(2, 0.1, 1), 80);
    List<ArrayDataset> parts = teacher(2, 0.1, 1).points(manager, 50, 30);
    double[] first = numbers(parts.get(0), true);
    double[] second = numbers(parts.get(1), true);
    assertArrayEquals(
        whole,
        IntStream.range(0, 80).mapToDouble(i -> i < 50 ? first[i] : second[i - 50]).toArray());
    assertNotEquals(targets(teacher(1, 0, 1), 1)[0], targets(teacher(1, 0, 2), 1)[0]);
  }
}
