package grafs.search;

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
import grafs.cell.RelaxedCell;
import grafs.model.Activations;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
      CellSpace space, ArchitectureParameters alpha, float[] beta, Block target, float[] at) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(at, new Shape(1, at.length));
      NDArray own = beta.length == 0 ? null : manager.create(beta).expandDims(0);
      NDArray y =
          new RelaxedCell(space).evaluate(x, Relaxation.SOFTMAX.weights(alpha, 1).hold(), own);
      NDArray off = y.sub(target.forward(null, new NDList(x), false).head());
      return Math.sqrt(off.square().mean().getFloat());
    }
  }

  @ParameterizedTest
  @CsvSource({"relu,true", "gelu,true", "silu,true", "relu,false", "gelu,false", "silu,false"})
  void startsNearTheDefaultYetUndecided(String activation, boolean sampled) {
    long seed = System.nanoTime();
    CellSpace space = CellSpace.paper();
    Block target = Activations.of(activation).get();
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, seed)) {
      float[] seen = sampled ? seen(seed) : new float[0];
      CellWarmStart.Fit fit =
          CellWarmStart.DEFAULT.fit(space, alpha, Relaxation.SOFTMAX, target, seen);
      String run = activation + ", seed " + seed + ": ";
      Random random = new Random(~seed);
      float[] normal = new float[10_000];
      for (int i = 0; i < normal.length; i++) {
        normal[i] = (float) random.nextGaussian();
      }
      double onNormal = rms(space, alpha, fit.beta(), target, normal);
      assertEquals(fit.error(), onNormal, 0.005, run);
      assertTrue(onNormal < 0.05, run + "missed by " + onNormal + " on N(0, 1)");
      if (sampled) {
        double onSeen = rms(space, alpha, fit.beta(), target, seen(seed + 1));
        assertTrue(onSeen < 0.05, run + "missed by " + onSeen + " on what is seen");
      }
      float largest = Relaxation.SOFTMAX.weights(alpha, 1).unary().max().getFloat();
      assertTrue(largest < 0.75, run + "one operation already has the weight " + largest);
    }
  }

  @Test
  void offChangesNothing() {
    CellSpace space = CellSpace.paper();
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 3)) {
      float[][] before = alpha.values().unary();
      CellWarmStart.Fit fit =
          CellWarmStart.OFF.fit(
              space, alpha, Relaxation.SOFTMAX, Activations.of("relu").get(), seen(1));
      assertArrayEquals(before, alpha.values().unary());
      assertArrayEquals(space.betaStart(), fit.beta());
      assertTrue(fit.error() > 0.3, "the mean of all operations misses ReLU by " + fit.error());
    }
  }

  @Test
  void fitsASpaceWithoutBeta() {
    OperationSet operations = OperationSet.of("identity", "abs", "tanh", "add", "max");
    CellSpace space = new CellSpace(new CellGraph(1), operations, Bounds.SEARCH);
    try (NDManager manager = NDManager.newBaseManager();
        ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 3)) {
      CellWarmStart.Fit fit =
          CellWarmStart.DEFAULT.fit(space, alpha, Relaxation.SOFTMAX, Activations.of("relu").get());
      assertEquals(0, fit.beta().length);
      assertTrue(fit.error() < 0.3, "missed by " + fit.error());
    }
  }
}
