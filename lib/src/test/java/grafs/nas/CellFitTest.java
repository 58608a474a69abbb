package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.RelaxedCell;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import smile.math.MathEx;
import smile.stat.distribution.GaussianDistribution;

/**
 * Tests {@link CellFit}: it makes the relaxed cell of a search, which mixes all candidate
 * operations, approximate a default activation such as ReLU, but does not decide for one operation.
 */
class CellFitTest {

  private static final long SEED = 12;

  /**
   * Returns 4000 numbers drawn from N(0.5, 1.8²), in place of pre-activations, the numbers that a
   * network feeds into its activations. Those are not standard normal either.
   */
  private static float[] seen() {
    Random random = new Random(SEED);
    float[] values = new float[4000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 + 1.8 * random.nextGaussian());
    }
    return values;
  }

  /**
   * Settings with which the relaxed cell comes close to the default activation if its mixing
   * weights are a softmax ({@link Relaxation#SOFTMAX}): 300 steps of Adam, a learning rate that
   * begins at 0.1, and a penalty of 3e-4 times the sum of the squared mixing weights.
   */
  private static final CellFit SOFTMAX = new CellFit(300, 0.1, 3e-4);

  /**
   * Returns the root-mean-square difference of the relaxed cell and a function, over 512 numbers x
   * drawn from N(0, 1) and 256 draws of mixing weights.
   */
  private static double error(
      ArchitectureParameters architecture, Relaxation relaxation, Expression function) {
    RelaxedCell cell = new RelaxedCell(architecture.space());
    double[][][] drawn = architecture.draw(relaxation, 256, new SplittableRandom(SEED)).weights();
    double[] x =
        new Random(SEED).doubles(512).map(new GaussianDistribution(0, 1)::quantile).toArray();
    double[] y = function.values(x);
    return Math.sqrt(
        IntStream.range(0, drawn.length)
            .mapToObj(row -> cell.evaluate(x, architecture.weights(drawn), row).values())
            .mapToDouble(values -> MathEx.squaredDistance(values, y) / x.length)
            .average()
            .orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({"max0(x)", "gelu(x)", "silu(x)"})
  void comesNearTheDefaultYetUndecided(String target) {
    Expression function = Expression.parse(target);
    for (Relaxation relaxation : new Relaxation[] {Relaxation.SOFTMAX, Relaxation.DRNAS}) {
      ArchitectureParameters architecture = new ArchitectureParameters(CellSpace.wide(), SEED);
      CellFit fit = relaxation == Relaxation.SOFTMAX ? SOFTMAX : CellFit.DRNAS;
      assertTrue(
          fit.fit(architecture, relaxation, function::values, new SplittableRandom(SEED), seen()));
      double error = error(architecture, relaxation, function);
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
    Expression relu = Expression.parse("max0(x)");
    CellFit.OFF.fit(
        architecture, Relaxation.SOFTMAX, relu::values, new SplittableRandom(SEED), seen());
    assertTrue(Arrays.deepEquals(before, architecture.alpha()));
    double error = error(architecture, Relaxation.SOFTMAX, relu);
    assertTrue(error > 0.2, "the mean of all operations misses ReLU by " + error);
  }

  @Test
  void aCellThatOverflowsEndsTheFit() {
    assertFalse(
        SOFTMAX.fit(
            new ArchitectureParameters(CellSpace.paper().unbounded(), SEED),
            Relaxation.SOFTMAX,
            Expression.parse("max0(x)")::values,
            new SplittableRandom(SEED),
            -500,
            500));
  }
}
