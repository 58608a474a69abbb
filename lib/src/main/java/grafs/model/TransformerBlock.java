package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.function.Supplier;

/**
 * A block of GPT-2 (Radford et al. 2019, section 2.3): x + attention(norm(x)), then x +
 * mlp(norm(x)), the network's activation between both layers of the mlp, which is four times as
 * wide. Input and output [batch, tokens, width].
 */
final class TransformerBlock extends AbstractBlock {

  final Block norm1;
  final CausalSelfAttention attention;
  final Block norm2;
  final Block widen;
  final Block activation;
  final Block projection;
  private final Block dropout1;
  private final Block dropout2;
  private final int width;

  TransformerBlock(GptConfig config, Supplier<? extends Block> factory) {
    width = config.width();
    norm1 = addChildBlock("ln_1", layerNorm());
    attention = addChildBlock("attn", new CausalSelfAttention(config));
    norm2 = addChildBlock("ln_2", layerNorm());
    widen = addChildBlock("c_fc", Linear.builder().setUnits(4L * width).build());
    activation = addChildBlock("act", factory.get());
    projection = addChildBlock("c_proj", Linear.builder().setUnits(width).build());
    dropout1 = addChildBlock("dropout1", Dropout.builder().optRate(config.dropout()).build());
    dropout2 = addChildBlock("dropout2", Dropout.builder().optRate(config.dropout()).build());
  }

  /** Over the width, epsilon 1e-5. */
  static Block layerNorm() {
    return LayerNorm.builder().axis(2).build();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    x = x.add(through(store, x, training, norm1, attention, dropout1));
    x = x.add(through(store, x, training, norm2, widen, activation, projection, dropout2));
    return new NDList(x);
  }

  private static NDArray through(
      ParameterStore store, NDArray x, boolean training, Block... blocks) {
    NDList y = new NDList(x);
    for (Block block : blocks) {
      y = block.forward(store, y, training);
    }
    return y.singletonOrThrow();
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape x = inputShapes[0];
    Shape wide = new Shape(x.get(0), x.get(1), 4L * width);
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, child == activation || child == projection ? wide : x);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
