package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellFitTest {

  private static final long SEED = 12;

  /** Pre-activations from N(0.5, 1.8²), since a network's need not follow N(0, 1). */
  private static float[] seen() {
    Random random = new Random(SEED);
    float[] values = new float[4000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 + 1.8 * random.nextGaussian());
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"max0(x)", "gelu(x)", "silu(x)"})
  void comesNearTheDefaultYetUndecided(String target) {
    Expression function = Expression.parse(target);
    for (Relaxation relaxation : new Relaxation[] {Relaxation.SOFTMAX, Relaxation.DRNAS}) {
      ArchitectureParameters architecture = new ArchitectureParameters(CellSpace.wide(), SEED);
      CellFit fit = relaxation == Relaxation.SOFTMAX ? CellFit.SOFTMAX : CellFit.DRNAS;
      double error =
          fit.fit(architecture, relaxation, function::values, new SplittableRandom(SEED), seen());
      double largest =
          Arrays.stream(architecture.alpha())
              .flatMapToDouble(row -> Arrays.stream(relaxation.mean(row)))
              .max()
              .orElseThrow();
      System.out.printf("%s, %s: %.4f, largest %.3f%n", relaxation, target, error, largest);
      assertTrue(error < 0.1, relaxation + " misses by " + error);
      assertTrue(largest < 0.95, "undecided: " + largest);
    }
  }

  @Test
  void offChangesNothing() {
    ArchitectureParameters architecture = new ArchitectureParameters(CellSpace.wide(), SEED);
    double[][] before = architecture.alphaValues();
    double error =
        CellFit.OFF.fit(
            architecture,
            Relaxation.SOFTMAX,
            Expression.parse("max0(x)")::values,
            new SplittableRandom(SEED),
            seen());
    assertTrue(Arrays.deepEquals(before, architecture.alpha()));
    assertTrue(error > 0.2, "the mean of all operations misses ReLU by " + error);
  }

  @Test
  void aCellThatOverflowsEndsTheFit() {
    double error =
        CellFit.SOFTMAX.fit(
            new ArchitectureParameters(CellSpace.paper().unbounded(), SEED),
            Relaxation.SOFTMAX,
            Expression.parse("max0(x)")::values,
            new SplittableRandom(SEED),
            -500,
            500);
    assertEquals(Double.NaN, error);
  }
}
