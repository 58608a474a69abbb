package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.UniformInitializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The vision transformer for small data sets (Lee, Lee and Song, <em>Vision Transformer for
 * Small-Size Datasets</em>, arXiv 2112.13492, 2021), which the paper trains on CIFAR: tokens from
 * patches of the image and of four copies shifted by a pixel, a class token before them, learned
 * positions, pre-norm transformer blocks with locality self-attention, and a layer norm and a
 * linear layer on the class token.
 *
 * <p>Input [batch, 3, height, width], of the configured image size; output the logits [batch,
 * classes].
 *
 * <p>The parameters' names are {@code pos_embedding}, {@code cls_token}, {@code
 * to_patch_embedding.to_patch_tokens.1.weight}, …, {@code transformer.layers.0.0.norm.weight},
 * {@code transformer.layers.0.0.fn.temperature}, {@code transformer.layers.0.0.fn.to_qkv.weight},
 * …, {@code transformer.layers.0.1.fn.net.0.weight}, …, {@code mlp_head.0.weight}, …, {@code
 * mlp_head.1.bias}, as in {@code models/vit_small.py} of <a
 * href="https://github.com/kentaroy47/vision-transformers-cifar10">vision-transformers-cifar10</a>;
 * an activation's parameter is {@code transformer.layers.0.1.fn.net.1.…}.
 */
public final class VisionTransformer extends AbstractNetwork {

  private static final int CHANNELS = 3;

  /** How far the four copies are shifted, (down, right) in pixels. */
  private static final int[][] SHIFTS = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};

  private final VitConfig config;
  private final Parameter classToken;
  private final Parameter positions;
  private final Block patchNorm;
  private final Block embedding;
  private final Block dropout;
  private final List<TransformerBlock> blocks = new ArrayList<>();
  private final Block headNorm;
  private final Block head;

  private VisionTransformer(VitConfig config, Supplier<? extends Block> activation) {
    super(activation);
    this.config = config;
    positions = tokens("pos_embedding", config.tokens());
    classToken = tokens("cls_token", 1);
    patchNorm = addChildBlock("patch_norm", TransformerBlock.layerNorm(true));
    embedding =
        addChildBlock(
            "embedding",
            uniform(TransformerBlock.linear(config.width(), true), config.patchNumbers()));
    dropout = addChildBlock("dropout", TransformerBlock.dropout(config.dropout()));
    for (int layer = 0; layer < config.layers(); layer++) {
      TransformerBlock block = new TransformerBlock(config.block(), this::activation);
      uniform(block.attention.qkv, config.width());
      uniform(block.attention.projection, config.block().inner());
      uniform(block.widen, config.width());
      uniform(block.projection, config.hidden());
      blocks.add(addChildBlock("layers." + layer, block));
    }
    headNorm = addChildBlock("head_norm", TransformerBlock.layerNorm(true));
    head =
        addChildBlock(
            "head", uniform(TransformerBlock.linear(config.classes(), true), config.width()));
  }

  /** PyTorch's default for linear layers: weights and biases from U(−1/√inputs, 1/√inputs). */
  private static Block uniform(Block linear, long inputs) {
    UniformInitializer initializer = new UniformInitializer(1 / (float) Math.sqrt(inputs));
    linear.setInitializer(initializer, Parameter.Type.WEIGHT);
    linear.setInitializer(initializer, Parameter.Type.BIAS);
    return linear;
  }

  private Parameter tokens(String name, int count) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.WEIGHT)
            .optShape(new Shape(1, count, config.width()))
            .optInitializer(new NormalInitializer(1))
            .build());
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>Class token and positions are initialised from N(0, 1), weights and biases of linear layers
   * from U(−1/√inputs, 1/√inputs), as PyTorch does by default.
   *
   * @param config its shape
   * @param activation makes the activation of each layer, a block whose output has the shape of its
   *     input
   * @return the network
   */
  public static VisionTransformer of(VitConfig config, Supplier<? extends Block> activation) {
    return new VisionTransformer(config, activation);
  }

  /** {@return the network's shape} */
  public VitConfig config() {
    return config;
  }

  @Override
  String title() {
    return "vision transformer with %d layers, %d heads, %d wide, for %d classes"
        .formatted(config.layers(), config.heads(), config.width(), config.classes());
  }

  @Override
  void name(StateDict dict) {
    // Numbers are missing where the original has parts without parameters.
    dict.put("pos_embedding", positions)
        .put("cls_token", classToken)
        .put("to_patch_embedding.to_patch_tokens.1", patchNorm)
        .put("to_patch_embedding.to_patch_tokens.2", embedding);
    for (int layer = 0; layer < blocks.size(); layer++) {
      TransformerBlock block = blocks.get(layer);
      String place = "transformer.layers." + layer + ".";
      dict.put(place + "0.norm", block.norm1)
          .put(place + "0.fn.temperature", block.attention.temperature)
          .put(place + "0.fn.to_qkv", block.attention.qkv)
          .put(place + "0.fn.to_out.0", block.attention.projection)
          .put(place + "1.norm", block.norm2)
          .put(place + "1.fn.net.0", block.widen)
          .put(place + "1.fn.net.1", block.activation)
          .put(place + "1.fn.net.3", block.projection);
    }
    dict.put("mlp_head.0", headNorm).put("mlp_head.1", head);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray images = inputs.singletonOrThrow();
    long batch = images.getShape().get(0);
    NDList y = patchNorm.forward(store, new NDList(patches(images)), training);
    y = embedding.forward(store, y, training);
    NDArray first =
        store
            .getValue(classToken, images.getDevice(), training)
            .broadcast(new Shape(batch, 1, config.width()));
    NDArray x =
        first
            .concat(y.singletonOrThrow(), 1)
            .add(store.getValue(positions, images.getDevice(), training));
    y = dropout.forward(store, new NDList(x), training);
    for (TransformerBlock block : blocks) {
      y = block.forward(store, y, training);
    }
    y =
        headNorm.forward(
            store, new NDList(y.singletonOrThrow().get(new NDIndex(":, 0:1"))), training);
    return head.forward(store, new NDList(y.singletonOrThrow().squeeze(1)), training);
  }

  /**
   * [batch, 3, height, width] to [batch, patches, patch · patch · 15]: the patches row by row, in
   * each the pixels row by row, and for each pixel the 3 channels of the image and of its 4 shifted
   * copies.
   */
  private NDArray patches(NDArray images) {
    long batch = images.getShape().get(0);
    int size = config.imageSize();
    // Padding is given from the last dimension to the first, as (before, after).
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
  protected void beforeInitialize(Shape... inputShapes) {
    super.beforeInitialize(inputShapes);
    int size = config.imageSize();
    if (inputShapes.length != 1
        || inputShapes[0].dimension() != 4
        || !inputShapes[0].slice(1).equals(new Shape(CHANNELS, size, size))) {
      throw new IllegalArgumentException(
          "this vision transformer takes one input [batch, 3, %d, %d], not %s"
              .formatted(size, size, Arrays.toString(inputShapes)));
    }
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    long batch = inputShapes[0].get(0);
    long count = config.tokens() - 1L;
    Shape pixels = new Shape(batch, count, config.patchNumbers());
    patchNorm.initialize(manager, type, pixels);
    embedding.initialize(manager, type, pixels);
    Shape x = new Shape(batch, config.tokens(), config.width());
    dropout.initialize(manager, type, x);
    blocks.forEach(block -> block.initialize(manager, type, x));
    headNorm.initialize(manager, type, new Shape(batch, 1, config.width()));
    head.initialize(manager, type, new Shape(batch, config.width()));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), config.classes())};
  }
}
