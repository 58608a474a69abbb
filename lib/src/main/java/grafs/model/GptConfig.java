package grafs.model;

/**
 * The shape of a {@link Gpt}. The widths of {@code mini}, {@code tiny} and {@code small} are this
 * kit's reading of arXiv 2408.06820, whose text does not give them; {@code small} is GPT-2's
 * smallest.
 *
 * @param layers the number of transformer blocks
 * @param heads the attention heads of each, a divisor of the width
 * @param width the length of a token's vector
 * @param context the most tokens that the network sees at once
 * @param vocabulary the number of tokens there are
 * @param attentionBias whether the maps to queries, keys and values have biases, as in GPT-2
 * @param dropout the share of values that is dropped after the embeddings, in the attention and
 *     before each residual sum, 0 to 1
 */
public record GptConfig(
    int layers,
    int heads,
    int width,
    int context,
    int vocabulary,
    boolean attentionBias,
    float dropout) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public GptConfig {
    BlockConfig.requirePositive("layers", layers);
    BlockConfig.requirePositive("heads", heads);
    BlockConfig.requirePositive("width", width);
    BlockConfig.requirePositive("context", context);
    BlockConfig.requirePositive("vocabulary", vocabulary);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "the width must be a multiple of the heads, but is %d for %d heads"
              .formatted(width, heads));
    }
    BlockConfig.requireDropout(dropout);
  }

  /** {@return the shape of each block} */
  BlockConfig block() {
    return new BlockConfig(width, heads, width / heads, 4 * width, true, attentionBias, dropout, 0);
  }

  /**
   * 6 layers, 6 heads, 192 wide: what activations are searched on.
   *
   * @param vocabulary the number of tokens there are
   * @param context the most tokens that the network sees at once
   * @return the shape, without dropout
   */
  public static GptConfig mini(int vocabulary, int context) {
    return new GptConfig(6, 6, 192, context, vocabulary, true, 0);
  }

  /**
   * 6 layers, 6 heads, 384 wide; otherwise as {@link #mini}.
   *
   * @param vocabulary the number of tokens there are
   * @param context the most tokens that the network sees at once
   * @return the shape, without dropout
   */
  public static GptConfig tiny(int vocabulary, int context) {
    return new GptConfig(6, 6, 384, context, vocabulary, true, 0);
  }

  /**
   * 12 layers, 12 heads, 768 wide; otherwise as {@link #mini}.
   *
   * @param vocabulary the number of tokens there are
   * @param context the most tokens that the network sees at once
   * @return the shape, without dropout
   */
  public static GptConfig small(int vocabulary, int context) {
    return new GptConfig(12, 12, 768, context, vocabulary, true, 0);
  }
}
