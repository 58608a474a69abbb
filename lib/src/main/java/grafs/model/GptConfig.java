package grafs.model;

/**
 * The sizes of a {@link Gpt}, a language model that consists of transformer blocks. Each block has
 * self-attention and an MLP; the MLP consists of two linear layers with the activation between
 * them. {@link #mini}, {@link #tiny} and {@link #small} are the three sizes of arXiv 2408.06820,
 * taken from the code of that paper (automl/GRAFS on GitHub). Networks of these sizes have no
 * biases, and their dropout rate is 0.2.
 *
 * @param layers the number of transformer blocks
 * @param heads the number of attention heads of each block, a divisor of the width
 * @param width the length of the vector that represents a token
 * @param context the largest number of tokens in an input, 256 in arXiv 2408.06820
 * @param vocabulary the number of different tokens, 50 304 in arXiv 2408.06820
 * @param bias whether linear layers and layer norms have biases; true for GPT-2
 * @param dropout the dropout rate, in [0, 1). Dropout is applied to the embeddings, to the
 *     attention weights, and to the outputs of attention and MLP before the residual connections
 *     add these outputs to the inputs
 */
public record GptConfig(
    int layers, int heads, int width, int context, int vocabulary, boolean bias, float dropout) {

  private static final float DROPOUT = 0.2f;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1, the width is not a multiple of the
   *     number of heads, or the dropout rate is not in [0, 1); the message names the wrong value
   */
  public GptConfig {
    String names = "layers heads width context vocabulary";
    BlockConfig.check(dropout, names, layers, heads, width, context, vocabulary);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "the width must be a multiple of the heads, but is %d for %d heads"
              .formatted(width, heads));
    }
  }

  /**
   * {@return the sizes of each transformer block. The hidden layer of the MLP is four times as wide
   * as a token's vector, as in GPT-2}
   */
  BlockConfig block() {
    return new BlockConfig(
        width, heads, width / heads, 4 * width, true, bias, bias, dropout, dropout, 0);
  }

  /**
   * Returns the sizes of miniGPT: 3 layers, 3 heads, width 192. It is the smallest of the three
   * networks, and the one with which arXiv 2408.06820 searches activations for GPTs.
   *
   * @param vocabulary the number of different tokens
   * @param context the largest number of tokens in an input
   * @return the sizes
   */
  public static GptConfig mini(int vocabulary, int context) {
    return new GptConfig(3, 3, 192, context, vocabulary, false, DROPOUT);
  }

  /**
   * Returns the sizes of tinyGPT: 6 layers, 6 heads, width 384.
   *
   * @param vocabulary the number of different tokens
   * @param context the largest number of tokens in an input
   * @return the sizes
   */
  public static GptConfig tiny(int vocabulary, int context) {
    return new GptConfig(6, 6, 384, context, vocabulary, false, DROPOUT);
  }

  /**
   * Returns the sizes of smallGPT: 9 layers, 9 heads, width 576.
   *
   * @param vocabulary the number of different tokens
   * @param context the largest number of tokens in an input
   * @return the sizes
   */
  public static GptConfig small(int vocabulary, int context) {
    return new GptConfig(9, 9, 576, context, vocabulary, false, DROPOUT);
  }
}
