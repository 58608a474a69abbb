package grafs.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirichletRelaxationTest {

  private static final int OPERATIONS = 29;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final CellSpace space = CellSpace.paper();
  private final NDManager manager = NDManager.newBaseManager();
  private final ArchitectureParameters alpha = new ArchitectureParameters(space, manager, 1);

  @AfterEach
  void close() {
    alpha.close();
    manager.close();
  }

  @Test
  void attachedGradientIsTheJacobiansTransposeInFloat64() {
    double[] a = random.doubles(6, -3, 3).toArray();
    double[] g = random.doubles(6, -1, 1).toArray();
    double[] c = Arrays.stream(a).map(v -> v > 0 ? v + 1 : Math.exp(v)).toArray();
    Dirichlet dirichlet = new Dirichlet(c);
    double[] w = dirichlet.sample(new SplittableRandom(seed));
    Shape shape = new Shape(1, 1, 6);
    NDArray parameters = manager.create(a, new Shape(1, 6));
    parameters.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray weights =
          DirichletRelaxation.attach(
              parameters, manager.create(w, shape), manager.create(dirichlet.pathwise(w), shape));
      assertArrayEquals(w, weights.toDoubleArray(), "the value is the draw");
      collector.backward(weights.mul(manager.create(g, shape)).sum());
    }
    double[][] jacobian = dirichlet.jacobian(w);
    double[] gradient = parameters.getGradient().toDoubleArray();
    for (int j = 0; j < 6; j++) {
      double expected = 0;
      for (int i = 0; i < 6; i++) {
        expected += jacobian[i][j] * g[i] * (a[j] > 0 ? 1 : Math.exp(a[j]));
      }
      assertEquals(expected, gradient[j], 1e-12, "α" + j + ", seed " + seed);
    }
  }

  @Test
  void gradientOfSeveralDrawsIsTheirSumAndLeavesOutWhatIsDropped() {
    setAlpha(1.5);
    List<Integer> kept = List.of(0, 3, 4, 11, 28);
    keep(kept);
    int rows = 3;
    double[] g = random.doubles(rows * 4 * OPERATIONS, -1, 1).toArray();
    float[] gradient = gradient(Relaxation.DRNAS, rows, g, new SplittableRandom(seed));

    SplittableRandom same = new SplittableRandom(seed);
    float[][] values = alpha.values().unary();
    double[] expected = new double[4 * OPERATIONS];
    for (int place = 0; place < 4; place++) {
      float[] row = values[place];
      double[] slopes = kept.stream().mapToDouble(o -> Math.min(1, Math.exp(row[o]))).toArray();
      Dirichlet dirichlet =
          new Dirichlet(
              kept.stream().mapToDouble(o -> row[o] > 0 ? row[o] + 1 : Math.exp(row[o])).toArray());
      for (int r = 0; r < rows; r++) {
        double[][] jacobian = dirichlet.jacobian(dirichlet.sample(same));
        for (int i = 0; i < kept.size(); i++) {
          for (int j = 0; j < kept.size(); j++) {
            expected[place * OPERATIONS + kept.get(j)] +=
                g[(r * 4 + place) * OPERATIONS + kept.get(i)] * jacobian[i][j] * slopes[j];
          }
        }
      }
    }
    for (int i = 0; i < expected.length; i++) {
      double tolerance = kept.contains(i % OPERATIONS) ? 1e-5 : 0;
      assertEquals(expected[i], gradient[i], tolerance, "α" + i + ", seed " + seed);
    }
  }

  @Test
  void droppedOperationsHaveNoWeight() {
    setAlpha(1.5);
    List<Integer> kept = List.of(2, 5, 28);
    keep(kept);
    for (CellWeights weights :
        List.of(
            Relaxation.DRNAS.weights(alpha, 4, new SplittableRandom(seed)),
            Relaxation.DRNAS.mean(alpha))) {
      float[] unary = weights.unary().toFloatArray();
      for (int row = 0; row < unary.length / OPERATIONS; row++) {
        double sum = 0;
        for (int o = 0; o < OPERATIONS; o++) {
          float w = unary[row * OPERATIONS + o];
          sum += w;
          assertTrue(kept.contains(o) ? w >= 0 : w == 0, "operation " + o + " has " + w);
        }
        assertEquals(1, sum, 1e-6, "seed " + seed);
      }
    }
  }

  @Test
  void withOneCandidateLeftNothingIsDrawn() {
    setAlpha(1.5);
    keep(List.of(7));
    double[] g = random.doubles(2 * 4 * OPERATIONS).toArray();
    CellWeights weights = Relaxation.DRNAS.weights(alpha, 2, new SplittableRandom(seed));
    assertEquals(1, weights.unary().get(":,:,7").min().getFloat());
    assertEquals(8, weights.unary().sum().getFloat());
    assertArrayEquals(
        new float[4 * OPERATIONS],
        gradient(Relaxation.DRNAS, 2, g, new SplittableRandom(seed)),
        "α has nothing to learn");
  }

  @Test
  void weightsAndGradientsAreFiniteForExtremeAlpha() {
    for (int trial = 0; trial < 50; trial++) {
      float[] values = new float[4 * OPERATIONS];
      for (int i = 0; i < values.length; i++) {
        values[i] = trial == 0 ? -50 : trial == 1 ? 50 : random.nextBoolean() ? 50 : -50;
      }
      alpha.unary().set(values);
      double[] g = random.doubles(5 * 4 * OPERATIONS, -1, 1).toArray();
      SplittableRandom draws = new SplittableRandom(seed + trial);
      for (float v : gradient(Relaxation.DRNAS, 5, g, draws)) {
        assertTrue(Float.isFinite(v), "gradient " + v + ", seed " + seed + ", trial " + trial);
      }
      float[] w = Relaxation.DRNAS.held(alpha, 5, draws).unary().toFloatArray();
      for (float v : w) {
        assertTrue(v >= 0 && v <= 1, "weight " + v + ", seed " + seed + ", trial " + trial);
      }
    }
  }

  @Test
  void cellsDrawForThemselvesOrShare() {
    assertEquals(19, Relaxation.DRNAS.draws(19));
    assertEquals(1, Relaxation.DRNAS_SHARED.draws(19));
    assertEquals(1, Relaxation.SOFTMAX.draws(19));
    NDArray own = Relaxation.DRNAS.weights(alpha, 19, new SplittableRandom(seed)).unary();
    assertEquals(new Shape(19, 4, OPERATIONS), own.getShape());
    assertTrue(own.get(0).sub(own.get(1)).abs().max().getFloat() > 1e-3, "seed " + seed);
  }

  @Test
  void heldWeightsAreTheSameDrawAsConstants() {
    setAlpha(1);
    CellWeights weights = Relaxation.DRNAS.weights(alpha, 3, new SplittableRandom(seed));
    CellWeights held = Relaxation.DRNAS.held(alpha, 3, new SplittableRandom(seed));
    assertTrue(held.held() && !weights.held());
    assertArrayEquals(weights.unary().toFloatArray(), held.unary().toFloatArray());
    assertArrayEquals(weights.binary().toFloatArray(), held.binary().toFloatArray());
  }

  @Test
  void meanOfManyDrawsIsTheMean() {
    setAlpha(1);
    int draws = 2000;
    float[] mean = Relaxation.DRNAS.mean(alpha).binary().toFloatArray();
    float[] drawn =
        Relaxation.DRNAS
            .held(alpha, draws, new SplittableRandom(seed))
            .binary()
            .mean(new int[] {0})
            .toFloatArray();
    for (int i = 0; i < mean.length; i++) {
      double bound = Math.sqrt(mean[i] / draws); // var(w) < E[w]
      assertEquals(mean[i], drawn[i], 5 * bound, "weight " + i + ", seed " + seed);
    }
  }

  @Test
  void drawsOfTheirOwnLowerTheVarianceOfTheGradient() {
    int cells = 19;
    double[] g = random.doubles(4 * OPERATIONS, -1, 1).toArray();
    double[] each =
        IntStream.range(0, cells * g.length).mapToDouble(i -> g[i % g.length] / cells).toArray();
    double own = gradientVariance(Relaxation.DRNAS, cells, each);
    double shared = gradientVariance(Relaxation.DRNAS_SHARED, 1, g);
    assertTrue(
        own < shared / 10, "own draws " + own + ", a shared one " + shared + ", seed " + seed);
  }

  /** The variance over steps of α's gradient, summed over its elements. */
  private double gradientVariance(Relaxation relaxation, int rows, double[] g) {
    int steps = 200;
    double[] sum = new double[4 * OPERATIONS];
    double squares = 0;
    for (int step = 0; step < steps; step++) {
      float[] gradient = gradient(relaxation, rows, g, new SplittableRandom(seed + step));
      for (int i = 0; i < sum.length; i++) {
        sum[i] += gradient[i];
        squares += gradient[i] * (double) gradient[i];
      }
    }
    return squares / steps - Arrays.stream(sum).map(s -> s * s).sum() / steps / steps;
  }

  /** The gradient to α of Σ g·w over the unary weights. */
  private float[] gradient(Relaxation relaxation, int rows, double[] g, SplittableRandom draws) {
    float[] upstream = new float[g.length];
    for (int i = 0; i < g.length; i++) {
      upstream[i] = (float) g[i];
    }
    try (NDManager step = manager.newSubManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray weights = relaxation.weights(alpha, rows, draws).unary();
      collector.backward(weights.mul(step.create(upstream, weights.getShape())).sum());
    }
    try (NDArray gradient = alpha.unary().getGradient()) {
      float[] values = gradient.toFloatArray();
      // Not set(float[]): the gradient would keep the memory of that array, which this view owns.
      gradient.set(new NDIndex(":"), 0);
      return values;
    }
  }

  private void setAlpha(double deviation) {
    float[] values = new float[4 * OPERATIONS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    alpha.unary().set(values);
  }

  private void keep(List<Integer> unary) {
    List<List<Integer>> edges = new ArrayList<>();
    for (int edge = 0; edge < 4; edge++) {
      edges.add(unary);
    }
    alpha.keep(new Candidates(edges, List.of(List.of(0, 1), List.of(2))));
  }
}
