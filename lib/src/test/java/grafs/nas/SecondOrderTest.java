package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.model.Activations;
import grafs.nas.SearchSettings.Order;
import grafs.train.Learner;
import grafs.train.SgdSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests the second-order gradient of α ({@link UnrolledPass}). α are the numbers that rate the
 * operations from which a search composes an activation function. The second-order gradient is that
 * of the unrolled loss: the loss on α's batches after the network's weights have taken one step on
 * their own batches.
 */
class SecondOrderTest {

  private static SearchSettings settings() {
    return SearchSettings.paper(new SgdSettings(0.01, 0.9, 0, SgdSettings.Decay.STEPS))
        .warmStartEpochs(0)
        .accumulation(1)
        .alphaLearningRate(0.05);
  }

  @Test
  void allPassesOfATrainingBatchDropTheSame() {
    List<Integer> seen = new ArrayList<>();
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    Block network =
        new SequentialBlock()
            .add(Dropout.builder().optRate(0.5f).build())
            .add(
                LambdaBlock.singleton(
                    x -> {
                      seen.add(dropped(x));
                      return x;
                    }))
            .add(Linear.builder().setUnits(4).build())
            .add(cells.get())
            .add(Linear.builder().setUnits(2).build());
    SearchSettings settings =
        settings().order(Order.SECOND).relaxation(Relaxation.SOFTMAX).accumulation(2);
    try (Learner learner =
            new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(32, 2), 1);
        GradientOptimizer nas = new GradientOptimizer(settings, cells, learner, 10, 1)) {
      seen.clear();
      var turn = Rings.batches(4, 32, 1).epoch(learner.manager(), 0).iterator();
      List<Batch> training = List.of(turn.next(), turn.next());
      List<Batch> held = List.of(turn.next(), turn.next());
      nas.step(training, held);
      nas.step(training, held);
    }
    // An update of α has eight passes: on the two batches for the weights, on the two for α, and
    // two more times on the two for the weights. Then the weights are updated, with a pass on each
    // of their two batches. So each step has ten passes.
    assertEquals(20, seen.size());
    for (int step : new int[] {0, 10}) {
      List<Integer> first = seen.subList(step, step + 2);
      assertEquals(first, seen.subList(step + 4, step + 6));
      assertEquals(first, seen.subList(step + 6, step + 8));
      assertEquals(first, seen.subList(step + 8, step + 10), "the step itself");
      assertNotEquals(seen.get(step), seen.get(step + 1), "batches of a step differ");
      assertNotEquals(seen.get(step), seen.get(step + 2), "held batches draw their own");
    }
    assertNotEquals(seen.get(0), seen.get(10), "steps differ");
  }

  /** Returns a hash of the positions of the elements that dropout has set to 0. */
  private static int dropped(NDArray x) {
    try (NDArray zero = x.eq(0)) {
      return Arrays.hashCode(zero.toBooleanArray());
    }
  }

  /**
   * The second-order gradient agrees with the difference quotient of the unrolled loss in the
   * direction of this gradient.
   */
  @Test
  void theGradientIsTheDerivativeOfTheUnrolledLoss() {
    Cells cells = new Cells(CellSpace.wide(), Activations.of("relu").get());
    SearchSettings settings = settings().order(Order.SECOND).relaxation(Relaxation.SOFTMAX);
    try (Learner learner = learnerOfRings(cells)) {
      var turn = Rings.batches(2, 64, 1).epoch(learner.manager(), 0).iterator();
      Batch training = turn.next();
      Batch held = turn.next();
      List<NDArray> start = learner.weights().values().stream().map(NDArray::duplicate).toList();
      double[][] direction;
      double exact;
      try (GradientOptimizer nas = new GradientOptimizer(settings, cells, learner, 10, 1)) {
        double[][] alpha = nas.architecture().alphaValues();
        nas.step(List.of(training), List.of(held));
        restore(learner, start);
        direction = nas.architecture().alpha.mean;
        // Adam's running mean after its first step is (1 − β₁)·(g + λ·α), with the gradient g, β₁ =
        // ½ and the weight decay λ = 1e-3. The loop computes g and the square of its norm.
        exact = 0;
        for (int p = 0; p < alpha.length; p++) {
          for (int o = 0; o < alpha[p].length; o++) {
            direction[p][o] = direction[p][o] / 0.5 - 1e-3 * alpha[p][o];
            exact += direction[p][o] * direction[p][o];
          }
        }
      }
      double h = 0.05 / Math.sqrt(exact);
      double above = unrolled(settings, cells, learner, start, training, held, direction, h);
      double below = unrolled(settings, cells, learner, start, training, held, direction, -h);
      assertEquals(1, (above - below) / (2 * h) / exact, 0.03);
    }
  }

  private static Learner learnerOfRings(Cells cells) {
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(cells.get())
            .add(Linear.builder().setUnits(2).build());
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(64, 2), 1);
  }

  /**
   * Computes the unrolled loss for α plus {@code h} times a direction.
   *
   * @param settings the settings of the search
   * @param cells the cells of the network
   * @param learner the network
   * @param start the initial weights
   * @param training the batch for the weights
   * @param held the batch for α
   * @param direction the direction, {@code [place][operation]}
   * @param h the factor of the direction
   */
  private static double unrolled(
      SearchSettings settings,
      Cells cells,
      Learner learner,
      List<NDArray> start,
      Batch training,
      Batch held,
      double[][] direction,
      double h) {
    restore(learner, start);
    try (GradientOptimizer nas =
        new GradientOptimizer(
            settings.order(Order.FIRST).alphaLearningRate(1e-300), cells, learner, 10, 1)) {
      for (int p = 0; p < direction.length; p++) {
        for (int o = 0; o < direction[p].length; o++) {
          nas.architecture().alpha()[p][o] += h * direction[p][o];
        }
      }
      nas.step(List.of(training), List.of(held));
      cells.relax(nas.mixing(), false);
      // The second batch, which is for α, is made again, since scoring closes a batch.
      var turn = Rings.batches(2, 64, 1).epoch(learner.manager(), 0).iterator();
      turn.next().close();
      return learner.evaluate(List.of(turn.next())).loss();
    }
  }

  private static void restore(Learner learner, List<NDArray> start) {
    for (int i = 0; i < start.size(); i++) {
      start.get(i).copyTo(learner.weights().valueAt(i));
    }
  }
}
