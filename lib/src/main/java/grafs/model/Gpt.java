package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * GPT-2 (Radford et al., <em>Language Models are Unsupervised Multitask Learners</em>, 2019): token
 * and position embeddings, pre-norm transformer blocks, a last layer norm, and an output layer that
 * shares its weights with the token embedding.
 *
 * <p>Input the tokens [batch, tokens], int64; output the logits of the token after each of them,
 * [batch, tokens, vocabulary].
 *
 * <p>The parameters' names are {@code transformer.wte.weight}, {@code
 * transformer.h.0.attn.c_attn.weight}, …, as in <a
 * href="https://github.com/karpathy/nanoGPT">karpathy/nanoGPT</a>, without the output layer, whose
 * weights are {@code transformer.wte.weight}; an activation's parameter is {@code
 * transformer.h.0.mlp.act.…}.
 */
public final class Gpt extends Network {

  /** The standard deviation of initial weights. */
  private static final float SIGMA = 0.02f;

  private final GptConfig config;
  private final Parameter tokens;
  private final Parameter positions;

  private Gpt(GptConfig config, Supplier<? extends Block> activation) {
    super(
        "GPT with %d layers, %d heads, %d wide"
            .formatted(config.layers(), config.heads(), config.width()),
        "[batch, tokens] of at most %d tokens".formatted(config.context()));
    this.config = config;
    tokens = embedding("transformer.wte.weight", config.vocabulary());
    positions = embedding("transformer.wpe.weight", config.context());
    add("drop", TransformerBlock.dropout(config.dropout()));
    for (int layer = 0; layer < config.layers(); layer++) {
      TransformerBlock block = new TransformerBlock(config.block(), activation);
      Initializer normal = new NormalInitializer(SIGMA);
      block.attention.qkv.setInitializer(normal, Parameter.Type.WEIGHT);
      block.widen.setInitializer(normal, Parameter.Type.WEIGHT);
      // The outputs of 2·layers of these are summed: scaled so, the sum's variance does not grow
      // with the depth.
      Initializer scaled = new NormalInitializer(SIGMA / (float) Math.sqrt(2 * config.layers()));
      block.attention.projection.setInitializer(scaled, Parameter.Type.WEIGHT);
      block.projection.setInitializer(scaled, Parameter.Type.WEIGHT);
      add("transformer.h." + layer, block);
    }
    add("transformer.ln_f", TransformerBlock.layerNorm(config.bias()));
  }

  private Parameter embedding(String name, int rows) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.WEIGHT)
            .optShape(new Shape(rows, config.width()))
            .optInitializer(new NormalInitializer(SIGMA))
            .build());
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>Weights are initialised as in GPT-2: from N(0, 0.02²), those of layers that end in a
   * residual sum from N(0, 0.02² / (2·layers)), biases, if it has any, 0.
   *
   * @param config its shape
   * @param activation makes the activation of each layer, a block whose output has the shape of its
   *     input
   * @return the network
   */
  public static Gpt of(GptConfig config, Supplier<? extends Block> activation) {
    return new Gpt(config, activation);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray ids = inputs.singletonOrThrow();
    long length = ids.getShape().get(1);
    if (length > config.context()) {
      throw new IllegalArgumentException(
          "this GPT sees at most %d tokens at once, not %d".formatted(config.context(), length));
    }
    NDArray wte = store.getValue(tokens, ids.getDevice(), training);
    NDArray wpe = store.getValue(positions, ids.getDevice(), training);
    NDArray x =
        Embedding.embedding(ids, wte, SparseFormat.DENSE)
            .head()
            .add(wpe.get(new NDIndex().addSliceDim(0, length)));
    NDList y = super.forwardInternal(store, new NDList(x), training, params);
    return new NDList(y.singletonOrThrow().matMul(wte.transpose()));
  }

  /**
   * Continues a text, one token after another, each drawn from the network's distribution.
   *
   * @param prompt the tokens to begin with, at least one; if they are more than the context, the
   *     network sees the last ones
   * @param count the number of tokens to add
   * @param temperature logits are divided by this: below 1 for likelier tokens, above for others
   * @param topK the number of likeliest tokens among which to draw; 1 always takes the likeliest,
   *     the vocabulary's size or more allows all
   * @param random the generator to draw with
   * @return the tokens that were added
   * @throws IllegalArgumentException if the prompt is empty or has a token beyond the vocabulary,
   *     if the temperature is not positive, or topK less than 1
   */
  public long[] generate(
      long[] prompt, int count, double temperature, int topK, RandomGenerator random) {
    if (prompt.length == 0
        || Arrays.stream(prompt).anyMatch(id -> id < 0 || id >= config.vocabulary())) {
      throw new IllegalArgumentException(
          "the prompt must be one token or more, from 0 to %d, but is %s"
              .formatted(config.vocabulary() - 1, Arrays.toString(prompt)));
    }
    if (!(temperature > 0) || topK < 1) {
      throw new IllegalArgumentException(
          "temperature must be positive and topK at least 1, but they are %s and %d"
              .formatted(temperature, topK));
    }
    NDManager manager = tokens.getArray().getManager();
    ParameterStore store = new ParameterStore(manager, false);
    long[] text = Arrays.copyOf(prompt, prompt.length + count);
    for (int end = prompt.length; end < text.length; end++) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        long[] seen = Arrays.copyOfRange(text, Math.max(0, end - config.context()), end);
        NDArray logits =
            forward(store, new NDList(manager.create(new long[][] {seen})), false).head();
        float[] last = logits.get(0).get(seen.length - 1).toFloatArray();
        text[end] = draw(last, temperature, topK, random);
      }
    }
    return Arrays.copyOfRange(text, prompt.length, text.length);
  }

  /** Draws from softmax(logits / temperature) over the topK largest. */
  private static int draw(float[] logits, double temperature, int topK, RandomGenerator random) {
    int[] likeliest =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted((a, b) -> Float.compare(logits[b], logits[a]))
            .limit(topK)
            .mapToInt(i -> i)
            .toArray();
    double[] cumulated = new double[likeliest.length];
    double sum = 0;
    for (int i = 0; i < likeliest.length; i++) {
      // Logits relative to the largest, so that exp does not overflow.
      sum += Math.exp((logits[likeliest[i]] - logits[likeliest[0]]) / temperature);
      cumulated[i] = sum;
    }
    double at = random.nextDouble() * sum;
    int drawn = 0;
    while (drawn < likeliest.length - 1 && at >= cumulated[drawn]) {
      drawn++;
    }
    return likeliest[drawn];
  }

  @Override
  boolean takes(Shape shape) {
    return shape.dimension() == 2 && shape.get(1) <= config.context();
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    super.initializeChildBlocks(manager, type, inputShapes[0].add(config.width()));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0].add(config.vocabulary())};
  }
}
