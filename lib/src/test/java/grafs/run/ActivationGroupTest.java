package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import grafs.cell.FunctionBlock;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.train.Progress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests a network with two groups of activations, one ReLU and one GELU. Two runs of {@link
 * ActivationSearch}, one after the other, find a function for each group.
 */
class ActivationGroupTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static Block twoGroups() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(16).build())
        .add(Activation::relu)
        .add(Linear.builder().setUnits(16).build())
        .add(Activation::gelu)
        .add(Linear.builder().setUnits(3).build());
  }

  @Test
  void oneFunctionForEachGroup() {
    ArrayDataset data = SmallSearch.examples(manager, 128, 12);
    Block network = twoGroups();
    FoundActivation first =
        SmallSearch.find(
            ActivationSearch.in(network).where(site -> site.name().equals("relu")),
            data,
            SmallSearch.CLASSES);
    FoundActivation second =
        SmallSearch.find(
            ActivationSearch.in(first.block()).where(site -> site.path().startsWith("04")),
            data,
            SmallSearch.CLASSES);
    assertEquals("02LambdaBlock", first.replaced().get(0).path());
    assertEquals("04LambdaBlock", second.replaced().get(0).path());
    SmallSearch.works(manager, second, new Shape(4, 12));
  }

  /**
   * The function that was found for the first group is compared with the activation that it
   * replaced. Afterwards the function for the second group is still in its place.
   */
  @Test
  void comparingOneGroupLeavesTheOther() {
    ArrayDataset data = SmallSearch.examples(manager, 128, 12);
    Block network = twoGroups();
    FoundActivation first = found(ActivationSearch.in(network), "relu", data);
    FoundActivation second = found(ActivationSearch.in(first.block()), "gelu", data);
    List<Block> before = second.block().getChildren().values();
    assertTrue(before.get(1) instanceof FunctionBlock && before.get(3) instanceof FunctionBlock);
    first.compare(SmallSearch.examples(manager, 64, 12), 1);
    assertEquals(before, second.block().getChildren().values());
  }

  private static FoundActivation found(ActivationSearch search, String name, ArrayDataset data) {
    SearchSettings unverified = search.settings().epochs(3).verification(Verification.OFF);
    return search
        .space(TinyRuns.SPACE)
        .where(site -> site.name().equals(name))
        .with(unverified)
        .learningRate(1e-3)
        .run(data, SmallSearch.CLASSES, 1, Progress.Listener.NONE);
  }
}
