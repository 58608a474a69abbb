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
 * The language model GPT-2 (Radford et al., <em>Language Models are Unsupervised Multitask
 * Learners</em>, 2019). It consists of token and position embeddings, transformer blocks, a last
 * layer norm, and an output layer that shares its weights with the token embedding. The transformer
 * blocks are pre-norm: each has a layer norm before its self-attention and one before its MLP.
 *
 * <p>Input: token indices [batch, tokens], int64, with at most {@link GptConfig#context} tokens.
 * Output: logits [batch, tokens, vocabulary]; the logits at a token predict the token after it.
 *
 * <p>The names of the parameters are {@code transformer.wte.weight}, {@code
 * transformer.h.0.attn.c_attn.weight}, …, as in <a
 * href="https://github.com/karpathy/nanoGPT">karpathy/nanoGPT</a>. There is no name for the weights
 * of the output layer, since they are {@code transformer.wte.weight}. If the activation in block 0
 * has parameters, their names begin with {@code transformer.h.0.mlp.act.}.
 */
public final class Gpt extends Network {

  /** The standard deviation of the normal distribution of initial weights. */
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
    Initializer normal = new NormalInitializer(SIGMA);
    Parameter.Type type = Parameter.Type.WEIGHT;
    tokens = add("transformer.wte.weight", type, normal, config.vocabulary(), config.width());
    positions = add("transformer.wpe.weight", type, normal, config.context(), config.width());
    add("drop", TransformerBlock.dropout(config.dropout()));
    for (int layer = 0; layer < config.layers(); layer++) {
      TransformerBlock block = new TransformerBlock(config.block(), activation);
      block.attention.qkv.setInitializer(normal, type);
      block.widen.setInitializer(normal, type);
      // The residual connections add the outputs of these two layers of each block, 2·layers
      // outputs in all, to the vectors of the tokens. The initial weights of these layers are
      // therefore smaller by the factor √(2·layers), so that the variance of the sum does not grow
      // with the number of layers.
      Initializer scaled = new NormalInitializer(SIGMA / (float) Math.sqrt(2 * config.layers()));
      block.attention.projection.setInitializer(scaled, type);
      block.projection.setInitializer(scaled, type);
      add("transformer.h." + layer, block);
    }
    add("transformer.ln_f", TransformerBlock.layerNorm(config.bias()));
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>The parameters are initialised as in GPT-2. Weights and embeddings are drawn from N(0,
   * 0.02²). The weights of the last linear layer of each attention and each MLP are drawn from N(0,
   * 0.02² / (2·layers)) instead. Biases, if the configuration has them, are 0; weights of layer
   * norms are 1.
   *
   * @param config the sizes of the network
   * @param activation called once for each transformer block, from first to last; returns a new
   *     activation, a DJL block whose output has the same shape as its input
   * @return the network
   * @throws NullPointerException if the factory of activations returns null
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
   * Continues a text by tokens that are drawn one after another from the distribution that the
   * network predicts, softmax(logits / temperature) over the topK largest logits.
   *
   * @param prompt the token indices of the text, at least one; if there are more than {@link
   *     GptConfig#context}, the network sees only the last ones
   * @param count the number of tokens to add
   * @param temperature the temperature, positive: below 1 likely tokens become likelier, above 1
   *     less likely
   * @param topK the number of likeliest tokens among which to draw. With 1, the likeliest token is
   *     always taken; with the size of the vocabulary or more, any token can be drawn
   * @param random the random number generator to draw with
   * @return the indices of the added tokens
   * @throws IllegalArgumentException if the prompt is empty or has a token that is not in [0,
   *     vocabulary), the temperature is not positive, topK is less than 1, or count is negative
   * @throws IllegalStateException if the largest logit is NaN or infinite
   * @throws ai.djl.nn.UninitializedParameterException if the network was not initialized
   */
  public long[] generate(
      long[] prompt, int count, double temperature, int topK, RandomGenerator random) {
    if (prompt.length == 0
        || Arrays.stream(prompt).anyMatch(id -> id < 0 || id >= config.vocabulary())) {
      throw new IllegalArgumentException(
          "the prompt must be one token or more, from 0 to %d, but is %s"
              .formatted(config.vocabulary() - 1, Arrays.toString(prompt)));
    }
    if (!(temperature > 0) || topK < 1 || count < 0) {
      throw new IllegalArgumentException(
          "temperature must be positive, topK at least 1 and count not negative, but they are %s, %d and %d"
              .formatted(temperature, topK, count));
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

  /** Draws a token from softmax(logits / temperature) over the topK largest logits. */
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
      // Subtracts the largest logit, so that exp does not overflow.
      sum += Math.exp((logits[likeliest[i]] - logits[likeliest[0]]) / temperature);
      cumulated[i] = sum;
    }
    if (Double.isNaN(sum)) {
      throw new IllegalStateException(
          "the network's logits are not finite: its training diverged, or its weights are damaged");
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
