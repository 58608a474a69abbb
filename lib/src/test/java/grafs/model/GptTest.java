package grafs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import grafs.Seed;
import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link Gpt}: its logits and loss, which PyTorch has computed too, its number of parameters,
 * initial weights, causal attention, dropout and the generation of texts.
 */
@ExtendWith(Seed.class)
class GptTest {

  /** The sizes of the network in {@code gpt-random.safetensors}, whose logits PyTorch computed. */
  private static final GptConfig ORACLE = new GptConfig(3, 4, 48, 32, 65, true, 0);

  /** A small network: 2 layers, 2 heads, width 16, context 12, vocabulary 20. */
  private static final GptConfig LITTLE = new GptConfig(2, 2, 16, 12, 20, true, 0);

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  private Gpt gelu(GptConfig config) {
    Gpt net = Gpt.of(config, Activations.of("gelu"));
    net.initialize(manager, DataType.FLOAT32, new Shape(1, config.context()));
    return net;
  }

  private NDArray logits(Block net, NDArray ids) {
    return net.forward(new ParameterStore(manager, false), new NDList(ids), false)
        .singletonOrThrow();
  }

  private static double difference(NDArray a, NDArray b) {
    return a.sub(b).abs().max().getFloat();
  }

  private static NDArray loss(NDArray logits, NDArray targets) {
    Shape flat = new Shape(-1, logits.getShape().get(2));
    return new SoftmaxCrossEntropyLoss()
        .evaluate(new NDList(targets.flatten()), new NDList(logits.reshape(flat)));
  }

  @Test
  void independentWeightsGiveTheirLogitsAndLoss(@TempDir Path folder) {
    Path oracle = SharedFolder.require("oracles/gpt-random.safetensors");
    Map<String, NDArray> tensors = new LinkedHashMap<>(SafeTensors.read(oracle, manager));
    NDArray ids = tensors.remove("io.ids");
    NDArray targets = tensors.remove("io.targets");
    NDArray expected = tensors.remove("io.logits");
    float expectedLoss = tensors.remove("io.loss").toFloatArray()[0];
    SafeTensors.write(folder.resolve("gpt.safetensors"), tensors);
    Gpt net = gelu(ORACLE);
    SafeTensors.load(folder.resolve("gpt.safetensors"), net.stateDict());
    NDArray logits = logits(net, ids);
    double error = difference(logits, expected);
    double lossError = Math.abs(loss(logits, targets).getFloat() - expectedLoss);
    System.out.printf("logits differ by %.1e, the loss by %.1e%n", error, lossError);
    assertTrue(error <= 1e-4, "logits differ by " + error);
    assertTrue(lossError <= 1e-4, "the loss differs by " + lossError);

    SafeTensors.save(folder.resolve("again.safetensors"), net.stateDict());
    SafeTensors.read(folder.resolve("again.safetensors"), manager)
        .forEach(
            (name, array) -> {
              // The loaded file lacks the biases of queries, keys and values, so loading has set
              // these biases to 0.
              NDArray own = name.endsWith("c_attn.bias") ? array.zerosLike() : tensors.get(name);
              assertArrayEquals(own.toFloatArray(), array.toFloatArray(), 0f, name);
            });
  }

  @Test
  void pyTorchComputesTheSameLogitsWithoutBiases() throws IOException {
    Gpt net = gelu(GptConfig.mini(50, 16));
    assertTrue(net.stateDict().keySet().stream().noneMatch(name -> name.endsWith("bias")));
    FormulaWeights.set(net.stateDict());
    NDArray ids = manager.create(FormulaWeights.uniform(1001, new Shape(2, 16)), new Shape(2, 16));
    NDArray tokens = ids.add(0.5).mul(50).toType(DataType.INT64, false);
    float[] last = logits(net, tokens).get(":, -1").toFloatArray();
    assertArrayEquals(FormulaWeights.logits("miniGPT"), last, 1e-4f);
  }

  @Test
  void weightsWithoutBiasesAreReadAndWritten(@TempDir Path folder) {
    Gpt one = gelu(GptConfig.mini(50, 16));
    FormulaWeights.set(one.stateDict());
    Path file = folder.resolve("gpt.safetensors");
    SafeTensors.save(file, one.stateDict());
    NDArray ids = manager.create(new long[][] {{3, 1, 4, 1, 5}});
    // The file is loaded into a network without biases, then into one with biases. The file has no
    // biases, so those of the second network are set to 0.
    for (boolean bias : new boolean[] {false, true}) {
      Gpt other = gelu(new GptConfig(3, 3, 192, 16, 50, bias, 0));
      SafeTensors.load(file, other.stateDict());
      assertEquals(0, difference(logits(one, ids), logits(other, ids)));
    }
  }

  @Test
  void sizesAreTheOriginals() {
    // The expected numbers were computed by hand. For width w, the token embeddings have 50 304·w
    // parameters, the position embeddings 256·w, each layer 12·w² + 2·w, and the last layer norm w.
    assertEquals(11_035_968, gelu(GptConfig.mini(50_304, 256)).parameterCount());
    assertEquals(30_036_864, gelu(GptConfig.tiny(50_304, 256)).parameterCount());
    assertEquals(64_965_312, gelu(GptConfig.small(50_304, 256)).parameterCount());
  }

