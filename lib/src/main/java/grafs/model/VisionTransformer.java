package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.UniformInitializer;
import ai.djl.util.PairList;
import java.util.function.Supplier;

/**
 * The vision transformer for small data sets (Lee, Lee and Song, <em>Vision Transformer for
 * Small-Size Datasets</em>, arXiv 2112.13492, 2021), which arXiv 2408.06820 trains on CIFAR. Each
 * patch of the image becomes a token, computed from the pixels of the image and of four copies that
 * are shifted by a pixel each. A class token is put before these tokens, and trained position
 * embeddings are added. Transformer blocks follow. They are pre-norm: each has a layer norm before
 * its self-attention and one before its MLP. Their attention is locality self-attention: a token
 * attends to all tokens except itself, and a trained temperature scales the attention scores. At
 * the end, a layer norm and a linear layer are applied to the class token.
 *
 * <p>Input: images [batch, 3, height, width] of the configured size. Output: logits [batch,
 * classes].
 *
 * <p>The names of the parameters are {@code pos_embedding}, {@code cls_token}, {@code
 * to_patch_embedding.to_patch_tokens.1.weight}, …, {@code transformer.layers.0.0.norm.weight},
 * {@code transformer.layers.0.0.fn.temperature}, {@code transformer.layers.0.0.fn.to_qkv.weight},
 * …, {@code transformer.layers.0.1.fn.net.0.weight}, …, {@code mlp_head.0.weight}, …, {@code
 * mlp_head.1.bias}, as in {@code models/vit_small.py} of <a
 * href="https://github.com/kentaroy47/vision-transformers-cifar10">vision-transformers-cifar10</a>.
 * If the activation in block 0 has parameters, their names begin with {@code
 * transformer.layers.0.1.fn.net.1.}.
 */
public final class VisionTransformer extends Network {

  private static final int CHANNELS = 3;

  /** The shifts of the four copies of the image: (down, right) in pixels. */
  private static final int[][] SHIFTS = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};

  private final VitConfig config;
  private final Parameter classToken;
  private final Parameter positions;
  private final Sequence embedding;
  private final Sequence transformer;
  private final Sequence head;

  private VisionTransformer(VitConfig config, Supplier<? extends Block> activation) {
    super(
        "vision transformer with %d layers, %d heads, %d wide, for %d classes"
            .formatted(config.layers(), config.heads(), config.width(), config.classes()),
        "[batch, 3, %d, %d]".formatted(config.imageSize(), config.imageSize()));
    this.config = config;
    NormalInitializer normal = new NormalInitializer(1);
    Parameter.Type type = Parameter.Type.WEIGHT;
    positions = add("pos_embedding", type, normal, 1, config.tokens(), config.width());
    classToken = add("cls_token", type, normal, 1, 1, config.width());
    embedding = add("to_patch_embedding.to_patch_tokens", new Sequence());
    embedding.add("1", TransformerBlock.layerNorm(true));
    Block linear = TransformerBlock.linear(config.width(), true);
    embedding.add("2", uniform(linear, config.patchNumbers()));
    transformer = add("transformer", new Sequence());
    transformer.add("dropout", TransformerBlock.dropout(config.dropout()));
    for (int layer = 0; layer < config.layers(); layer++) {
      TransformerBlock block = new TransformerBlock(config.block(), activation);
      uniform(block.attention.qkv, config.width());
      uniform(block.attention.projection, config.block().inner());
      uniform(block.widen, config.width());
      uniform(block.projection, config.hidden());
      transformer.add("layers." + layer, block);
    }
    head = add("mlp_head", new Sequence());
    head.add("0", TransformerBlock.layerNorm(true));
    head.add("squeeze", LambdaBlock.singleton(token -> token.squeeze(1)));
    head.add("1", uniform(TransformerBlock.linear(config.classes(), true), config.width()));
  }

  /**
   * Sets the initialisation that PyTorch's linear layers have by default: weights and biases from
   * U(−1/√inputs, 1/√inputs), where inputs is the width of the layer's input.
   */
  private static Block uniform(Block linear, long inputs) {
    UniformInitializer initializer = new UniformInitializer(1 / (float) Math.sqrt(inputs));
    linear.setInitializer(initializer, Parameter.Type.WEIGHT);
    linear.setInitializer(initializer, Parameter.Type.BIAS);
    return linear;
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>Class token and position embeddings are initialised from N(0, 1). Weights and biases of
   * linear layers are initialised from U(−1/√inputs, 1/√inputs), PyTorch's default, where inputs is
   * the width of the layer's input. Weights of layer norms are 1, their biases 0.
   *
   * @param config the sizes of the network
   * @param activation called once for each transformer block, from first to last; returns a new
   *     activation, a DJL block whose output has the same shape as its input
   * @return the network
   * @throws NullPointerException if the factory of activations returns null
   */
  public static VisionTransformer of(VitConfig config, Supplier<? extends Block> activation) {
    return new VisionTransformer(config, activation);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray images = inputs.singletonOrThrow();
    long batch = images.getShape().get(0);
    NDArray tokens =
        embedding.forward(store, new NDList(patches(images)), training).singletonOrThrow();
    NDArray first =
        store
            .getValue(classToken, images.getDevice(), training)
            .broadcast(new Shape(batch, 1, config.width()));
    NDArray x =
        first.concat(tokens, 1).add(store.getValue(positions, images.getDevice(), training));
    NDArray y = transformer.forward(store, new NDList(x), training).singletonOrThrow();
    return head.forward(store, new NDList(y.get(new NDIndex(":, 0:1"))), training);
  }

  /**
   * Cuts images into patches.
   *
   * @param images [batch, 3, height, width]
   * @return [batch, patches, patch · patch · 15], where patch is the patch size. The patches are in
   *     row-major order, and so are the pixels in each patch. Each pixel has 15 values: the 3
   *     channels of the image, then those of its 4 shifted copies. A shifted copy is 0 in the row
   *     or column that the shift leaves empty
   */
  private NDArray patches(NDArray images) {
    long batch = images.getShape().get(0);
    int size = config.imageSize();
    // The padding is a pair (before, after) for each dimension, from the last one to the first.
    NDArray padded = images.pad(new Shape(1, 1, 1, 1), 0);
    NDList views = new NDList(images);
    for (int[] shift : SHIFTS) {
      int top = 1 - shift[0];
      int left = 1 - shift[1];
      views.add(padded.get(new NDIndex(":, :, {}:{}, {}:{}", top, top + size, left, left + size)));
    }
    int side = config.side();
    int patch = config.patch();
    return NDArrays.concat(views, 1)
        .reshape(batch, views.size() * (long) CHANNELS, side, patch, side, patch)
        .transpose(0, 2, 4, 3, 5, 1)
        .reshape(batch, (long) side * side, config.patchNumbers());
  }

  @Override
  boolean takes(Shape shape) {
    int size = config.imageSize();
    return shape.dimension() == 4 && shape.slice(1).equals(new Shape(CHANNELS, size, size));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    long batch = inputShapes[0].get(0);
    embedding.initialize(
        manager, type, new Shape(batch, config.tokens() - 1L, config.patchNumbers()));
    transformer.initialize(manager, type, new Shape(batch, config.tokens(), config.width()));
    head.initialize(manager, type, new Shape(batch, 1, config.width()));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), config.classes())};
  }
}
