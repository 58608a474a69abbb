package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import grafs.train.Progress;

/**
 * Runs small searches for tests of {@link ActivationSearch}: a small search space, random examples
 * of three classes, and checks of what was found.
 */
final class SmallSearch {

  static final Loss CLASSES = Loss.softmaxCrossEntropyLoss();

  private SmallSearch() {}

  /**
   * Makes random examples; the class of each is the index of the largest of its first three
   * numbers.
   */
  static ArrayDataset examples(NDManager manager, int count, long... shape) {
    Shape all = new Shape(count).addAll(new Shape(shape));
    NDArray x = manager.randomNormal(all);
    NDArray labels = x.reshape(count, -1).get(":, 0:3").argMax(1).toType(DataType.FLOAT32, false);
    return new ArrayDataset.Builder().setData(x).optLabels(labels).setSampling(8, false).build();
  }

  /**
   * Runs a search of one epoch of warm start, in which the network keeps its default activation,
   * and two more epochs.
   */
  static FoundActivation find(ActivationSearch search, ArrayDataset data, Loss loss) {
    return search
        .space(TinyRuns.SPACE)
        .learningRate(1e-3)
        .epochs(2)
        .run(data, loss, 1, Progress.Listener.NONE);
  }

  /** Returns the outputs of a block in inference mode. */
  static float[] outputs(NDManager manager, Block block, NDArray x) {
    ParameterStore store = new ParameterStore(manager, false);
    return block.forward(store, new NDList(x), false).head().toFloatArray();
  }

  /**
   * Checks that the search ran to its end, and that the network computes finite outputs afterwards.
   */
  static void works(NDManager manager, FoundActivation found, Shape input) {
    found.block().initialize(manager, DataType.FLOAT32, input);
    for (float y : outputs(manager, found.block(), manager.randomNormal(input))) {
      assertTrue(Float.isFinite(y));
    }
    // One epoch of warm start and two of search.
    assertEquals(3, found.search().epochs().size());
    assertTrue(found.search().epochs().get(2).candidates().decided());
  }

  /** Checks that a search is refused with a message that has certain words. */
  static void refused(ActivationSearch search, ArrayDataset data, String... words) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> find(search, data, CLASSES))
            .getMessage();
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
  }
}