  @Test
  void gpt2sSizeIsTheOriginals() {
    assertEquals(
        124_439_808, gelu(new GptConfig(12, 12, 768, 1024, 50_257, true, 0)).parameterCount());
  }

  @Test
  void noTokenSeesThoseAfterIt() {
    Gpt net = gelu(LITTLE);
    Random random = new Random(1);
    long[] ids = random.longs(12, 0, 20).toArray();
    NDArray before = logits(net, manager.create(new long[][] {ids}));
    for (int changed = 1; changed < 12; changed++) {
      long[] other = ids.clone();
      other[changed] = (other[changed] + 1) % 20;
      NDArray after = logits(net, manager.create(new long[][] {other}));
      String until = "0, :" + changed;
      assertArrayEquals(
          before.get(until).toFloatArray(), after.get(until).toFloatArray(), 1e-6f, "" + changed);
      assertTrue(difference(before.get("0," + changed), after.get("0," + changed)) > 1e-3);
    }
  }

  @Test
  void weightsBeginAsInGpt2() {
    Gpt net = gelu(GptConfig.mini(500, 128));
    net.stateDict()
        .forEach(
            (name, p) -> {
              double deviation = p.getArray().square().mean().sqrt().getFloat();
              double expected =
                  name.contains("ln_") ? 1 : name.contains("c_proj") ? 0.02 / Math.sqrt(6) : 0.02;
              // Each weight matrix has at least 24 000 random numbers, so the standard deviation of
              // its numbers has a relative standard error of at most half a percent.
              assertEquals(expected, deviation, 0.02 * expected, name);
            });
  }

  @Test
  void dropoutIsForTrainingOnly() {
    Gpt net = gelu(new GptConfig(2, 2, 16, 12, 20, true, 0.5f));
    NDArray ids = manager.create(new long[][] {{1, 2, 3, 4}});
    assertEquals(0, difference(logits(net, ids), logits(net, ids)));
    ParameterStore store = new ParameterStore(manager, false);
    NDArray one = net.forward(store, new NDList(ids), true).head();
    NDArray other = net.forward(store, new NDList(ids), true).head();
    assertTrue(difference(one, other) > 1e-3);
  }

  @Test
  void drawsFollowTheLogits() {
    Gpt net = gelu(LITTLE);
    // With larger embeddings the logits differ more, and so do the probabilities of the tokens.
    net.stateDict().get("transformer.wte.weight").getArray().muli(30);
    long[] prompt = {3, 1, 4};
    NDArray last = logits(net, manager.create(new long[][] {prompt})).get("0, 2");
    float[] likelihood = last.div(0.7).softmax(0).toFloatArray();
    int[] counts = new int[20];
    Random random = new Random(5);
    int draws = 1000;
    for (int i = 0; i < draws; i++) {
      counts[(int) net.generate(prompt, 1, 0.7, 20, random)[0]]++;
    }
    for (int token = 0; token < 20; token++) {
      double p = likelihood[token];
      double error = Math.sqrt(p * (1 - p) / draws);
      assertEquals(p, counts[token] / (double) draws, 5 * error + 1e-3, "token " + token);
    }
    long likeliest = last.argMax().getLong();
    long[] greedy = net.generate(prompt, 30, 1, 1, random);
    assertEquals(likeliest, greedy[0]);
    assertArrayEquals(greedy, net.generate(prompt, 30, 1, 1, new Random(Seed.get())));
    float[] sorted = likelihood.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < 200; i++) {
      long token = net.generate(prompt, 1, 2, 3, random)[0];
      assertTrue(likelihood[(int) token] >= sorted[17], "not one of the 3 likeliest");
    }
    assertNotEquals(
        Arrays.toString(net.generate(prompt, 30, 5, 20, new Random(1))),
        Arrays.toString(net.generate(prompt, 30, 5, 20, new Random(2))));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Gpt net = gelu(LITTLE);
    Random random = new Random(Seed.get());
    assertThrows(IllegalArgumentException.class, () -> net.generate(new long[0], 1, 1, 1, random));
    assertThrows(
        IllegalArgumentException.class, () -> net.generate(new long[] {20}, 1, 1, 1, random));
    assertThrows(
        IllegalArgumentException.class, () -> net.generate(new long[] {1}, 1, 0, 1, random));
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> net.generate(new long[] {1, 2, 3}, -2, 1, 1, random))
            .getMessage();
    assertTrue(said.contains("count not negative"), said);
    assertThrows(
        IllegalArgumentException.class, () -> logits(net, manager.zeros(new Shape(1, 13))));
    net.stateDict().get("transformer.wte.weight").getArray().set(new NDIndex("5, 0"), Float.NaN);
    String diverged =
        assertThrows(
                IllegalStateException.class, () -> net.generate(new long[] {1}, 1, 1, 3, random))
            .getMessage();
    assertTrue(diverged.contains("logits are not finite"), diverged);
    String message =
        assertThrows(IllegalArgumentException.class, () -> new GptConfig(2, 3, 16, 12, 20, true, 0))
            .getMessage();
    assertTrue(message.contains("multiple of the heads"), message);
  }
}
