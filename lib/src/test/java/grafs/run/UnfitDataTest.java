package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.recurrent.RecurrentBlock;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import ai.djl.util.Progress;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Operations;
import grafs.data.BatchSource;
import grafs.data.DatasetBatches;
import grafs.train.Learner;
import grafs.train.SgdSettings;
import grafs.train.SquaredError;
import grafs.train.Training;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that {@link ActivationSearch#run} throws IllegalArgumentException, before any training, if
 * data, labels and network do not fit together.
 */
class UnfitDataTest {

  private static final CellSpace SMALL =
      CellSpace.of(Operations.of("identity", "tanh", "max0", "add", "gate"), Bounds.SMOOTH)
          .withUnits(1);
  private static final Loss CLASSES = Loss.softmaxCrossEntropyLoss();
  private static final int COUNT = 203; // the default batch size 32 leaves a partial last batch

  private final NDManager manager = NDManager.newBaseManager();
  private final NDArray x = manager.randomNormal(new Shape(COUNT, 5));
  private final NDArray classes = x.get(":, 0:3").argMax(1).toType(DataType.FLOAT32, false);

  @AfterEach
  void close() {
    manager.close();
  }

  private static ArrayDataset data(NDArray x, NDArray labels) {
    return new ArrayDataset.Builder().setData(x).optLabels(labels).setSampling(8, false).build();
  }

  private static Block mlp(int outputs) {
    return new Mlp(5, outputs, new int[] {8}, Activation::relu);
  }

  private static FoundActivation find(Block network, RandomAccessDataset data, Loss loss) {
    return ActivationSearch.in(network)
        .space(SMALL)
        .epochs(2)
        .run(data, loss, 1, grafs.train.Progress.Listener.NONE);
  }

  private static void refused(Block network, RandomAccessDataset data, Loss loss, String... words) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> find(network, data, loss)).getMessage();
    for (String word : words) {
      assertTrue(said.contains(word), word + " in: " + said);
    }
  }

  private NDArray with(NDArray array, double value, String index) {
    NDArray other = array.duplicate();
    other.set(new NDIndex(index), value);
    return other;
  }

  @Test
  void oneHotLabelsOfASparseLoss() {
    NDArray oneHot = classes.toType(DataType.INT64, false).oneHot(3);
    String[] words = {"one-hot", "argMax", "addCategoricalLabel"};
    refused(mlp(3), data(x, oneHot.toType(DataType.FLOAT32, false)), CLASSES, words);
    refused(mlp(3), data(x, oneHot.toType(DataType.INT32, false)), CLASSES, words);
    // The loss that the message recommends accepts one-hot labels.
    Loss dense = new SoftmaxCrossEntropyLoss("loss", 1, -1, false, true);
    find(mlp(3), data(x, oneHot.toType(DataType.FLOAT32, false)), dense);
    refused(mlp(3), data(x, classes), dense, "These labels may be indices");
    // A Learner, which is a network with its loss, refuses one-hot labels too if a user calls it
    // directly.
    try (Learner learner = new Learner(mlp(3), CLASSES, new Shape(1, 5), 1)) {
      var batches = DatasetBatches.inOrder(data(x, oneHot.toType(DataType.FLOAT32, false)), 8);
      assertThrows(
          IllegalArgumentException.class,
          () -> learner.evaluate(batches.epoch(learner.manager(), 0)));
    }
  }

  @Test
  void aLabelOutOfRangeAnywhere() {
    for (int example : new int[] {0, 57, COUNT - 1}) {
      String at = Integer.toString(example);
      String[] words = {"label of example " + at + " ", "from 0", "3 outputs"};
      refused(mlp(3), data(x, with(classes, 3, at)), CLASSES, words);
      refused(mlp(3), data(x, with(classes, -1, at)), CLASSES, words);
      refused(mlp(3), data(x, with(classes, 0.5, at)), CLASSES, words);
      NDArray whole = classes.toType(DataType.INT64, false);
      refused(mlp(3), data(x, with(whole, 1000, at)), CLASSES, words);
    }
    refused(mlp(1), data(x, classes), CLASSES, "1 output");
    NDArray yes = x.get(":, 0:1").gt(0).toType(DataType.FLOAT32, false);
    Loss binary = Loss.sigmoidBinaryCrossEntropyLoss();
    refused(mlp(1), data(x, with(yes, 2, "90, 0")), binary, "example 90 ", "0 to 1");
    refused(mlp(1), data(x, yes), Loss.hingeLoss(), "-1 or 1");
  }

  @Test
  void labelsOfAnotherShape() {
    refused(mlp(3), data(x, x.get(":, 0:2")), CLASSES, "(32, 2)", "index of a class");
    refused(mlp(3), new Ragged(COUNT, 150, 5, 2), CLASSES, "different input shapes", "(2)");
    refused(mlp(3), new Ragged(COUNT, 150, 6, 1), CLASSES, "different input shapes", "(6)");
  }

  /** A data set in which one example has another shape than the rest. */
  private static final class Ragged extends RandomAccessDataset {

    private final int count;
    private final int odd;
    private final int columns;
    private final int labels;

    /**
     * Creates the data set.
     *
     * @param count the number of examples
     * @param odd the index of the example with another shape
     * @param columns the number of columns of that example; the rest have 5
     * @param labels the number of labels of that example; the rest have one
     */
    Ragged(int count, int odd, int columns, int labels) {
      super(new ArrayDataset.Builder().setData().setSampling(8, false));
      this.count = count;
      this.odd = odd;
      this.columns = columns;
      this.labels = labels;
    }

    @Override
    public Record get(NDManager manager, long index) {
      boolean differs = index == odd;
      return new Record(
          new NDList(manager.ones(new Shape(differs ? columns : 5))),
          new NDList(manager.zeros(differs && labels > 1 ? new Shape(labels) : new Shape())));
    }

    @Override
    protected long availableSize() {
      return count;
    }

    @Override
    public void prepare(Progress progress) {
      // Nothing has to be prepared.
    }
  }

  @Test
  void numbersThatAreNotFinite() {
    NDArray y = x.get(":, 1:2");
    Loss loss = new SquaredError();
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1 / 0.0}) {
      refused(
          mlp(3),
          data(with(x, value, "201, 3"), classes),
          CLASSES,
          "example 201 has " + value + " in column 3 of its data");
      refused(
          mlp(1),
          data(x, with(y, value, "77, 0")),
          loss,
          "example 77 has " + value + " in its labels (counted");
    }
    NDArray images = manager.randomNormal(new Shape(64, 1, 4, 5));
    NDArray labels = classes.get("0:64");
    Block network = new SequentialBlock().addSingleton(a -> a.reshape(-1, 20)).add(mlp(3));
    refused(
        network,
        data(with(images, Double.NaN, "60, 0, 2, 3"), labels),
        CLASSES,
        "example 60 has NaN in place [0, 2, 3] of its data");
  }

  @Test
  void anExampleOfAPartThatDjlMadeIsCountedInThePart() throws Exception {
    RandomAccessDataset part = data(x, classes).randomSplit(3, 1)[0];
    NDArray third = part.get(manager, 3).getData().head();
    long row = x.sub(third).abs().sum(new int[] {1}).argMin().getLong();
    x.set(new NDIndex(row + ", 4"), Float.NaN);
    refused(mlp(3), part, CLASSES, "example 3 has NaN in column 4 of its data");
  }

  @Test
  void inTrainingTheBatchIsLookedAtFirst() {
    ArrayDataset data = data(with(x, Double.NaN, "50, 2"), classes);
    BatchSource batches = DatasetBatches.inOrder(data, 8);
    try (Learner learner = new Learner(mlp(3), CLASSES, new Shape(1, 5), 1)) {
      TrainingDivergedException e =
          assertThrows(
              TrainingDivergedException.class,
              () ->
                  new Training(
                          learner,
                          new SgdSettings(0.1, 0.9, 0, SgdSettings.Decay.COSINE),
                          batches,
                          batches,
                          2,
                          1,
                          grafs.train.Progress.Listener.NONE)
                      .run("training"));
      assertTrue(
          e.getMessage().contains("in batch 7 of 26, example 2 has NaN in column 2 of its data"),
          e.getMessage());
    }
  }

  private static Block sequence(RecurrentBlock recurrent) {
    return new SequentialBlock()
        .add(recurrent)
        .add(Linear.builder().setUnits(8).build())
        .add(Activation::relu)
        .add(Linear.builder().setUnits(3).build());
  }

  @Test
  void recurrentBlocksFirst() {
    NDArray sequences = manager.randomNormal(new Shape(128, 6, 2));
    NDArray labels = manager.randomInteger(0, 3, new Shape(128, 6), DataType.INT64);
    ArrayDataset data = data(sequences, labels.toType(DataType.FLOAT32, false));
    List<RecurrentBlock.BaseBuilder<?>> builders =
        List.of(LSTM.builder(), GRU.builder(), RNN.builder().setActivation(RNN.Activation.TANH));
    for (RecurrentBlock.BaseBuilder<?> builder : builders) {
      builder.setStateSize(4).setNumLayers(1).optBatchFirst(true).optReturnState(false);
      RecurrentBlock block =
          builder instanceof LSTM.Builder lstm
              ? lstm.build()
              : builder instanceof GRU.Builder gru ? gru.build() : ((RNN.Builder) builder).build();
      assertEquals(1, find(sequence(block), data, CLASSES).replaced().size());
    }
  }

  @Test
  void severalOutputs() {
    Block two =
        new SequentialBlock()
            .add(mlp(3))
            .add(new LambdaBlock(list -> new NDList(list.head(), list.head())));
    refused(two, data(x, classes), CLASSES, "2 outputs", "one is needed", "list.get(0)");
  }

  @Test
  void aFailureWithoutAMessageIsNamedByItsType() {
    Block broken =
        new SequentialBlock()
            .add(mlp(3))
            .add(
                new LambdaBlock(
                    list -> {
                      throw new UnsupportedOperationException();
                    }));
    refused(broken, data(x, classes), CLASSES, "(32, 5)", "UnsupportedOperationException");
  }

  @Test
  void noLabelsOrSeveral() {
    ArrayDataset none = new ArrayDataset.Builder().setData(x).setSampling(8, false).build();
    refused(mlp(3), none, CLASSES, "0 arrays of labels", "optLabels");
    ArrayDataset two =
        new ArrayDataset.Builder()
            .setData(x)
            .optLabels(classes, classes)
            .setSampling(8, false)
            .build();
    refused(mlp(3), two, CLASSES, "2 arrays of labels");
  }

  @Test
  void aShareThatLeavesNothing() {
    ActivationSearch search = ActivationSearch.in(mlp(3));
    ActivationSearch all = search.with(search.settings().alphaShare(0.001));
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> all.run(data(x, classes), CLASSES, 1, grafs.train.Progress.Listener.NONE))
            .getMessage();
    assertTrue(said.contains("203 examples cannot be split at a share of 0.999"), said);
  }

  @Test
  void aDefaultWithParameters() {
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    ActivationSearch.of(a -> mlp(3), Activation.preluBlock())
                        .run(data(x, classes), CLASSES, 1, grafs.train.Progress.Listener.NONE))
            .getMessage();
    assertTrue(said.contains("parameters of its own"), said);
  }
}
