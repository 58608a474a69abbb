package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.util.PairList;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Operations;
import grafs.nas.SearchSettings;
import grafs.nas.Shrinking;
import grafs.nas.Verification;
import grafs.train.AdamSettings;
import grafs.train.Progress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link FoundActivation#compare}, which trains a network with the activation function that a
 * search found and with its default activation, the one that it had before the search. The tests
 * check which rows it trains and scores on, and that the network is unchanged afterwards. A row is
 * one example of a data set.
 */
class FoundComparisonTest {

  private static final CellSpace SMALL =
      CellSpace.of(
              grafs.cell.Operations.of("identity", "tanh", "gelu", "max0", "add", "gate"),
              grafs.cell.Bounds.SMOOTH)
          .withUnits(1);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /**
   * Rows of five numbers. The first number is a unique id, counted from {@code first}; the class is
   * 1 if the last number is larger than the second, otherwise 0.
   */
  private ArrayDataset rows(int first, int count) {
    NDArray id = manager.arange(first, first + count, 1, DataType.FLOAT32).reshape(count, 1);
    NDArray x = manager.randomNormal(new Shape(count, 4));
    NDArray label = x.get(":, 0").lt(x.get(":, 3")).toType(DataType.FLOAT32, false);
    return new ArrayDataset.Builder()
        .setData(id.concat(x, 1))
        .optLabels(label)
        .setSampling(8, false)
        .build();
  }

  /**
   * A network that records the ids of the rows that it is trained and scored on, and the weights of
   * its first layer before the first training step.
   */
  private static final class Noting extends AbstractBlock {
    private final Block in = addChildBlock("in", Linear.builder().setUnits(8).build());
    private final Block activation;
    private final Block out = addChildBlock("out", Linear.builder().setUnits(2).build());
    private final List<Integer> trained = new ArrayList<>();
    private final List<Integer> scored = new ArrayList<>();
    private float[] firstWeights;

    Noting(Block activation) {
      this.activation = addChildBlock("activation", activation);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList x, boolean training, PairList<String, Object> more) {
      for (float id : x.head().get(":, 0").toFloatArray()) {
        (training ? trained : scored).add((int) id);
      }
      if (training && firstWeights == null) {
        firstWeights = in.getParameters().valueAt(0).getArray().toFloatArray();
      }
      NDList h = in.forward(store, new NDList(x.head().get(":, 1:")), training);
      return out.forward(store, activation.forward(store, h, training), training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {new Shape(inputs[0].get(0), 2)};
    }

    @Override
    public void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
      in.initialize(manager, type, new Shape(inputs[0].get(0), 4));
      Shape hidden = new Shape(inputs[0].get(0), 8);
      activation.initialize(manager, type, hidden);
      out.initialize(manager, type, hidden);
    }
  }

  static ActivationSearch brief(ActivationSearch search) {
    return brief(search.space(SMALL), Verification.OFF);
  }

  private static ActivationSearch brief(ActivationSearch search, Verification verification) {
    return search
        .with(
            SearchSettings.paper(new AdamSettings(1e-2, 0.9, 0.999, 0, 0, 0, 0.1))
                .epochs(3)
                .batchSize(8)
                .accumulation(1)
                .shrinking(new Shrinking(Shrinking.Unit.EPOCH, 1))
                .verification(verification))
        .learningRate(1e-2);
  }

  @Test
  void rowsThatTrainAndThatChooseAndThatScoreAreApart() {
    // 56 of these rows train the weights. The other 18 choose the learning rate; their last batch
    // of 8 is not full.
    ArrayDataset searched = rows(0, 74);
    ArrayDataset test = rows(1000, 21);
    List<Noting> built = new ArrayList<>();
    FoundActivation found =
        brief(
                ActivationSearch.of(
                    activation -> {
                      Noting network = new Noting(activation.get());
                      built.add(network);
                      return network;
                    },
                    Activation.tanhBlock()))
            .run(searched, Loss.softmaxCrossEntropyLoss(), 3, Progress.Listener.NONE);
    built.clear();
    FoundComparison comparison = found.compare(test, 1, 2);

    // The first network that is built only serves to check that data and network fit together. The
    // last four are trained in pairs, one pair for each of two seeds. The networks after the first
    // and before the last four are trained to choose the learning rates.
    int pairs = built.size() - 4;
    assertTrue(pairs >= 1 + 6 && pairs <= 1 + 2 * 7, "three rates at least, seven at most");
    Set<Integer> training = new TreeSet<>(built.get(1).trained);
    Set<Integer> choosing = new TreeSet<>(built.get(1).scored);
    assertEquals(56, training.size());
    assertEquals(18, choosing.size());
    Set<Integer> all = new HashSet<>(training);
    all.addAll(choosing);
    assertEquals(74, all.size(), "a row both trains and chooses");
    for (Noting network : built.subList(1, pairs)) {
      assertEquals(training, new TreeSet<>(network.trained));
      assertEquals(choosing, new TreeSet<>(network.scored));
    }
    for (Noting network : built.subList(pairs, pairs + 4)) {
      assertEquals(training, new TreeSet<>(network.trained));
      assertEquals(rowsFrom(1000, 21), new TreeSet<>(network.scored), "all test rows, no others");
    }
    assertEquals(new FoundComparison.Rows(56, 18, 21), comparison.rows());

    // The two networks of a pair are trained with the same seed: with the same initial weights and
    // the same order of rows.
    Noting ours = built.get(pairs);
    Noting theirs = built.get(pairs + 1);
    assertArrayEquals(ours.firstWeights, theirs.firstWeights);
    assertEquals(ours.trained, theirs.trained);
    assertNotEquals(ours.trained, built.get(pairs + 2).trained, "another seed has another order");
    assertNotEquals(ours.firstWeights[0], built.get(pairs + 2).firstWeights[0]);
    assertEquals("tanh", comparison.standard().name());
    assertEquals(2, comparison.found().scores().size());
    assertEquals(21, comparison.found().scores().get(0).examples());
    assertTrue(comparison.slower() > 0);
  }

