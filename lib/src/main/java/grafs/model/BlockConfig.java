package grafs.model;

/**
 * The sizes of a {@link TransformerBlock}, which consists of self-attention and an mlp: two linear
 * layers with the activation between them. {@link GptConfig} and {@link VitConfig} make it.
 *
 * @param width the length of the vector that represents a token
 * @param heads the number of attention heads
 * @param headWidth the length of a query, key or value vector of one head
 * @param hidden the width of the mlp's hidden layer, to which the activation is applied
 * @param causal true in a {@link Gpt}, where a token attends to itself and the tokens before it;
 *     false in a {@link VisionTransformer}, where it attends to all tokens except itself
 * @param bias whether layer norms, and linear layers other than that of queries, keys and values,
 *     have biases
 * @param attentionBias whether the linear layer that computes queries, keys and values has a bias
 * @param dropout the dropout rate of the outputs of attention and mlp, before they are added to
 *     their input
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
   * {@return the PyTorch name of a part of the block: the first name if causal, else the second}
   *
   * @param gpt its name in nanoGPT
   * @param vit its name in {@code vit_small.py}, see {@link VisionTransformer}
   */
  String name(String gpt, String vit) {
    return causal ? gpt : vit;
  }

  /** {@return the length of the query vectors of all heads together} */
  long inner() {
    return (long) heads * headWidth;
  }

  /**
   * Throws if a dropout rate is not in [0, 1), or a size is below 1.
   *
   * @param names the names of the sizes, separated by spaces
   */
  static void check(float dropout, String names, int... sizes) {
    // Negated, so that NaN fails too.
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
