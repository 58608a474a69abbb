package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.data.BatchSource;
import grafs.data.DatasetBatches;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import grafs.train.SquaredError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link Search} when {@link SearchSettings#searches} is more than 1: it then makes several
 * searches from one seed, which have different initial weights, random draws and orders of
 * examples.
 */
class SeveralSearchesTest {

  private static final SearchSettings ONCE =
      SearchSettings.paper(new SgdSettings(0.05, 0.9, 0, Decay.COSINE))
          .epochs(4)
          .batchSize(32)
          .accumulation(1)
          .alphaLearningRate(0.1);

  /** The records of the epochs of all searches, in order. */
  private final List<SearchResult.Epoch> epochs = new ArrayList<>();

  /**
   * The epoch numbers with which searches requested the batches that train the weights. A number
   * determines the order of the examples. The value is the first weight tensor of the network at
   * the first request with this number.
   */
  private final TreeMap<Integer, float[]> asked = new TreeMap<>();

  private SearchResult search(SearchSettings settings) {
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      BatchSource batches = Rings.batches(8, 32, 1);
      BatchSource weights =
          new BatchSource() {
            @Override
            public int batchesPerEpoch() {
              return batches.batchesPerEpoch();
            }

            @Override
            public Iterable<Batch> epoch(NDManager manager, int order) {
              asked.putIfAbsent(order, first(learner));
              return batches.epoch(manager, order);
            }
          };
      return new Search(settings, cells, learner, Progress.Listener.NONE)
          .run(weights, Rings.batches(8, 32, 2), 1, null, epochs::add);
    }
  }

  private static float[] first(Learner learner) {
    return learner.weights().valueAt(0).toFloatArray();
  }

  /**
   * The first of three searches equals a single search. The other two differ from the first and
   * from each other. The result is the function of the best epoch of all searches.
   */
  @Test
  void theBestIsTaken() {
    search(ONCE);
    List<String> single = alphas();
    epochs.clear();
    SearchResult best = search(ONCE.searches(3));
    assertEquals(3 * ONCE.epochs(), epochs.size());
    assertEquals(single, alphas().subList(0, ONCE.epochs()));
    assertEquals(epochs.size(), alphas().stream().distinct().count());
    assertEquals(
        epochs.stream()
            .filter(e -> !e.warmStart())
            .reduce((a, b) -> b.discrete().value() > a.discrete().value() ? b : a)
            .orElseThrow()
            .found(),
        best.found().toString());
  }

  private List<String> alphas() {
    return epochs.stream().map(e -> Arrays.deepToString(e.alpha())).toList();
  }

  @Test
  void eachStartsFromWeightsOfItsOwnAndHasOrdersOfItsOwn() {
    search(ONCE.searches(3));
    assertEquals(
        IntStream.range(0, 3 * ONCE.epochs()).boxed().toList(), List.copyOf(asked.keySet()));
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      assertArrayEquals(first(learner), asked.get(0));
      for (int number = 2; number <= 3; number++) {
        learner.restart(Objects.hash(1L, -number));
        assertArrayEquals(first(learner), asked.get((number - 1) * ONCE.epochs()));
      }
    }
  }

  /**
   * NaN in the data gives the first of two searches the score NaN after every epoch. So the second
   * search must give the result.
   */
  @Test
  void aSearchThatIsScoredNotANumberComesLast() {
    Cells cells = new Cells(CellSpace.small(), Activations.of("relu").get());
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(8).build())
            .add(cells.get())
            .add(Linear.builder().setUnits(1).build());
    try (NDManager manager = NDManager.newBaseManager();
        Learner learner = new Learner(network, new SquaredError(), new Shape(1, 1), 1)) {
      NDArray x = manager.arange(-2, 2, 4f / 256).reshape(-1, 1);
      BatchSource weights = batches(x, x.sin());
      BatchSource alpha = batches(x, x.sin());
      BatchSource spoiled = batches(x, x.mul(manager.create(Float.NaN)));
      BatchSource scored =
          new BatchSource() {
            @Override
            public int batchesPerEpoch() {
              return alpha.batchesPerEpoch();
            }

            @Override
            public Iterable<Batch> epoch(NDManager owner, int order) {
              // The batches that train α are requested with epoch number 0 to score functions, and
              // with numbers from 1 for the steps of a search.
              boolean first = epochs.size() < ONCE.epochs();
              return (order == 0 && first ? spoiled : alpha).epoch(owner, order);
            }
          };
      SearchResult result =
          new Search(
                  ONCE.searches(2).verification(Verification.OFF),
                  cells,
                  learner,
                  Progress.Listener.NONE)
              .run(weights, scored, 1, null, epochs::add);
      assertTrue(epochs.stream().limit(4).allMatch(e -> Double.isNaN(e.discrete().value())));
      assertEquals(epochs.subList(4, 8), result.epochs());
    }
  }

  private static BatchSource batches(NDArray x, NDArray y) {
    ArrayDataset pairs =
        new ArrayDataset.Builder().setData(x).optLabels(y).setSampling(32, false).build();
    return DatasetBatches.shuffled(pairs, 32, 1);
  }
}
