package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import ai.djl.nn.core.Prelu;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import grafs.Python;
import grafs.cell.Expression;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisionTransformerTest {

  /** No two of its widths are equal: 9 patches of 48 numbers, 20 wide, 3 heads of 8, 28 hidden. */
  private static final VitConfig LITTLE = little(0.5f);

  private NDManager manager;

  private static VitConfig little(float dropout) {
    return new VitConfig(12, 4, 7, 2, 3, 8, 20, 28, dropout);
  }

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private VisionTransformer net(VitConfig config, Supplier<? extends Block> activation) {
    VisionTransformer net = VisionTransformer.of(config, activation);
    int size = config.imageSize();
    net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, size, size));
    return net;
  }

  /** A network whose every weight, bias and norm is random and matters. */
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
  void pyTorchComputesTheSameLogits(@TempDir Path folder) throws Exception {
    Python.require("import torch, numpy");
    VisionTransformer net = random(1);
    NDArray images = images(5, 12, 2);
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    net.stateDict().forEach((name, parameter) -> tensors.put(name, parameter.getArray()));
    tensors.put("io.images", images);
    Path in = folder.resolve("vit.safetensors");
    SafeTensors.write(in, tensors);
    Path out = folder.resolve("logits");
    Path script =
        Files.writeString(
            folder.resolve("vit.py"),
            """
            import json, numpy, struct, sys, torch
            import torch.nn.functional as F
            torch.set_num_threads(1)
            raw = open(sys.argv[1], 'rb').read()
            start = 8 + struct.unpack('<Q', raw[:8])[0]
            w = {}
            for name, t in json.loads(raw[8:start]).items():
                if name != '__metadata__':
                    begin, end = (start + o for o in t['data_offsets'])
                    values = numpy.frombuffer(raw[begin:end], '<f4').copy()
                    w[name] = torch.from_numpy(values.reshape(t['shape']))
            def norm(x, place):
                return F.layer_norm(x, x.shape[-1:], w.pop(place + '.weight'), w.pop(place + '.bias'))
            def linear(x, place):
                return F.linear(x, w.pop(place + '.weight'), w.pop(place + '.bias', None))
            images = w.pop('io.images')
            b = len(images)
            x = F.unfold(images, 4, stride=4)  # [b, 3 * 16, 9], channel by channel
            x = x.reshape(b, 3, 16, 9).permute(0, 3, 2, 1).reshape(b, 9, 48)
            x = norm(linear(norm(x, 'to_patch_embedding.1'), 'to_patch_embedding.2'),
                     'to_patch_embedding.3')
            x = torch.cat([w.pop('cls_token').expand(b, 1, 20), x], 1) + w.pop('pos_embedding')
            for layer in ('transformer.layers.0.', 'transformer.layers.1.'):
                y = linear(norm(x, layer + '0.norm'), layer + '0.to_qkv')
                heads = []
                for h in range(3):
                    q, k, v = (y[:, :, 24 * i + 8 * h:24 * i + 8 * h + 8] for i in range(3))
                    heads.append((q @ k.transpose(1, 2) / 8 ** 0.5).softmax(2) @ v)
                x = x + linear(torch.cat(heads, 2), layer + '0.to_out.0')
                y = F.gelu(linear(norm(x, layer + '1.net.0'), layer + '1.net.1'))
                x = x + linear(y, layer + '1.net.4')
            logits = linear(norm(x, 'transformer.norm')[:, 0], 'mlp_head')
            assert not w, w.keys()
            logits.numpy().astype('<f4').tofile(sys.argv[2])
            """);
    Python.run(script.toString(), in.toString(), out.toString());
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
    float[] expected = new float[5 * 7];
    bytes.asFloatBuffer().get(expected);
    NDArray logits = logits(net, images, false);
    assertEquals(new Shape(5, 7), logits.getShape());
    assertArrayEquals(
        net.getOutputShapes(new Shape[] {images.getShape()})[0].getShape(),
        logits.getShape().getShape());
    double spread = logits.max(new int[] {0}).sub(logits.min(new int[] {0})).min().getFloat();
    assertTrue(spread > 0.05, "logits depend on the image: " + spread);
    assertArrayEquals(expected, logits.toFloatArray(), 1e-4f);
  }

  @Test
  void sizesAreTheOriginals() {
    // vit-pytorch 1.23.6, asked for the same sizes.
    assertEquals(4_273_770, net(VitConfig.tiny(10), Activations.of("gelu")).parameterCount());
    assertEquals(4_319_940, net(VitConfig.tiny(100), Activations.of("gelu")).parameterCount());
    assertEquals(9_524_842, net(VitConfig.small(10), Activations.of("gelu")).parameterCount());
  }

  @Test
  void weightsBeginAsInDeit() {
    VisionTransformer net = net(VitConfig.tiny(10), Activations.of("gelu"));
    net.stateDict()
        .forEach(
            (name, p) -> {
              double deviation = p.getArray().square().mean().sqrt().getFloat();
              boolean norm = p.getShape().dimension() == 1 && name.endsWith("weight");
              double expected = name.endsWith("bias") ? 0 : norm ? 1 : 0.02;
              // The deviation of n normal draws deviates by sqrt(1 / 2n) of itself.
              double error = norm ? 0 : 5 * expected / Math.sqrt(2 * p.getShape().size());
              assertEquals(expected, deviation, error + 1e-7, name);
            });
  }

  @Test
  void eachLayerHasItsOwnActivationInOrder() {
    List<Block> made = new ArrayList<>();
    List<Integer> passed = new ArrayList<>();
    VisionTransformer recording =
        net(
            VitConfig.tiny(10),
            () -> {
              int place = made.size();
              made.add(
                  LambdaBlock.singleton(
                      x -> {
                        assertEquals(new Shape(65, 256), x.getShape().slice(1));
                        passed.add(place);
                        return x;
                      }));
              return made.get(place);
            });
    assertEquals(4, made.size());
    IntStream.range(0, 4).forEach(i -> assertSame(made.get(i), recording.activations().get(i)));
    passed.clear();
    logits(recording, images(2, 32, 1), false);
    assertEquals(List.of(0, 1, 2, 3), passed);
    assertThrows(NullPointerException.class, () -> VisionTransformer.of(LITTLE, () -> null));
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
    NDArray alpha = net.stateDict().get("transformer.layers.1.1.net.2.alpha").getArray();
    assertArrayEquals(new float[] {1}, alpha.toFloatArray());
  }

  @Test
  void theLossReachesEveryParameter() {
    VisionTransformer net = net(LITTLE, () -> Expression.parse("gate(x, x)").get());
    assertEquals(net.getParameters().size(), net.stateDict().size());
    NDArray labels = manager.create(new long[] {0, 3, 6});
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray logits = logits(net, images(3, 12, 3), true);
      collector.backward(
          new SoftmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(logits)));
    }
    net.stateDict()
        .forEach(
            (name, p) -> {
              float sum = p.getArray().getGradient().abs().sum().getFloat();
              assertTrue(sum > 0 && Float.isFinite(sum), name + " has gradient " + sum);
            });
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
