package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The vision transformer (Dosovitskiy et al., <em>An Image is Worth 16×16 Words</em>, ICLR 2021): a
 * linear embedding of square patches between two layer norms (Kumar et al., <em>Dual
 * PatchNorm</em>, 2023), a class token before them, learned positions, pre-norm transformer blocks,
 * a last layer norm, and a linear layer on the class token. A class token rather than the mean over
 * all tokens, because the originals with these sizes have one, so that their weights fit.
 *
 * <p>Input [batch, 3, height, width], of the configured image size; output the logits [batch,
 * classes].
 *
 * <p>The parameters' names are {@code cls_token}, {@code pos_embedding}, {@code
 * to_patch_embedding.1.weight}, …, {@code transformer.norm.weight}, {@code
 * transformer.layers.0.0.to_qkv.weight}, {@code transformer.layers.0.1.net.1.weight}, …, {@code
 * mlp_head.weight}, {@code mlp_head.bias}, as in <a
 * href="https://github.com/lucidrains/vit-pytorch">lucidrains/vit-pytorch</a> 1.23; an activation's
 * parameter is {@code transformer.layers.0.1.net.2.…}.
 */
public final class VisionTransformer extends AbstractNetwork {

  private static final int CHANNELS = 3;

  /** The standard deviation of initial weights. */
  private static final float SIGMA = 0.02f;

  private final VitConfig config;
  private final Parameter classToken;
  private final Parameter positions;
  private final Block patchNorm;
  private final Block embedding;
  private final Block embeddingNorm;
  private final Block dropout;
  private final List<TransformerBlock> blocks = new ArrayList<>();
  private final Block norm;
  private final Block head;

  private VisionTransformer(VitConfig config, Supplier<? extends Block> activation) {
    super(activation);
    this.config = config;
    classToken = tokens("cls_token", 1);
    positions = tokens("pos_embedding", config.tokens());
    patchNorm = addChildBlock("patch_norm", TransformerBlock.layerNorm());
    embedding =
        addChildBlock("embedding", normal(Linear.builder().setUnits(config.width()).build()));
    embeddingNorm = addChildBlock("embedding_norm", TransformerBlock.layerNorm());
    dropout = addChildBlock("dropout", TransformerBlock.dropout(config.dropout()));
    for (int layer = 0; layer < config.layers(); layer++) {
      TransformerBlock block = new TransformerBlock(config.block(), this::activation);
      normal(block.attention.qkv);
      normal(block.attention.projection);
      normal(block.widen);
      normal(block.projection);
      blocks.add(addChildBlock("layers." + layer, block));
    }
    norm = addChildBlock("norm", TransformerBlock.layerNorm());
    head = addChildBlock("mlp_head", normal(Linear.builder().setUnits(config.classes()).build()));
  }

  /** The activations' own weights stay as their factory wants them. */
  private static Block normal(Block linear) {
    linear.setInitializer(new NormalInitializer(SIGMA), Parameter.Type.WEIGHT);
    return linear;
  }

  private Parameter tokens(String name, int count) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.WEIGHT)
            .optShape(new Shape(count, config.width()))
            .optInitializer(new NormalInitializer(SIGMA))
            .build());
  }

  /**
   * Creates a network, not yet initialized.
   *
   * <p>Weights, class token and positions are initialised from N(0, 0.02²), biases 0, as in DeiT
   * (Touvron et al. 2021), whose truncation 100 standard deviations away cuts off nothing.
   *
   * @param config its shape
   * @param activation called for the activation of each layer; its blocks keep the shape
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
    // The numbers that are missing are of parts without parameters.
    dict.put("cls_token", classToken)
        .put("pos_embedding", positions)
        .put("to_patch_embedding.1", patchNorm)
        .put("to_patch_embedding.2", embedding)
        .put("to_patch_embedding.3", embeddingNorm)
        .put("transformer.norm", norm);
    for (int layer = 0; layer < blocks.size(); layer++) {
      TransformerBlock block = blocks.get(layer);
      String place = "transformer.layers." + layer + ".";
      dict.put(place + "0.norm", block.norm1)
          .put(place + "0.to_qkv", block.attention.qkv)
          .put(place + "0.to_out.0", block.attention.projection)
          .put(place + "1.net.0", block.norm2)
          .put(place + "1.net.1", block.widen)
          .put(place + "1.net.2", block.activation)
          .put(place + "1.net.4", block.projection);
    }
    dict.put("mlp_head", head);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray images = inputs.singletonOrThrow();
    long batch = images.getShape().get(0);
    NDList y = new NDList(patches(images));
    for (Block block : List.of(patchNorm, embedding, embeddingNorm)) {
      y = block.forward(store, y, training);
    }
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
    y = norm.forward(store, new NDList(y.singletonOrThrow().get(new NDIndex(":, 0:1"))), training);
    return head.forward(store, new NDList(y.singletonOrThrow().squeeze(1)), training);
  }

  /**
   * [batch, 3, height, width] to [batch, patches, patch · patch · 3]: patches row by row, and so
   * their pixels, each with its channels together.
   */
  private NDArray patches(NDArray images) {
    long batch = images.getShape().get(0);
    int side = config.side();
    int patch = config.patch();
    return images
        .reshape(batch, CHANNELS, side, patch, side, patch)
        .transpose(0, 2, 4, 3, 5, 1)
        .reshape(batch, (long) side * side, (long) patch * patch * CHANNELS);
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
    Shape pixels = new Shape(batch, count, (long) config.patch() * config.patch() * CHANNELS);
    patchNorm.initialize(manager, type, pixels);
    embedding.initialize(manager, type, pixels);
    embeddingNorm.initialize(manager, type, new Shape(batch, count, config.width()));
    Shape x = new Shape(batch, config.tokens(), config.width());
    dropout.initialize(manager, type, x);
    blocks.forEach(block -> block.initialize(manager, type, x));
    norm.initialize(manager, type, new Shape(batch, 1, config.width()));
    head.initialize(manager, type, new Shape(batch, config.width()));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), config.classes())};
  }
}
