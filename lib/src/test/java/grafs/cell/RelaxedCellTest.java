package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelaxedCellTest {

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void gradientsMatchFiniteDifferences(int units) {
    int unary = new CellGraph(units).edges() * OperationSet.paper().unary().size();
    int binary = new CellGraph(units).vertices() * OperationSet.paper().binary().size();
    check(units, positives(unary), positives(binary), weights -> weights);
    check(units, gaussians(unary, 1), gaussians(binary, 1), alpha -> alpha.softmax(2));
  }

  /**
   * Compares the gradients of all that a cell depends on.
   *
   * @param unary what the weights of unary operations are made from: they themselves, or α
   * @param binary the same for the binary operations
   * @param relaxation makes the weights of it
   */
  private void check(
      int units, double[] unary, double[] binary, UnaryOperator<NDArray> relaxation) {
    CellSpace space = new CellSpace(new CellGraph(units), OperationSet.paper(), Bounds.SEARCH);
    double[] x = gaussians(3, 1.5);
    double[] beta = gaussians(space.betas(), 1);
    double[][] parameters = {x, unary, binary, beta};
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray[] arrays = arrays(manager, space, parameters);
      for (NDArray array : arrays) {
        array.setRequiresGradient(true);
      }
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        collector.backward(evaluate(space, relaxation, arrays).sum());
      }
      for (int which = 0; which < parameters.length; which++) {
        double[] gradient = arrays[which].getGradient().toDoubleArray();
        double largest = Arrays.stream(gradient).map(Math::abs).max().getAsDouble();
        assertTrue(largest > 0, "parameter " + which + ", seed " + seed);
        for (int trial = 0; trial < 12; trial++) {
          int i = random.nextInt(gradient.length);
          double h = 1e-6;
          double value = parameters[which][i];
          parameters[which][i] = value + h;
          double above =
              evaluate(space, relaxation, arrays(manager, space, parameters)).sum().getDouble();
          parameters[which][i] = value - h;
          double below =
              evaluate(space, relaxation, arrays(manager, space, parameters)).sum().getDouble();
          parameters[which][i] = value;
          assertEquals(
              (above - below) / (2 * h),
              gradient[i],
              1e-5 * largest,
              "parameter " + which + "[" + i + "], seed " + seed);
        }
      }
    }
  }

  @Test
  void severalInstancesGiveWhatEachGivesAlone() {
    CellSpace space = CellSpace.paper();
    try (NDManager manager = NDManager.newBaseManager()) {
      int instances = 3;
      NDArray unary = positive(manager, new Shape(instances, 4, 29));
      NDArray binary = positive(manager, new Shape(instances, 2, 12));
      NDArray beta =
          manager.create(gaussians(instances * space.betas(), 1)).reshape(instances, space.betas());
      NDArray x = manager.create(gaussians(50, 2)).reshape(1, 50);
      CellWeights weights = new CellWeights(unary, binary, Candidates.all(space), false);
      RelaxedCell cell = new RelaxedCell(space);
      NDArray together = cell.evaluate(x, weights, beta);
      for (int i = 0; i < instances; i++) {
        NDArray alone = cell.evaluate(x, weights.of(i), beta.get(i + ":" + (i + 1)));
        assertArrayEquals(
            alone.toDoubleArray(), together.get(i).toDoubleArray(), 1e-9, "seed " + seed);
      }
    }
  }

  @Test
  void droppedOperationsDoNotCount() {
    CellSpace space =
        new CellSpace(
            new CellGraph(1), OperationSet.of("square", "tanh", "add", "left"), Bounds.SEARCH);
    Candidates candidates = new Candidates(List.of(List.of(0), List.of(1)), List.of(List.of(0)));
    assertTrue(candidates.decided());
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray weights = manager.full(new Shape(1, 2, 2), 0.5f);
      NDArray vertex = manager.full(new Shape(1, 1, 2), 0.5f);
      NDArray y =
          new RelaxedCell(space)
              .evaluate(
                  manager.create(new float[] {0.5f}).reshape(1, 1),
                  new CellWeights(weights, vertex, candidates, false),
                  null);
      assertEquals(0.25 + Math.tanh(0.5), y.getFloat(0, 0), 1e-6);
    }
  }

  private static NDArray evaluate(
      CellSpace space, UnaryOperator<NDArray> relaxation, NDArray[] arrays) {
    CellWeights weights =
        new CellWeights(
            relaxation.apply(arrays[1]), relaxation.apply(arrays[2]), Candidates.all(space), false);
    return new RelaxedCell(space).evaluate(arrays[0], weights, arrays[3]);
  }

  private static NDArray[] arrays(NDManager manager, CellSpace space, double[][] parameters) {
    return new NDArray[] {
      manager.create(parameters[0], new Shape(1, parameters[0].length)),
      manager.create(
          parameters[1], new Shape(1, space.graph().edges(), space.operations().unary().size())),
      manager.create(
          parameters[2],
          new Shape(1, space.graph().vertices(), space.operations().binary().size())),
      manager.create(parameters[3], new Shape(1, parameters[3].length))
    };
  }

  private NDArray positive(NDManager manager, Shape shape) {
    return manager.create(positives((int) shape.size()), shape);
  }

  private double[] positives(int n) {
    return random.doubles(n, 0, 0.1).toArray();
  }

  private double[] gaussians(int n, double deviation) {
    return random.doubles(n).map(u -> deviation * random.nextGaussian()).toArray();
  }
}
