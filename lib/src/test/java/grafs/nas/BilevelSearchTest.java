package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.data.ImageDataset;
import grafs.data.ImageSet;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BilevelSearchTest {

  private static SearchSettings settings(CellWarmStart start, Relaxation relaxation) {
    return new SearchSettings(
        1,
        3,
        Shrinking.geometric(1),
        32,
        new SgdSettings(0.05, 0.9, 1e-4, Decay.COSINE),
        relaxation == Relaxation.SOFTMAX ? 0.02 : 0.05,
        start,
        relaxation,
        Architect.Order.FIRST,
        1);
  }

  static Stream<Arguments> searches() {
    return Stream.of(
        Arguments.of(Named.of("softmax", settings(CellWarmStart.DEFAULT, Relaxation.SOFTMAX))),
        Arguments.of(Named.of("drnas", settings(CellWarmStart.DRNAS, Relaxation.DRNAS))));
  }

  private static SearchResult search(
      SearchSettings settings, ActivationCells.Evaluation evaluation, int images, long seed) {
    assumeTrue(
        ImageDataset.locate("fashion-mnist").isPresent(),
        "skipped: Fashion-MNIST is neither installed nor in datasets/");
    ImageSet train = ImageDataset.load("fashion-mnist").asRgb32().train().subset(images, 0);
    ImageSet.Split halves = train.split(seed);
    Block relu = Activations.of("relu").get();
    ActivationCells cells = new ActivationCells(CellSpace.paper(), evaluation, Grid.DEFAULT, relu);
    try (Learner learner =
        new Learner(
            ResNet.of(8, 10, cells),
            Loss.softmaxCrossEntropyLoss(),
            new Shape(1, 3, 32, 32),
            seed)) {
      return new BilevelSearch(settings, cells, learner, relu, Progress.Listener.NONE)
          .run(halves.weights().training(32, seed), halves.architecture().training(32, seed), seed);
    }
  }

  @ParameterizedTest
  @MethodSource("searches")
  void learnsMovesAlphaAndDecidesTheSameForOneSeed(SearchSettings settings) {
    SearchResult first = search(settings, ActivationCells.Evaluation.TABULATED, 768, 5);
    double chance = Math.log(10);
    double before = first.warmStart().get(0).loss();
    SearchResult.Start start = first.start();
    assertEquals(start.lossBefore(), start.lossAfter(), 0.1 * start.lossBefore(), "the switch");
    assertTrue(start.cellError() < 0.05, "the cell misses ReLU by " + start.cellError());
    List<SearchResult.Epoch> epochs = first.epochs();
    assertTrue(
        epochs.get(0).train().loss() < Math.max(before, chance),
        "the switch to the cell loses nothing: " + before + " → " + epochs.get(0).train().loss());
    // In the second epoch twelve steps drop all operations but one: too fast for the weights to
    // follow whatever is found, so the third tells nothing.
    assertTrue(
        epochs.get(1).train().loss() < epochs.get(0).train().loss()
            && epochs.get(1).train().loss() < chance - 0.3,
        "the loss falls: " + epochs.get(0).train() + " → " + epochs.get(1).train());
    assertTrue(epochs.get(2).candidates().decided());
    float moved = 0;
    for (int o = 0; o < 29; o++) {
      moved =
          Math.max(
              moved,
              Math.abs(epochs.get(2).alpha().unary()[0][o] - first.start().alpha().unary()[0][o]));
    }
    assertTrue(moved > 0.05, "α moved by at most " + moved);

    SearchResult second = search(settings, ActivationCells.Evaluation.TABULATED, 768, 5);
    assertEquals(first.found(), second.found());
    for (int e = 0; e < epochs.size(); e++) {
      assertEquals(epochs.get(e).train(), second.epochs().get(e).train());
      assertEquals(epochs.get(e).validation(), second.epochs().get(e).validation());
      for (int edge = 0; edge < 4; edge++) {
        assertArrayEquals(
            epochs.get(e).alpha().unary()[edge], second.epochs().get(e).alpha().unary()[edge], 0);
      }
    }
  }
}
