package grafs.search;

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
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import grafs.train.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class SearchStepsTest {

  @Test
  void secondOrderDropsTheSameInAllPassesOfATrainingBatch() {
    Block relu = Activations.of("relu").get();
    ActivationCells cells =
        new ActivationCells(
            CellSpace.paper(), ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    List<Integer> seen = new ArrayList<>();
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
        new SearchSettings(
            0,
            2,
            Shrinking.geometric(1),
            32,
            new SgdSettings(0.1, 0.9, 0, Decay.COSINE),
            0.01,
            CellWarmStart.OFF,
            Relaxation.SOFTMAX,
            Architect.Order.SECOND,
            2);
    try (Learner learner =
            new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(32, 2), 1);
        SearchState state = new SearchState(settings, cells.space(), learner, 10, 1);
        Tally tally = new Tally(learner.manager())) {
      seen.clear();
      SearchSteps steps = new SearchSteps(settings, cells, learner, state, 1);
      Iterator<Batch> turn = Rings.batches(4, 32, 1).epoch(learner.manager(), 0).iterator();
      try (SearchSteps.MicroBatches training = steps.next(turn);
          SearchSteps.MicroBatches validation = steps.next(turn)) {
        steps.alpha(training, validation, tally, "step 1");
        steps.weights(training, tally, "step 1");
        steps.alpha(training, validation, tally, "step 2");
      }
    }
    // A step of α: two training batches, two of validation, and twice the two training batches.
    // Then the step of the weights that was unrolled.
    assertEquals(18, seen.size());
    assertEquals(seen.subList(0, 2), seen.subList(8, 10));
    for (int step : new int[] {0, 10}) {
      assertEquals(seen.subList(step, step + 2), seen.subList(step + 4, step + 6));
      assertEquals(seen.subList(step, step + 2), seen.subList(step + 6, step + 8));
      assertNotEquals(seen.get(step), seen.get(step + 1), "batches of a step differ");
      assertNotEquals(seen.get(step), seen.get(step + 2), "validation draws its own");
    }
    assertNotEquals(seen.get(0), seen.get(10), "steps differ");
  }

  /** A number for the set of inputs that dropout made 0. */
  private static int dropped(NDArray x) {
    try (NDArray zero = x.eq(0)) {
      return Arrays.hashCode(zero.toBooleanArray());
    }
  }
}