  @Test
  void anActivationThatWasKeptIsTrainedAlone() {
    List<Noting> built = new ArrayList<>();
    FoundActivation found =
        brief(
                ActivationSearch.of(
                        activation -> {
                          Noting network = new Noting(activation.get());
                          built.add(network);
                          return network;
                        },
                        Activation.reluBlock())
                    // The only function of this space is ReLU of ReLU, which is equal to ReLU, the
                    // default activation.
                    .space(CellSpace.of(Operations.of("max0", "left"), Bounds.PAPER)),
                new Verification(1, 1, 2))
            .run(rows(0, 64), Loss.softmaxCrossEntropyLoss(), 3, Progress.Listener.NONE);
    assertTrue(found.search().verified().keptDefault());
    built.clear();
    FoundComparison comparison = found.compare(rows(1000, 21), 1, 2);

    assertTrue(comparison.kept());
    assertTrue(comparison.verdict().startsWith("kept relu:"), comparison::verdict);
    assertEquals(1, comparison.table().rowCount());
    assertEquals(comparison.standard().scores(), comparison.found().scores());
    int rates = built.size() - 1 - 2;
    assertTrue(rates >= 3 && rates <= 7, "each rate once: " + rates);
  }

  /**
   * A default activation that the user defined is kept if nothing better is found. Its formula is
   * not known, so the result names the best function found instead; but the network has its default
   * activation.
   */
  @Test
  void anUnknownActivationIsKeptAsItIs() {
    Block own = LambdaBlock.singleton(x -> x.mul(x.getManager().create(3f)).sin());
    FoundActivation found =
        brief(
                ActivationSearch.of(activation -> new Noting(activation.get()), own)
                    // The only function of this space is a constant, with which no network learns.
                    .space(CellSpace.of(Operations.of("constant", "left"), Bounds.PAPER)),
                new Verification(1, 2, 2))
            .run(rows(0, 256), Loss.softmaxCrossEntropyLoss(), 3, Progress.Listener.NONE);
    assertTrue(found.search().keptDefault(), "" + found);
    assertSame(own, ((Noting) found.block()).activation);
    FoundComparison comparison = found.compare(rows(1000, 21), 1, 2);
    assertTrue(comparison.kept());
    assertEquals(comparison.standard().scores(), comparison.found().scores());
  }

  private static Set<Integer> rowsFrom(int first, int count) {
    Set<Integer> rows = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      rows.add(first + i);
    }
    return rows;
  }

  @Test
  void aNetworkIsAfterwardsWhatItWasAndIsTrainedFromScratch() {
    Block mlp = new Mlp(5, 2, new int[] {8}, Activation::relu);
    mlp.initialize(manager, DataType.FLOAT32, new Shape(1, 5));
    // All weights are 0, and from these the network could not learn.
    mlp.getParameters().values().forEach(parameter -> parameter.getArray().muli(0));
    ArrayDataset test = rows(1000, 40);
    FoundActivation found =
        brief(ActivationSearch.in(mlp))
            .run(rows(0, 64), Loss.softmaxCrossEntropyLoss(), 1, Progress.Listener.NONE);
    Block function = found.block().getChildren().valueAt(2);
    FoundComparison comparison = found.compare(test, 1, 2, 3);

    assertEquals("relu", comparison.standard().name());
    assertEquals(function, found.block().getChildren().valueAt(2), "the function is in place");
    for (var parameter : mlp.getParameters().values()) {
      assertEquals(0, parameter.getArray().abs().sum().getFloat(), "the user's weights are kept");
    }
    Set<Double> losses = new HashSet<>();
    comparison.standard().scores().forEach(score -> losses.add(score.loss()));
    assertEquals(3, losses.size(), "each seed has weights of its own: " + losses);
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    ArrayDataset searched = rows(0, 64);
    FoundActivation found =
        brief(ActivationSearch.in(new Mlp(5, 2, new int[] {8}, Activation::relu)))
            .run(searched, Loss.softmaxCrossEntropyLoss(), 1, Progress.Listener.NONE);
    refused(() -> found.compare(searched, 1), "chosen on these rows", "randomSplit");
    refused(() -> found.compare(rows(1000, 8)), "at least one seed");
    refused(() -> found.compare(rows(1000, 8), 4, 4), "each once", "[4, 4]");
    NDArray x = manager.ones(new Shape(3, 5));
    x.set(new ai.djl.ndarray.index.NDIndex(2, 1), Float.NaN);
    ArrayDataset missing =
        new ArrayDataset.Builder()
            .setData(x)
            .optLabels(manager.zeros(new Shape(3)))
            .setSampling(1, false)
            .build();
    refused(() -> found.compare(missing, 1), "NaN");
  }

  private static void refused(Runnable work, String... words) {
    String said = assertThrows(IllegalArgumentException.class, work::run).getMessage();
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
  }
}
