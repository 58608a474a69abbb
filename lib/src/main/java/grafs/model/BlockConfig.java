package grafs.model;

/**
 * The sizes of a {@link TransformerBlock}, which consists of self-attention and an MLP. The MLP
 * consists of two linear layers with the activation between them. The configurations of whole
 * networks, {@link GptConfig} and {@link VitConfig}, create objects of this class.
 *
 * @param width the length of the vector that represents a token
 * @param heads the number of attention heads
 * @param headWidth the length of a query, key or value vector of one head
 * @param hidden the width of the MLP's hidden layer, to which the activation is applied
 * @param causal true in a {@link Gpt}, where a token attends to itself and the tokens before it;
 *     false in a {@link VisionTransformer}, where it attends to all tokens except itself
 * @param bias whether the layer norms and the linear layers have biases, except the linear layer
 *     that computes queries, keys and values
 * @param attentionBias whether the linear layer that computes queries, keys and values has a bias
 * @param dropout the dropout rate of the outputs of attention and MLP, before the residual
 *     connections add them to the inputs
 * @param attentionDropout the dropout rate of the attention weights
 * @param hiddenDropout the dropout rate of the activation's output
 */
record BlockConfig(
    int width,
    int heads,
    int headWidth,
    int hidden,
    boolean causal,
    boolean bias,
    boolean attentionBias,
    float dropout,
    float attentionDropout,
    float hiddenDropout) {

  /**
   * Returns the name of a part of the block: the argument {@code gpt} if attention is causal, else
   * the argument {@code vit}. The names of the part's parameters contain this name.
   *
   * @param gpt the name in nanoGPT, a PyTorch implementation of GPT-2, for blocks of a {@link Gpt}
   * @param vit the name in {@code vit_small.py}, a PyTorch implementation of the vision
   *     transformer, for blocks of a {@link VisionTransformer}
   */
  String name(String gpt, String vit) {
    return causal ? gpt : vit;
  }

  /** {@return the length of the query vectors of all heads together} */
  long inner() {
    return (long) heads * headWidth;
  }

  /**
   * Throws an {@link IllegalArgumentException} if a dropout rate is not in [0, 1), or a size is
   * below 1.
   *
   * @param names the names of the sizes for the message, separated by spaces, in the order of the
   *     sizes
   */
  static void check(float dropout, String names, int... sizes) {
    // The condition is negated, so that NaN is refused too: comparisons with NaN are false.
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be from 0 to below 1, but is " + dropout);
    }
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] < 1) {
        throw new IllegalArgumentException(
            names.split(" ")[i] + " must be at least 1, but is " + sizes[i]);
      }
    }
  }
}
