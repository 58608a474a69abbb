package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParameterList;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests that {@link ActivationSites} finds and replaces activation functions, in networks of DJL's
 * model zoo and in networks that users build.
 */
class ActivationSitesTest {

  private static Block mlp() {
    return new Mlp(12, 3, new int[] {8, 6}, Activation::tanh);
  }

  private static Block resNet() {
    return ResNetV1.builder()
        .setImageShape(new Shape(3, 8, 8))
        .setNumLayers(20)
        .setOutSize(10)
        .build();
  }

  private static List<String> names(Block network) {
    return ActivationSites.in(network).sites().stream().map(ActivationSites.Site::name).toList();
  }

  @Test
  void methodReferencesLambdasAndBlocksAreFoundByWhatTheyCompute() {
    SequentialBlock network =
        new SequentialBlock()
            .add(Blocks.batchFlattenBlock(12))
            .add(Linear.builder().setUnits(4).build())
            .add(Activation::relu)
            .addSingleton(x -> x.mul(2).add(1)) // affine, so not an activation
            .addSingleton(x -> x.mul(Activation.sigmoid(x)))
            .add(Dropout.builder().optRate(0.5f).build())
            .add(new SequentialBlock().add(Activation.geluBlock()).add(Activation.mishBlock()))
            .addSingleton(x -> x.mul(x.exp().add(1).log().tanh()))
            .addSingleton(x -> x.softmax(-1)) // not elementwise, so not an activation
            .addSingleton(x -> x.sum(new int[] {-1}));
    // DJL's mishBlock() is "unknown", because DJL computes it with the logarithm to base 2. The
    // activation Mish is defined with the natural logarithm.
    assertEquals(List.of("relu", "silu", "gelu", "unknown", "mish"), names(network));
    assertTrue(ActivationSites.in(network).sites().get(2).path().matches("07.*/01.*"));
    assertEquals(List.of("tanh", "tanh"), names(mlp()));
    assertEquals(List.of(), names(new SequentialBlock().add(Linear.builder().setUnits(4).build())));
  }

  /**
   * Two blocks with the function eˣ/(eˣ + 1), which in float32 is ∞/∞ = NaN for x ≥ 89, must have
   * the same name.
   */
  @Test
  void equalFunctionsThatAreNaNSomewhereHaveOneName() {
    Block network =
        new SequentialBlock()
            .addSingleton(x -> x.exp().div(x.exp().add(1)))
            .addSingleton(x -> x.exp().div(x.exp().add(1)));
    assertEquals(List.of("unknown", "unknown"), names(network));
  }

  @Test
  void activationsInTheFunctionThatJoinsBranchesAreTold() {
    ActivationSites sites = ActivationSites.in(resNet());
    assertTrue(sites.sites().size() >= 9, sites.toString());
    assertEquals(9, sites.hidden().size(), sites.hidden().toString());
    assertTrue(sites.hidden().get(0).contains("ParallelBlock"), sites.hidden().get(0));
    assertEquals(List.of(), ActivationSites.in(mlp()).hidden());
  }

  @Test
  void whatIsPutBackGivesTheSameBits() {
    check(mlp(), new Shape(5, 12));
    check(resNet(), new Shape(2, 3, 8, 8));
    check(MobileNetV1.builder().setOutSize(4).build(), new Shape(2, 3, 32, 32));
  }

  private static void check(Block network, Shape shape) {
    try (NDManager manager = NDManager.newBaseManager()) {
      network.initialize(manager, DataType.FLOAT32, shape);
      NDArray x = manager.randomNormal(shape);
      float[] before = forward(network, x);
      ActivationSites sites = ActivationSites.in(network);
      sites.replace(site -> LambdaBlock.singleton(NDArray::sin));
      float[] other = forward(network, x);
      assertTrue(
          java.util.stream.IntStream.range(0, other.length).anyMatch(i -> other[i] != before[i]));
      sites.replace(site -> null);
      assertArrayEquals(before, forward(network, x));
      // Each activation is replaced by another block that computes the same function, so the output
      // must not change.
      sites.replace(site -> wrapped(site.block()));
      assertArrayEquals(before, forward(network, x));
    }
  }

  private static Block wrapped(Block block) {
    return new LambdaBlock(list -> block.forward(null, list, false));
  }

  private static float[] forward(Block network, NDArray x) {
    ParameterStore store = new ParameterStore(x.getManager(), false);
    return network.forward(store, new NDList(x), false).head().toFloatArray();
  }

  @Test
  void aBlockThatStandsTwiceIsReplacedByOne() {
    Block shared = Activation.reluBlock();
    SequentialBlock network =
        new SequentialBlock()
            .add(shared)
            .add(new SequentialBlock().add(shared))
            .add(Activation.reluBlock());
    ActivationSites sites = ActivationSites.in(network);
    assertEquals(3, sites.sites().size());
    sites.replace(site -> LambdaBlock.singleton(NDArray::sin));
    Block first = network.getChildren().valueAt(0);
    Block nested = network.getChildren().valueAt(1).getChildren().valueAt(0);
    assertSame(first, nested);
    assertNotSame(first, network.getChildren().valueAt(2));
  }

  @Test
  void differentActivationsNeedDifferentBlocks() {
    Block network = mlp();
    List<Block> before = network.getChildren().values();
    Block sine = LambdaBlock.singleton(NDArray::sin);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ActivationSites.in(network).replace(site -> sine));
    assertTrue(e.getMessage().contains("a new block for each"), e.getMessage());
    assertEquals(before, network.getChildren().values());
  }

  /** A block that refers to its activation by a field as well as by DJL's list of children. */
  private static final class Own extends ai.djl.nn.AbstractBlock {

    private final Block activation = addChildBlock("activation", Activation.reluBlock());

    @Override
    protected NDList forwardInternal(
        ParameterStore store,
        NDList inputs,
        boolean training,
        ai.djl.util.PairList<String, Object> params) {
      return activation.forward(store, inputs, training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return shapes;
    }
  }

  @Test
  void fieldsOfTheUsersOwnBlocksAreFollowed() {
    Own own = new Own();
    ActivationSites.in(own).replace(site -> LambdaBlock.singleton(NDArray::sin));
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] y = forward(own, manager.create(new float[] {-1}));
      assertEquals(Math.sin(-1), y[0], 1e-6);
    }
  }

  /**
   * A block that does not extend {@code AbstractBlock}, and so lacks DJL's list of children. It
   * returns a copy of its own list, so that the activation in this list cannot be replaced.
   */
  private static final class Odd extends ai.djl.nn.AbstractBaseBlock {

    private final BlockList children = new BlockList(List.of("0"), List.of(Activation.reluBlock()));

    @Override
    public BlockList getChildren() {
      BlockList copy = new BlockList();
      copy.addAll(children);
      return copy;
    }

    @Override
    public ParameterList getDirectParameters() {
      return new ParameterList();
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store,
        NDList inputs,
        boolean training,
        ai.djl.util.PairList<String, Object> params) {
      return children.valueAt(0).forward(store, inputs, training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return shapes;
    }
  }

  @Test
  void aNetworkThatCannotBeChangedKeepsItsActivations() {
    Block relu = Activation.reluBlock();
    SequentialBlock network = new SequentialBlock().add(relu).add(new Odd());
    ActivationSites sites = ActivationSites.in(network);
    assertEquals(2, sites.sites().size());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> sites.replace(site -> LambdaBlock.singleton(NDArray::sin)));
    assertTrue(
        e.getMessage().contains("Odd does not keep its children in the list"), e.getMessage());
    assertSame(relu, network.getChildren().valueAt(0));
  }
}
