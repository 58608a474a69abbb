package grafs.model;

/**
 * The shape of a {@link Gpt}; {@code mini}, {@code tiny} and {@code small} are those of arXiv
 * 2408.06820 (automl/GRAFS), without biases and with dropout 0.2.
 *
 * @param layers the number of transformer blocks
 * @param heads the attention heads of each, a divisor of the width
 * @param width the length of a token's vector
 * @param context the most tokens that the network sees at once, 256 in the paper
 * @param vocabulary the number of tokens there are, 50 304 in the paper
 * @param bias whether linear layers and layer norms have biases, as in GPT-2
 * @param dropout the share of values that is dropped after the embeddings, in the attention and
 *     before each residual sum, 0 to 1
 */
public record GptConfig(
    int layers, int heads, int width, int context, int vocabulary, boolean bias, float dropout) {

  private static final float DROPOUT = 0.2f;

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
    return new BlockConfig(
        width, heads, width / heads, 4 * width, true, bias, bias, dropout, dropout, 0);
  }

  /**
   * 3 layers, 3 heads, 192 wide: the network on which activations are searched.
   *
   * @param vocabulary the number of tokens there are
   * @param context the most tokens that the network sees at once
   * @return the shape
   */
  public static GptConfig mini(int vocabulary, int context) {
    return new GptConfig(3, 3, 192, context, vocabulary, false, DROPOUT);
  }

  /**
   * 6 layers, 6 heads, 384 wide.
   *
   * @param vocabulary the number of tokens there are
   * @param context the most tokens that the network sees at once
   * @return the shape
   */
  public static GptConfig tiny(int vocabulary, int context) {
    return new GptConfig(6, 6, 384, context, vocabulary, false, DROPOUT);
  }

  /**
   * 9 layers, 9 heads, 576 wide.
   *
   * @param vocabulary the number of tokens there are
   * @param context the most tokens that the network sees at once
   * @return the shape
   */
  public static GptConfig small(int vocabulary, int context) {
    return new GptConfig(9, 9, 576, context, vocabulary, false, DROPOUT);
  }
}
