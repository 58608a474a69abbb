package grafs.model;

/**
 * The shape of a {@link TransformerBlock}.
 *
 * @param width the length of a token's vector
 * @param heads the attention heads
 * @param headWidth the length of a query, key and value of one head
 * @param hidden the width of the mlp's activation
 * @param causal whether a token sees only itself and those before it; otherwise it sees all others
 *     (locality self-attention)
 * @param bias whether linear layers and layer norms have biases
 * @param attentionBias whether the maps to queries, keys and values have biases
 * @param dropout the share of values that is dropped before each residual sum
 * @param attentionDropout the share of attention weights that is dropped
 * @param hiddenDropout the share of values that is dropped after the activation
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

  /** {@return the name of a part: in nanoGPT if causal, else in vit_small} */
  String name(String gpt, String vit) {
    return causal ? gpt : vit;
  }

  /** {@return the width of all heads together} */
  long inner() {
    return (long) heads * headWidth;
  }

  /** Throws if a number is below 1; the message has its name. */
  static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value);
    }
  }

  /** Throws if a dropout rate is not in [0, 1). */
  static void requireDropout(float dropout) {
    // Negated, so that NaN fails too.
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be from 0 to below 1, but is " + dropout);
    }
  }
}
