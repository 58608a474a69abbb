package grafs.run;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that {@link ActivationSearch} refuses, before any training, networks in which it cannot
 * search: networks with no activation or with several kinds of activations, networks without
 * weights to train, and networks whose input or output does not fit the data. {@link UnfitDataTest}
 * has more tests of data that do not fit.
 */
class RefusedSearchTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void whatCannotWorkIsSaidBeforeAnythingIsTrained() {
    ArrayDataset data = SmallSearch.examples(manager, 128, 12);
    SmallSearch.refused(
        ActivationSearch.in(Linear.builder().setUnits(3).build()),
        data,
        "no activation",
        "ActivationSearch.of");
    Block mixed =
        new SequentialBlock()
            .add(Linear.builder().setUnits(8).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(3).build())
            .add(Activation::gelu);
    SmallSearch.refused(
        ActivationSearch.in(mixed), data, "several", "relu=02", "gelu=04", "where(");
    SmallSearch.refused(
        ActivationSearch.in(mixed).where(site -> site.name().equals("elu")),
        data,
        "none was picked of 02");
    SmallSearch.refused(
        ActivationSearch.in(
            ResNetV1.builder()
                .setImageShape(new Shape(3, 8, 8))
                .setNumLayers(20)
                .setOutSize(3)
                .build()),
        data,
        "cannot take batches of the shape of these data, [(32, 12)]");
    SmallSearch.refused(
        ActivationSearch.in(new Mlp(12, 3, new int[] {16}, Activation::relu)),
        SmallSearch.examples(manager, 20, 12),
        "15 examples do not fill a batch of 32");
    SmallSearch.refused(
        ActivationSearch.in(new SequentialBlock().add(Activation::relu)),
        data,
        "no weights that can be trained");
    Block two = new SequentialBlock().add(Linear.builder().setUnits(8).build());
    ((SequentialBlock) two).add(Activation::tanh).add(Activation.mishBlock());
    SmallSearch.refused(ActivationSearch.in(two), data, "several", "tanh=02", "unknown=03");
    // The data have three classes, but the network has two outputs.
    Block few = new Mlp(12, 2, new int[] {16}, Activation::relu);
    SmallSearch.refused(ActivationSearch.in(few), data, "the network has 2 outputs");
  }

  @Test
  void aNetworkThatIsFrozenCannotLearn() {
    Block network = new Mlp(12, 3, new int[] {16}, Activation::relu);
    network.freezeParameters(true);
    SmallSearch.refused(
        ActivationSearch.in(network),
        SmallSearch.examples(manager, 128, 12),
        "no weights that can be trained");
  }
}
