package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.nn.Block;
import grafs.cell.ActivationCells;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.model.Activations;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.Host;
import grafs.op.OperationSet;
import grafs.op.Unary;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("likeGpu")
class DivergenceTest {

  private static SearchSettings settings(
      int warmStartEpochs, CellWarmStart cellWarmStart, double rate, double alphaRate) {
    return new SearchSettings(
        warmStartEpochs,
        2,
        Shrinking.OFF,
        32,
        new SgdSettings(rate, 0.9, 0, Decay.STEPS),
        alphaRate,
        cellWarmStart,
        Relaxation.SOFTMAX,
        Architect.Order.FIRST,
        1);
  }

  private static CellSpace space(OperationSet operations) {
    return new CellSpace(CellGraph.PAPER, operations, Bounds.SEARCH);
  }

  /** What the message says only where each step is looked at. */
  private static String ifAtHand(String part) {
    return Host.reaches(Device.cpu()) ? part : "";
  }

  private static void diverges(
      SearchSettings settings,
      CellSpace space,
      ActivationCells.Evaluation evaluation,
      String... parts) {
    Block relu = Activations.of("relu").get();
    ActivationCells cells = new ActivationCells(space, evaluation, Grid.DEFAULT, relu);
    try (Learner learner = Rings.learner(cells, 1)) {
      BilevelSearch search =
          new BilevelSearch(settings, cells, learner, relu, Progress.Listener.NONE);
      ArithmeticException e =
          assertThrows(
              ArithmeticException.class,
              () -> search.run(Rings.batches(10, 32, 1), Rings.batches(10, 32, 2), 1));
      for (String part : parts) {
        assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void saysWhichOperationHasNoValue(ActivationCells.Evaluation evaluation) {
    CellSpace logarithm = space(OperationSet.small().with(Unary.of("pure_log", x -> x.log())));
    for (CellWarmStart start : new CellWarmStart[] {CellWarmStart.OFF, CellWarmStart.DEFAULT}) {
      diverges(
          settings(1, start, 0.05, 0.02),
          logarithm,
          evaluation,
          "in the switch to the relaxed cells",
          "operation 'pure_log' at u1 of cell 0: its value is NaN at (-8.0)",
          "Leave the operation out");
    }
    diverges(
        settings(1, CellWarmStart.OFF, 0.05, 0.02),
        space(OperationSet.small().with(Binary.of("power", (a, b) -> a.pow(b)))),
        evaluation,
        "operation 'power' at b1 of cell 0: its value is NaN at (");
  }

  @Test
  void saysInWhichStepAndWhoseTurn() {
    // NaN at 0 alone, which is a point of the grid but not of those that the fit looks at.
    diverges(
        settings(1, CellWarmStart.OFF, 0.05, 0.02),
        space(OperationSet.small().with(Unary.of("ratio", x -> x.sin().div(x)))),
        ActivationCells.Evaluation.TABULATED,
        ifAtHand("in epoch 1, step 1 of 10, α's turn: the loss is NaN"),
        "operation 'ratio' at u1 of cell 0: its value is NaN at (0.0)");
  }

  @Test
  void saysWhichOperationHasNoGradient() {
    // 0, but with the gradient ∞ − ∞. A table would not differentiate it.
    diverges(
        settings(1, CellWarmStart.OFF, 0.05, 0.02),
        space(OperationSet.small().with(Unary.of("root", x -> x.sub(x).sqrt()))),
        ActivationCells.Evaluation.EXACT,
        ifAtHand("in epoch 1, step 1 of 10, α's turn: the gradient of α is not finite"),
        "operation 'root' at u1 of cell 0: its gradient is NaN at (");
  }

  @Test
  void saysThatBoundsAreMissing() {
    diverges(
        settings(1, CellWarmStart.OFF, 0.05, 0.02),
        CellSpace.paper().unbounded(),
        ActivationCells.Evaluation.TABULATED,
        ifAtHand("the loss is NaN; "),
        "without bounds, cells put out what is too large");
  }

  @Test
  void saysThatTheWeightsDiverged() {
    diverges(
        settings(1, CellWarmStart.OFF, 1e25, 0.02),
        CellSpace.paper(),
        ActivationCells.Evaluation.TABULATED,
        ifAtHand("warm-start epoch 1, step "),
        ifAtHand("of 10: the loss is "),
        "the weights diverged",
        "learning rate",
        "1.0E25");
  }

  @Test
  void saysThatAlphaDiverged() {
    diverges(
        settings(1, CellWarmStart.DEFAULT, 0.05, 3e38),
        CellSpace.paper(),
        ActivationCells.Evaluation.TABULATED,
        ifAtHand("epoch 1, step "),
        ifAtHand("α is not finite any more"),
        "alphaLearningRate below 3.0E38");
  }

  @Test
  void paperSpaceSurvivesTenTimesTheLearningRates() {
    Block relu = Activations.of("relu").get();
    ActivationCells cells =
        new ActivationCells(
            CellSpace.paper(), ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    try (Learner learner = Rings.learner(cells, 1)) {
      SearchResult result =
          new BilevelSearch(
                  settings(1, CellWarmStart.DEFAULT, 0.5, 0.2),
                  cells,
                  learner,
                  relu,
                  Progress.Listener.NONE)
              .run(Rings.batches(20, 32, 1), Rings.batches(20, 32, 2), 1);
      assertEquals(2, result.epochs().size());
      assertTrue(result.epochs().get(1).candidates().decided());
    }
  }
}
