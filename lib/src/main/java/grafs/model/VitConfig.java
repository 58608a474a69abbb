package grafs.model;

/**
 * The sizes of a {@link VisionTransformer}, which consists of transformer blocks. Each block has
 * self-attention and an MLP; the MLP consists of two linear layers with the activation between
 * them. {@link #tiny} (ViT-Ti) and {@link #small} (ViT-S) are the two sizes of arXiv 2408.06820,
 * taken from the code of that paper (automl/GRAFS on GitHub). Other papers have networks for
 * ImageNet with the names ViT-Ti and ViT-S, but of other sizes.
 *
 * @param imageSize the height and width of an image in pixels, a multiple of the patch size
 * @param patch the patch size: the height and width of a patch in pixels
 * @param classes the number of classes
 * @param layers the number of transformer blocks
 * @param heads the number of attention heads of each block
 * @param headWidth the length of a query, key or value vector of one head; heads · headWidth need
 *     not equal the width
 * @param width the length of the vector that represents a token
 * @param hidden the width of the hidden layer of each block's MLP, to which the activation is
 *     applied
 * @param dropout the dropout rate, in [0, 1). Dropout is applied to the embeddings, to the outputs
 *     of the activations, and to the outputs of attention and MLP before the residual connections
 *     add these outputs to the inputs
 */
public record VitConfig(
    int imageSize,
    int patch,
    int classes,
    int layers,
    int heads,
    int headWidth,
    int width,
    int hidden,
    float dropout) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1, the image size is not a multiple of the
   *     patch size, or the dropout rate is not in [0, 1); the message names the wrong value
   */
  public VitConfig {
    String names = "imageSize patch classes layers heads headWidth width hidden";
    BlockConfig.check(
        dropout, names, imageSize, patch, classes, layers, heads, headWidth, width, hidden);
    if (imageSize % patch != 0) {
      throw new IllegalArgumentException(
          "the image must be whole patches wide, but is %d pixels for patches of %d"
              .formatted(imageSize, patch));
    }
  }

  /**
   * Returns the sizes of ViT-Ti: 4 layers, 6 heads of width 64, width 512, hidden width 256, images
   * of 32×32 pixels in 64 patches of 4×4, dropout 0.1. This is the network with which arXiv
   * 2408.06820 searches activations for vision transformers.
   *
   * @param classes the number of classes
   * @return the sizes
   */
  public static VitConfig tiny(int classes) {
    return new VitConfig(32, 4, classes, 4, 6, 64, 512, 256, 0.1f);
  }

  /**
   * Returns the sizes of ViT-S: 6 layers, 8 heads of width 64, width 512, hidden width 512,
   * otherwise as {@link #tiny}.
   *
   * @param classes the number of classes
   * @return the sizes
   */
  public static VitConfig small(int classes) {
    return new VitConfig(32, 4, classes, 6, 8, 64, 512, 512, 0.1f);
  }

  /**
   * Returns these sizes with another image size. Of the parameters, only {@code pos_embedding}, the
   * position embeddings, changes its shape.
   *
   * @param size the height and width of an image in pixels, a multiple of the patch size
   * @return the sizes for images of that size
   * @throws IllegalArgumentException if the image size is not a positive multiple of the patch size
   */
  public VitConfig withImageSize(int size) {
    return new VitConfig(size, patch, classes, layers, heads, headWidth, width, hidden, dropout);
  }

  /** {@return the number of patches along one side of the image} */
  int side() {
    return imageSize / patch;
  }

  /** {@return the number of tokens: one for each patch, and the class token} */
  int tokens() {
    return side() * side() + 1;
  }

  /**
   * {@return the number of values from which the token of a patch is computed: for each pixel of
   * the patch, three channels of the image and three of each of its four shifted copies}
   */
  int patchNumbers() {
    return 5 * 3 * patch * patch;
  }

  /** {@return the sizes of each transformer block} */
  BlockConfig block() {
    return new BlockConfig(
        width, heads, headWidth, hidden, false, true, false, dropout, 0, dropout);
  }
}
