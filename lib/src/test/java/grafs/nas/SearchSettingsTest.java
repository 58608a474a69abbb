package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.data.BatchSource;
import grafs.model.Activations;
import grafs.nas.SearchSettings.Technique;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Tests that a search refuses settings that are out of range or missing, a network without cells
 * (the blocks that a search puts in the place of activations), and data that do not fill a batch.
 * The message must name what is wrong.
 */
class SearchSettingsTest {

  private static final SgdSettings SGD = new SgdSettings(0.05, 0.9, 1e-4, Decay.COSINE);

  private static SearchSettings settings(
      int warm, int epochs, int shrink, int batch, double alphaRate) {
    return SearchSettings.paper(SGD)
        .epochs(epochs)
        .warmStartEpochs(warm)
        .shrinking(new Shrinking(Shrinking.Unit.EPOCH, shrink))
        .batchSize(batch)
        .accumulation(1)
        .alphaLearningRate(alphaRate);
  }

  @Test
  void badSettingsAreRefusedByName() {
    refused("warmStartEpochs", "-1", () -> settings(-1, 5, 1, 32, 0.02));
    refused("warmStartEpochs", "5", () -> settings(5, 5, 1, 32, 0.02));
    refused("epochs", "0", () -> settings(1, 0, 1, 32, 0.02));
    refused("alphaShare", "1.0", () -> settings(1, 5, 1, 32, 0.02).alphaShare(1));
    refused("accumulation", "0", () -> settings(1, 5, 1, 32, 0.02).accumulation(0));
    refused(
        "SECOND",
        "JOINT",
        () ->
            settings(1, 5, 1, 32, 0.02)
                .order(SearchSettings.Order.SECOND)
                .levels(SearchSettings.Levels.JOINT));
    refused("shrinking.start", "-1", () -> settings(1, 5, -1, 32, 0.02));
    refused("batchSize", "0", () -> settings(1, 5, 1, 0, 0.02));
    refused("alphaLearningRate", "0.0", () -> settings(1, 5, 1, 32, 0));
    refused("alphaLearningRate", "-0.1", () -> settings(1, 5, 1, 32, -0.1));
    refused("alphaLearningRate", "NaN", () -> settings(1, 5, 1, 32, Double.NaN));
    refused("alphaLearningRate", "Infinity", () -> settings(1, 5, 1, 32, 1 / 0.0));
    refused("fit.steps", "-1", () -> new CellFit(-1, 0.1, 0));
    refused("fit", "learningRate", () -> new CellFit(1, 0, 0));
    refused("fit", "penalty", () -> new CellFit(1, 0.1, -1));
    refused("fit", "Infinity", () -> new CellFit(1, 1 / 0.0, 0));
    refused("fit", "Infinity", () -> new CellFit(1, 0.1, 1 / 0.0));
    refused("learningRate", "0.0", () -> new SgdSettings(0, 0.9, 0, Decay.COSINE));
  }

  @Test
  void missingSettingsAreRefusedByName() {
    NullPointerException e =
        assertThrows(NullPointerException.class, () -> SearchSettings.paper(SGD).shrinking(null));
    assertTrue(e.getMessage().contains("shrinking is missing"), e.getMessage());
  }

  @Test
  void everyTechniqueCanBeTurnedOff() {
    SearchSettings full = settings(1, 5, 1, 32, 0.02);
    assertEquals(0, full.without(Technique.WARM_START).warmStartEpochs());
    assertEquals(Shrinking.OFF, full.without(Technique.SHRINKING).shrinking());
    assertEquals(Relaxation.DRNAS_SHARED, full.without(Technique.DRAW_PER_CELL).relaxation());
    assertEquals(Relaxation.SOFTMAX, full.without(Technique.SAMPLING).relaxation());
    assertEquals(full.shrinking(), full.without(Technique.SAMPLING).shrinking());
  }

  @Test
  void aBatchLargerThanTheSplitIsRefused() {
    refused(
        "part of the training set for α",
        "batchSize below 32",
        () -> search(Rings.batches(4, 32, 1), Rings.batches(0, 32, 1), true));
  }

  @Test
  void aNetworkWithoutCellsIsRefused() {
    refused(
        "no activation cell",
        "build it",
        () -> search(Rings.batches(4, 32, 1), Rings.batches(4, 32, 1), false));
  }

  private static void search(BatchSource weights, BatchSource alpha, boolean withCell) {
    Block relu = Activations.of("relu").get();
    Cells cells = new Cells(CellSpace.paper(), relu);
    Block network = withCell ? Rings.network(cells) : Linear.builder().setUnits(2).build();
    try (Learner learner =
        new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 2), 1)) {
      new Search(settings(1, 5, 1, 32, 0.02), cells, learner, Progress.Listener.NONE)
          .run(weights, alpha, 1);
    }
  }

  /**
   * Checks that making settings, or running a search, throws IllegalArgumentException with a
   * message that contains two parts.
   */
  private static void refused(String name, String value, Executable settings) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, settings);
    assertTrue(e.getMessage().contains(name), e.getMessage());
    assertTrue(e.getMessage().contains(value), e.getMessage());
  }
}
