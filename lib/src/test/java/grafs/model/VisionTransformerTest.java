package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Prelu;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link VisionTransformer}: its logits, which PyTorch has computed too, its number of
 * parameters, initial weights, dropout, and the checks of shapes.
 */
class VisionTransformerTest {

  private static final Shape IMAGES = new Shape(3, 3, 32, 32);

  /** The number of trainable parameters of ViT-Ti for 10 classes. */
  private static final long TI_PARAMETERS = 4_371_438;

  /** The number of trainable parameters of ViT-S for 10 classes. */
  private static final long S_PARAMETERS = 9_622_512;

  /**
   * The sizes of a small network: 7 classes, 2 layers, 9 patches with 240 values each, width 20, 3
   * heads of width 8, hidden width 28, dropout 0.5. All widths differ, so that a test fails if the
   * code confuses two of them.
   */
  private static final VitConfig LITTLE = little(0.5f);

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  private static VitConfig little(float dropout) {
    return new VitConfig(12, 4, 7, 2, 3, 8, 20, 28, dropout);
  }

  private VisionTransformer net(VitConfig config, Supplier<? extends Block> activation) {
    VisionTransformer net = VisionTransformer.of(config, activation);
    int size = config.imageSize();
    net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, size, size));
    return net;
  }

  /**
   * Returns the small network with random values in all parameters, biases and layer norms
   * included, so that each parameter affects the output.
   */
  private VisionTransformer random(long seed) {
    VisionTransformer net = net(LITTLE, Activations.of("gelu"));
    Random random = new Random(seed);
    net.stateDict().values().forEach(p -> p.getArray().set(gaussians(p.getShape(), random)));
    return net;
  }

  private static float[] gaussians(Shape shape, Random random) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return values;
  }

  private NDArray images(int count, int size, long seed) {
    Shape shape = new Shape(count, 3, size, size);
    return manager.create(gaussians(shape, new Random(seed)), shape);
  }

  private NDArray logits(Block net, NDArray images, boolean training) {
    return net.forward(new ParameterStore(manager, false), new NDList(images), training)
        .singletonOrThrow();
  }

  private static double difference(NDArray a, NDArray b) {
    return a.sub(b).abs().max().getFloat();
  }

  @Test
  void pyTorchComputesTheSameLogits() throws IOException {
    NDArray images = manager.create(FormulaWeights.uniform(1000, IMAGES), IMAGES).muli(4);
    for (VitConfig config : List.of(VitConfig.tiny(10), VitConfig.small(10))) {
      VisionTransformer net = net(config, Activations.of("gelu"));
      FormulaWeights.set(net.stateDict());
      NDArray logits = logits(net, images, false);
      assertEquals(net.getOutputShapes(new Shape[] {IMAGES})[0], logits.getShape());
      String name = config.layers() == 4 ? "ViT-Ti" : "ViT-S";
      assertArrayEquals(FormulaWeights.logits(name), logits.toFloatArray(), 1e-4f, name);
    }
  }

  @Test
  void sizesAreTheOriginals() {
    // The expected numbers were computed by hand. They equal the sizes of the PyTorch networks in
    // the script logits.py of the test resources.
    assertEquals(TI_PARAMETERS, net(VitConfig.tiny(10), Activations.of("gelu")).parameterCount());
    assertEquals(
        TI_PARAMETERS + 90 * 513,
        net(VitConfig.tiny(100), Activations.of("gelu")).parameterCount());
    assertEquals(S_PARAMETERS, net(VitConfig.small(10), Activations.of("gelu")).parameterCount());
  }

  @Test
  void weightsBeginAsInPyTorch() {
    VisionTransformer net = net(VitConfig.tiny(10), Activations.of("gelu"));
    net.stateDict()
        .forEach(
            (name, p) -> {
              NDArray array = p.getArray();
              double most = array.abs().max().getFloat();
              double deviation = array.square().mean().sqrt().getFloat();
              if (name.endsWith("temperature")) {
                assertEquals(Math.log(1 / 8.0), array.getFloat(), 1e-6, name);
              } else if (name.contains("norm")
                  || name.matches("(to_patch|mlp_head.0).*")
                      && p.getShape().dimension() == 1
                      && !name.contains("tokens.2")) {
                assertEquals(name.endsWith("bias") ? 0 : 1, deviation, 1e-7, name);
              } else if (p.getShape().dimension() == 3) {
                // The relative standard error of the standard deviation of n normally distributed
                // numbers is sqrt(1 / 2n).
                assertEquals(1, deviation, 5 / Math.sqrt(2 * p.getShape().size()), name);
              } else {
                String weight = name.replaceFirst("bias$", "weight");
                double inputs = net.stateDict().get(weight).getShape().get(1);
                assertTrue(most <= 1 / Math.sqrt(inputs), name + " has " + most);
                // The standard deviation of a uniform distribution on [−a, a] is a/√3. The
                // tolerance is wide, since the smallest bias has only 10 numbers.
                double expected = 1 / Math.sqrt(3 * inputs);
                assertEquals(
                    expected, deviation, 3 * expected / Math.sqrt(p.getShape().size()), name);
              }
            });
  }

  @Test
  void activationsBeginAsTheirFactoryWants() {
    VisionTransformer net =
        net(
            LITTLE,
            () -> {
              Block block = new Prelu();
              block.setInitializer(Initializer.ONES, Parameter.Type.WEIGHT);
              return block;
            });
    NDArray alpha = net.stateDict().get("transformer.layers.1.1.fn.net.1.alpha").getArray();
    assertArrayEquals(new float[] {1}, alpha.toFloatArray());
  }

  @Test
  void dropoutIsForTrainingOnly() {
    VisionTransformer net = random(4);
    NDArray images = images(2, 12, 5);
    assertEquals(0, difference(logits(net, images, false), logits(net, images, false)));
    assertTrue(difference(logits(net, images, true), logits(net, images, true)) > 1e-3);
    VisionTransformer without = net(little(0), Activations.of("gelu"));
    assertEquals(0, difference(logits(without, images, true), logits(without, images, false)));
  }

  @Test
  void weightsWrittenAndReadAreBitEqual(@TempDir Path folder) {
    Path file = folder.resolve("vit.safetensors");
    VisionTransformer one = random(6);
    VisionTransformer other = random(7);
    SafeTensors.save(file, one.stateDict());
    SafeTensors.load(file, other.stateDict());
    other
        .stateDict()
        .forEach(
            (name, p) ->
                assertArrayEquals(
                    one.stateDict().get(name).getArray().toByteArray(),
                    p.getArray().toByteArray(),
                    name));
    NDArray images = images(2, 12, 8);
    assertEquals(0, difference(logits(one, images, false), logits(other, images, false)));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    VisionTransformer net = VisionTransformer.of(LITTLE, Activations.of("gelu"));
    for (Shape shape : List.of(new Shape(1, 3, 32, 32), new Shape(1, 1, 12, 12), new Shape(1, 3))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> net.initialize(manager, DataType.FLOAT32, shape))
              .getMessage();
      assertTrue(message.contains("[batch, 3, 12, 12]"), message);
    }
    String patches =
        assertThrows(
                IllegalArgumentException.class,
                () -> new VitConfig(32, 5, 10, 4, 6, 64, 512, 256, 0))
            .getMessage();
    assertTrue(patches.contains("patches of 5"), patches);
    assertThrows(
        IllegalArgumentException.class, () -> new VitConfig(32, 4, 10, 0, 6, 64, 512, 256, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new VitConfig(32, 4, 10, 4, 6, 64, 512, 256, 1));
  }
}
