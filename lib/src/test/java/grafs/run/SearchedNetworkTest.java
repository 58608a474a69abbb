package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SquaredError;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link ActivationSearch} with networks of DJL and networks that a user builds from blocks,
 * and with several kinds of labels: classes, real numbers, and a tag for each token of a text.
 */
class SearchedNetworkTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void mlp() {
    Block network = new Mlp(12, 3, new int[] {16, 16}, Activation::relu);
    FoundActivation found =
        SmallSearch.find(
            ActivationSearch.in(network),
            SmallSearch.examples(manager, 128, 12),
            SmallSearch.CLASSES);
    assertSame(network, found.block());
    assertEquals(2, found.replaced().size());
    SmallSearch.works(manager, found, new Shape(4, 12));
  }

  @Test
  void resNetV1WithWhatIsHiddenLeftAsItIs() {
    Block network =
        ResNetV1.builder().setImageShape(new Shape(3, 8, 8)).setNumLayers(20).setOutSize(3).build();
    FoundActivation found =
        SmallSearch.find(
            ActivationSearch.in(network),
            SmallSearch.examples(manager, 128, 3, 8, 8),
            SmallSearch.CLASSES);
    assertEquals(9, found.hidden().size());
    SmallSearch.works(manager, found, new Shape(2, 3, 8, 8));
  }

  @Test
  void mobileNetV1() {
    Block network = MobileNetV1.builder().setOutSize(3).optWidthMultiplier(0.25f).build();
    FoundActivation found =
        SmallSearch.find(
            ActivationSearch.in(network),
            SmallSearch.examples(manager, 128, 3, 32, 32),
            SmallSearch.CLASSES);
    assertTrue(found.replaced().size() >= 27, "" + found.replaced().size());
    SmallSearch.works(manager, found, new Shape(2, 3, 32, 32));
  }

  @Test
  void aFactoryReachesWhatIsHidden() {
    java.util.function.Function<Supplier<Block>, Block> network =
        activation ->
            new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(activation.get())
                .add(Linear.builder().setUnits(3).build());
    ActivationSearch search = ActivationSearch.of(network, Activation.tanhBlock());
    FoundActivation found =
        SmallSearch.find(search, SmallSearch.examples(manager, 128, 12), SmallSearch.CLASSES);
    SmallSearch.works(manager, found, new Shape(4, 12));
    assertTrue(found.search().epochs().get(0).warmStart(), "it starts from tanh");
    SmallSearch.refused(
        search.where(site -> site.name().equals("tanh")),
        SmallSearch.examples(manager, 128, 12),
        "where(…)");
  }

  @Test
  void aRegressionHasALossAndNoAccuracy() {
    NDArray x = manager.randomNormal(new Shape(1024, 5));
    NDArray y = x.get(":, 0:1").sin();
    ArrayDataset data =
        new ArrayDataset.Builder().setData(x).optLabels(y).setSampling(8, false).build();
    Block network = new Mlp(5, 1, new int[] {16}, Activation::tanh);
    ActivationSearch search =
        ActivationSearch.in(network)
            .training(new SgdSettings(0.05, 0.9, 0, SgdSettings.Decay.COSINE), 16)
            .space(TinyRuns.SPACE)
            .epochs(4);
    FoundActivation found = search.run(data, new SquaredError(), 1, Progress.Listener.NONE);
    double mean = y.square().mean().getFloat() / 2;
    double loss = found.search().epochs().get(3).validation().loss();
    assertTrue(loss < mean / 4, loss + " against " + mean + " of no answer at all");
    assertTrue(Double.isNaN(found.search().epochs().get(3).train().accuracy()));
    found.block().initialize(manager, DataType.FLOAT32, new Shape(4, 5));
    assertEquals(4, SmallSearch.outputs(manager, found.block(), x.get("0:4")).length);
  }

  @Test
  void aTextIsTaggedTokenByToken() {
    NDArray tokens = manager.randomInteger(0, 10, new Shape(512, 8), DataType.INT64);
    NDArray tags = tokens.add(1).mod(10);
    ArrayDataset data =
        new ArrayDataset.Builder()
            .setData(tokens.toType(DataType.FLOAT32, false))
            .optLabels(tags.toType(DataType.FLOAT32, false))
            .setSampling(8, false)
            .build();
    Block network =
        new SequentialBlock()
            .addSingleton(x -> x.toType(DataType.INT64, false).oneHot(10))
            .add(Linear.builder().setUnits(16).build())
            .add(Activation::gelu)
            .add(Linear.builder().setUnits(10).build());
    ActivationSearch search =
        ActivationSearch.in(network)
            .training(new SgdSettings(0.5, 0.9, 0, SgdSettings.Decay.COSINE), 16)
            .space(TinyRuns.SPACE)
            .epochs(4);
    FoundActivation found = search.run(data, SmallSearch.CLASSES, 1, Progress.Listener.NONE);
    double accuracy = found.search().epochs().get(3).validation().accuracy();
    assertTrue(accuracy > 0.9, "of tokens tagged right: " + accuracy);
    assertEquals(1, found.replaced().size());
  }
}
