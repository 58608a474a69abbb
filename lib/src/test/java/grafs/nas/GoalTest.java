package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GoalTest {

  private static final CellSpace SPACE =
      new CellSpace(
          new CellGraph(1),
          OperationSet.of("identity", "negative", "abs", "sin", "add", "left"),
          Bounds.SEARCH);

  private final NDManager manager = NDManager.newBaseManager();
  private ArchitectureParameters alpha;

  @BeforeEach
  void open() {
    alpha = new ArchitectureParameters(SPACE, manager, 1);
  }

  @AfterEach
  void close() {
    alpha.close();
    manager.close();
  }

  /** The penalty of the cell that is one unary operation of the first edge alone. */
  private double of(Goal goal, int operation) {
    alpha.unary().set(new NDIndex(":"), -50f);
    alpha.unary().set(new NDIndex(":, " + operation), 50f);
    alpha.binary().set(new NDIndex(":"), -50f);
    alpha.binary().set(new NDIndex(":, 1"), 50f);
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      CellWeights weights = Relaxation.SOFTMAX.weights(alpha, 1, null);
      return goal.penalty(SPACE, weights, null).getFloat();
    }
  }

  @Test
  void penaltiesAreWhatTheySay() {
    Goal cheap = new Goal.Cheap(2, Map.of("sin", 3.0, "left", 1.0));
    assertEquals(2 * 1, of(cheap, 0), 1e-5);
    assertEquals(2 * (2 * 3 + 1), of(cheap, 3), 1e-5, "sin on both edges");
    assertEquals(0, of(new Goal.Rising(5), 0), 1e-6);
    assertEquals(5, of(new Goal.Rising(5), 1), 1e-4, "−x falls everywhere by 1");
    assertEquals(2.5, of(new Goal.Rising(5), 2), 1e-4, "|x| falls on one half");
    assertEquals(0, of(new Goal.Smooth(1), 0), 1e-4);
    // One second difference of 2·0.1 among 79, over 0.1²; sin'' = −sin.
    assertEquals(400 / 79.0, of(new Goal.Smooth(1), 2), 1e-2);
    double mean = 0;
    for (int i = 1; i < 80; i++) {
      mean += Math.pow(Math.sin(0.1 * (i - 40)), 2) / 79;
    }
    assertEquals(mean, of(new Goal.Smooth(1), 3), 1e-2);
  }

  /** Descends on the goal alone: where α ends is what the goal asks for. */
  private List<Integer> best(Goal goal) {
    for (int step = 0; step < 200; step++) {
      try (NDScope scope = new NDScope();
          GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        scope.suppressNotUsedWarning();
        CellWeights weights = Relaxation.SOFTMAX.weights(alpha, 1, null);
        collector.backward(goal.penalty(SPACE, weights, null));
      }
      for (NDArray array : alpha.arrays().values()) {
        try (NDArray gradient = array.getGradient()) {
          array.subi(gradient.mul(0.5f));
          gradient.set(new NDIndex(":"), 0);
        }
      }
    }
    long edge = alpha.unary().argMax(1).getLong(0);
    return List.of((int) edge);
  }

  @Test
  void theirGradientsLeadWhereTheyPoint() {
    assertEquals(
        List.of(2), best(new Goal.Cheap(1, Map.of("identity", 1.0, "negative", 1.0, "sin", 1.0))));
    open();
    assertEquals(List.of(0), best(new Goal.Rising(3)));
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Goal.Rising(0));
    assertThrows(IllegalArgumentException.class, () -> new Goal.Smooth(Double.NaN));
    String said =
        assertThrows(IllegalArgumentException.class, () -> new Goal.Cheap(1, Map.of("sin", -1.0)))
            .getMessage();
    assertTrue(said.contains("cost of sin"), said);
  }
}
