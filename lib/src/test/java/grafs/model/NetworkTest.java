package grafs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import grafs.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests what the three kinds of {@link Network} have in common: their {@code toString}, gradients
 * of all parameters, and the order in which activations are created and used.
 */
@ExtendWith(Seed.class)
class NetworkTest {

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  /** A kind of network, represented by a small network of that kind. */
  enum Kind {
    RESNET(
        activation -> ResNet.of(8, 10, activation),
        new Shape(3, 3, 32, 32),
        7,
        "layer1.0.act1.alpha_p",
        "layer1.0.act2.alpha_p"),
    VIT(
        activation ->
            VisionTransformer.of(new VitConfig(12, 4, 7, 2, 3, 8, 20, 28, 0.5f), activation),
        new Shape(3, 3, 12, 12),
        2,
        "transformer.layers.0.1.fn.net.1.alpha_p",
        "transformer.layers.1.1.fn.net.1.alpha_p"),
    GPT(
        activation -> Gpt.of(new GptConfig(2, 2, 16, 12, 20, true, 0), activation),
        new Shape(3, 12),
        2,
        "transformer.h.0.mlp.act.alpha_p",
        "transformer.h.1.mlp.act.alpha_p");

    private final Function<Supplier<Block>, Network> network;
    private final Shape input;
    private final int activations;

    /**
     * The names of a parameter of each of two activations that follow each other in the forward
     * pass.
     */
    private final List<String> names;

    Kind(
        Function<Supplier<Block>, Network> network, Shape input, int activations, String... names) {
      this.network = network;
      this.input = input;
      this.activations = activations;
      this.names = List.of(names);
    }
  }

  /**
   * Returns an input for a kind of network: random images, or for a GPT random token indices from 0
   * to 19.
   */
  private NDArray input(Kind kind) {
    Random random = new Random(Seed.get());
    int size = (int) kind.input.size();
    if (kind == Kind.GPT) {
      return manager.create(random.longs(size, 0, 20).toArray(), kind.input);
    }
    float[] pixels = new float[size];
    for (int i = 0; i < size; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return manager.create(pixels, kind.input);
  }

  private NDArray forward(Network network, NDArray input, boolean training) {
    return network
        .forward(new ParameterStore(manager, false), new NDList(input), training)
        .singletonOrThrow();
  }

  @ParameterizedTest
  @EnumSource
  void theLossReachesEveryParameter(Kind kind) {
    manager.getEngine().setRandomSeed((int) Seed.get());
    Network network = kind.network.apply(Xielu::new);
    network.initialize(manager, DataType.FLOAT32, kind.input);
    assertEquals(network.getParameters().size(), network.stateDict().size());
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray logits = forward(network, input(kind), true);
      NDArray scores = logits.reshape(-1, logits.getShape().get(logits.getShape().dimension() - 1));
      long examples = scores.getShape().get(0);
      NDArray labels = manager.create(new Random(1).longs(examples, 0, 7).toArray());
      collector.backward(
          new SoftmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(scores)));
    }
    network
        .stateDict()
        .forEach(
            (name, p) -> {
              if (p.requiresGradient()) {
                float sum = p.getArray().getGradient().abs().sum().getFloat();
                assertTrue(sum > 0 && Float.isFinite(sum), name + " has gradient " + sum);
              }
            });
  }

  @ParameterizedTest
  @EnumSource
  void eachPlaceHasItsOwnActivationInOrder(Kind kind) {
    List<Block> made = new ArrayList<>();
    Network network =
        kind.network.apply(
            () -> {
              made.add(new Xielu());
              return made.get(made.size() - 1);
            });
    assertEquals(kind.activations, made.size());
    List<Parameter> own = made.stream().map(block -> block.getParameters().valueAt(0)).toList();
    List<Parameter> named = kind.names.stream().map(network.stateDict()::get).toList();
    int first = own.indexOf(named.get(0));
    assertTrue(first >= 0, network.stateDict().keySet().toString());
    assertEquals(own.subList(first, first + 2), named);

    List<Integer> passed = new ArrayList<>();
    int[] next = {0};
    Network recording =
        kind.network.apply(
            () -> {
              int place = next[0]++;
              return LambdaBlock.singleton(
                  x -> {
                    passed.add(place);
                    return x;
                  });
            });
    recording.initialize(manager, DataType.FLOAT32, kind.input);
    passed.clear();
    forward(recording, input(kind), false);
    assertEquals(IntStream.range(0, kind.activations).boxed().toList(), passed);
    assertThrows(NullPointerException.class, () -> kind.network.apply(() -> null));
  }

  @Test
  void aNetworkPrintsWhichItIsAndItsSize() {
    Supplier<Block> relu = Activations.of("relu");
    ResNet resNet = ResNet.of(20, 10, relu);
    VisionTransformer vit = VisionTransformer.of(VitConfig.tiny(10), relu);
    Gpt gpt = Gpt.of(GptConfig.mini(65, 128), relu);
    assertEquals("ResNet-20 for 10 classes, not initialized", resNet.toString());
    resNet.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
    vit.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
    gpt.initialize(manager, DataType.FLOAT32, new Shape(1, 128));
    assertEquals(
        List.of(
            "ResNet-20 for 10 classes: 269 722 parameters",
            "vision transformer with 4 layers, 6 heads, 512 wide, for 10 classes:"
                + " 4 371 438 parameters",
            // The GPT has 12·192² + 2·192 parameters in each of 3 layers, 192 in each of 65 token
            // and 128 position embeddings, and 192 in the last layer norm.
            "GPT with 3 layers, 3 heads, 192 wide: 1 365 504 parameters"),
        List.of(resNet.toString(), vit.toString(), gpt.toString()));
  }
}
