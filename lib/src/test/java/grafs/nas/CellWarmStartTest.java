package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.RelaxedCell;
import grafs.model.Activations;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CellWarmStartTest {

  /** What a network may send into its cells: of another mean and width than N(0, 1). */
  private static float[] seen(long seed) {
    Random random = new Random(seed);
    float[] values = new float[4000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 + 1.8 * random.nextGaussian());
    }
    return values;
  }

  private static double rms(
      CellSpace space,
      ArchitectureParameters alpha,
      Relaxation relaxation,
      Block target,
      float[] at) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(at, new Shape(1, at.length));
      NDArray own = manager.create(space.betaStart()).expandDims(0);
      CellWeights weights = relaxation.held(alpha, 100, new SplittableRandom(5));
      NDArray off =
          new RelaxedCell(space)
              .evaluate(x, weights, own)
              .sub(target.forward(null, new NDList(x), false).head());
      return Math.sqrt(off.square().mean().getFloat());
    }
  }

  static Stream<Arguments> starts() {
    return Stream.of("relu", "gelu", "silu")
        .flatMap(
            activation ->
                Stream.of(
                    Arguments.of(Relaxation.SOFTMAX, activation, false),
                    Arguments.of(Relaxation.SOFTMAX, activation, true),
                    Arguments.of(Relaxation.DRNAS, activation, true)));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void startsNearTheDefaultYetUndecided(Relaxation relaxation, String activation, boolean sampled) {
    long seed = System.nanoTime();
    CellSpace space = CellSpace.paper();
    Block target = Activations.of(activation).get();
    boolean draws = relaxation == Relaxation.DRNAS;
    CellWarmStart warmStart = draws ? CellWarmStart.DRNAS : CellWarmStart.DEFAULT;
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, seed)) {
      float[] seen = sampled ? seen(seed) : new float[0];
      double error =
          warmStart.fit(space, alpha, relaxation, target, new SplittableRandom(seed), seen);
      Random random = new Random(~seed);
      float[] normal = new float[2_000];
      for (int i = 0; i < normal.length; i++) {
        normal[i] = (float) random.nextGaussian();
      }
      double onNormal = rms(space, alpha, relaxation, target, normal);
      double onSeen = rms(space, alpha, relaxation, target, seen(seed + 1));
      float largest = relaxation.mean(alpha).unary().max().getFloat();
      String run =
          "%s, %s, seed %d: error %.4f, on N(0, 1) %.4f, on what is seen %.4f, largest weight %.3f"
              .formatted(relaxation, activation, seed, error, onNormal, onSeen, largest);
      System.out.println(run);
      assertEquals(error, onNormal, draws ? 0.02 : 0.005, run);
      assertTrue(onNormal < 0.05, run);
      assertTrue(!sampled || onSeen < (draws ? 0.15 : 0.05), run);
      assertTrue(largest < 0.75, run);
    }
  }

  @Test
  void offChangesNothing() {
    CellSpace space = CellSpace.paper();
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 3)) {
      float[][] before = alpha.values().unary();
      double error =
          CellWarmStart.OFF.fit(
              space, alpha, Relaxation.SOFTMAX, Activations.of("relu").get(), null, seen(1));
      assertArrayEquals(before, alpha.values().unary());
      assertTrue(error > 0.2, "the mean of all operations misses ReLU by " + error);
    }
  }

  @Test
  void fitsASpaceWithoutBeta() {
    OperationSet operations = OperationSet.of("identity", "abs", "tanh", "add", "max");
    CellSpace space = new CellSpace(new CellGraph(1), operations, Bounds.SEARCH);
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 3)) {
      double error =
          CellWarmStart.DEFAULT.fit(
              space, alpha, Relaxation.SOFTMAX, Activations.of("relu").get(), null);
      assertTrue(error < 0.3, "missed by " + error);
    }
  }

  @Test
  void aCellThatOverflowsEndsTheFit() {
    CellSpace space = CellSpace.paper().unbounded();
    for (Relaxation relaxation : new Relaxation[] {Relaxation.SOFTMAX, Relaxation.DRNAS}) {
      try (NDManager manager = NDManager.newBaseManager();
          ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 1)) {
        double error =
            CellWarmStart.DEFAULT.fit(
                space,
                alpha,
                relaxation,
                Activations.of("relu").get(),
                new SplittableRandom(1),
                -50,
                50);
        assertTrue(Double.isNaN(error), relaxation + ": " + error);
      }
    }
  }
}
