package grafs.model;

/**
 * The shape of a {@link VisionTransformer}; {@code tiny} and {@code small} are those of arXiv
 * 2408.06820 (automl/GRAFS), not the ones of the same names for ImageNet.
 *
 * @param imageSize the height and width of an image in pixels, a multiple of the patch
 * @param patch the height and width of a patch in pixels
 * @param classes the number of classes
 * @param layers the number of transformer blocks
 * @param heads the number of attention heads of each block
 * @param headWidth the length of a query, key and value of one head; all heads together need not be
 *     as wide as the network
 * @param width the length of a token's vector
 * @param hidden the width of each block's activation
 * @param dropout the share of values that is dropped after the embedding, after each activation and
 *     before each residual sum, 0 to 1
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
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public VitConfig {
    BlockConfig.requirePositive("imageSize", imageSize);
    BlockConfig.requirePositive("patch", patch);
    BlockConfig.requirePositive("classes", classes);
    BlockConfig.requirePositive("layers", layers);
    BlockConfig.requirePositive("heads", heads);
    BlockConfig.requirePositive("headWidth", headWidth);
    BlockConfig.requirePositive("width", width);
    BlockConfig.requirePositive("hidden", hidden);
    BlockConfig.requireDropout(dropout);
    if (imageSize % patch != 0) {
      throw new IllegalArgumentException(
          "the image must be whole patches wide, but is %d pixels for patches of %d"
              .formatted(imageSize, patch));
    }
  }

  /**
   * ViT-Ti, on which activations are searched: 4 layers, 6 heads of width 64, width 512, hidden
   * width 256, 64 patches of 4×4 pixels.
   *
   * @param classes the number of classes
   * @return the shape for images of 32×32, with dropout 0.1
   */
  public static VitConfig tiny(int classes) {
    return new VitConfig(32, 4, classes, 4, 6, 64, 512, 256, 0.1f);
  }

  /**
   * ViT-S: 6 layers, 8 heads of width 64, width 512, hidden width 512; otherwise as {@link #tiny}.
   *
   * @param classes the number of classes
   * @return the shape for images of 32×32, with dropout 0.1
   */
  public static VitConfig small(int classes) {
    return new VitConfig(32, 4, classes, 6, 8, 64, 512, 512, 0.1f);
  }

  /**
   * Changes the images' size. Of a network's weights, only the number of position embeddings
   * depends on it.
   *
   * @param size the height and width of an image in pixels, a multiple of the patch
   * @return the shape for images of that size
   */
  public VitConfig withImageSize(int size) {
    return new VitConfig(size, patch, classes, layers, heads, headWidth, width, hidden, dropout);
  }

  /** {@return the number of patches along a side of the image} */
  int side() {
    return imageSize / patch;
  }

  /** {@return the number of tokens: the patches and the class token} */
  int tokens() {
    return side() * side() + 1;
  }

  /**
   * {@return the length of a patch's vector: three channels of the image and of its four shifted
   * copies}
   */
  int patchNumbers() {
    return 5 * 3 * patch * patch;
  }

  /** {@return the shape of each block} */
  BlockConfig block() {
    return new BlockConfig(
        width, heads, headWidth, hidden, false, true, false, dropout, 0, dropout);
  }
}
