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
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Attention of every token to itself and those before it (Vaswani et al. 2017, section 3.2):
 * softmax(QKᵀ/√d)·V in each head. Input and output [batch, tokens, width].
 */
final class CausalSelfAttention extends AbstractBlock {

  /** Added to the scores of tokens to come: softmax gives them exactly 0. */
  private static final float HIDDEN = -1e9f;

  private final int heads;
  private final int width;
  final Block qkv;
  final Block projection;
  private final Block dropout;

  CausalSelfAttention(GptConfig config) {
    heads = config.heads();
    width = config.width();
    qkv =
        addChildBlock(
            "c_attn",
            Linear.builder().setUnits(3L * width).optBias(config.attentionBias()).build());
    projection = addChildBlock("c_proj", Linear.builder().setUnits(width).build());
    dropout = addChildBlock("dropout", Dropout.builder().optRate(config.dropout()).build());
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    long batch = x.getShape().get(0);
    long tokens = x.getShape().get(1);
    NDList parts = qkv.forward(store, inputs, training).head().split(3, 2);
    NDArray q = heads(parts.get(0));
    NDArray k = heads(parts.get(1));
    NDArray v = heads(parts.get(2));
    // Not div(Number): DJL would free the constant before the backward pass reads it.
    NDArray scale =
        x.getManager().create(1 / Math.sqrt((double) width / heads)).toType(x.getDataType(), false);
    NDArray scores = q.mul(scale).matMul(k.swapAxes(2, 3)).add(hidden(x.getManager(), tokens));
    NDArray attention = dropout.forward(store, new NDList(scores.softmax(3)), training).head();
    // [batch, heads, tokens, width / heads] to [batch, tokens, width]
    NDArray y = attention.matMul(v).swapAxes(1, 2).reshape(batch, tokens, width);
    return projection.forward(store, new NDList(y), training);
  }

  /** [batch, tokens, width] to [batch, heads, tokens, width / heads]. */
  private NDArray heads(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(shape.get(0), shape.get(1), heads, width / heads).swapAxes(1, 2);
  }

  /** {@return [tokens, tokens], a large negative number where the second comes after the first} */
  private static NDArray hidden(NDManager manager, long tokens) {
    NDArray position = manager.arange((float) tokens);
    NDArray later = position.expandDims(0).gt(position.expandDims(1));
    return later.toType(DataType.FLOAT32, false).mul(HIDDEN);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    qkv.initialize(manager, type, inputShapes);
    projection.initialize(manager, type, inputShapes);
    Shape shape = inputShapes[0];
    dropout.initialize(manager, type, new Shape(shape.get(0), heads, shape.get(1), shape.get(1)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
