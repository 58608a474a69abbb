package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.util.PairList;
import grafs.cell.Constant;

/**
 * Multi-head self-attention of a {@link TransformerBlock}. Input and output have the shape [batch,
 * tokens, width], where width is the length of the vector that represents a token. In the formulas
 * below, Q, K and V are the queries, keys and values of a head, and d is the length of a query
 * vector. The arguments of softmax are called scores. There are two kinds of attention:
 *
 * <ul>
 *   <li>Causal, in language models: a token attends to itself and the tokens before it,
 *       softmax(QKᵀ/√d)·V (Vaswani et al. 2017, section 3.2).
 *   <li>Locality self-attention, in vision transformers: a token attends to all tokens except
 *       itself, softmax(e^T·QKᵀ)·V, where the temperature T is a trained scalar, initially
 *       log(1/√d) (Lee et al. 2021, arXiv 2112.13492, section 3.3).
 * </ul>
 */
final class SelfAttention extends Sequence {

  /**
   * A number that is added to the scores of masked tokens, those to which a token must not attend.
   * The softmax of a masked token is then exactly 0, because exp underflows.
   */
  private static final float HIDDEN = -1e9f;

  private final BlockConfig config;

  /** The temperature T of locality self-attention; null if attention is causal. */
  private final Parameter temperature;

  /** The linear layer whose output is the queries of all heads, then the keys, then the values. */
  final Block qkv;

  /**
   * The linear layer that maps the concatenated outputs of all heads to the width of a token's
   * vector.
   */
  final Block projection;

  private final Block dropout;

  SelfAttention(BlockConfig config) {
    this.config = config;
    qkv =
        add(
            config.name("c_attn", "to_qkv"),
            TransformerBlock.linear(3 * config.inner(), config.attentionBias()));
    projection =
        add(
            config.name("c_proj", "to_out.0"),
            TransformerBlock.linear(config.width(), config.bias()));
    dropout = add("dropout", TransformerBlock.dropout(config.attentionDropout()));
    float start = (float) Math.log(1 / Math.sqrt(config.headWidth()));
    temperature =
        config.causal()
            ? null
            : add("temperature", Parameter.Type.OTHER, new ConstantInitializer(start));
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
    NDArray scale =
        config.causal()
            ? Constant.of(x, 1 / Math.sqrt(config.headWidth()))
            : store.getValue(temperature, x.getDevice(), training).exp();
    NDArray scores =
        q.mul(scale).matMul(k.swapAxes(2, 3)).add(hidden(x.getManager(), tokens, config.causal()));
    NDArray attention = dropout.forward(store, new NDList(scores.softmax(3)), training).head();
    // From [batch, heads, tokens, head width] to [batch, tokens, heads · head width].
    NDArray y = attention.matMul(v).swapAxes(1, 2).reshape(batch, tokens, config.inner());
    return projection.forward(store, new NDList(y), training);
  }

  /** Reshapes [batch, tokens, heads · head width] to [batch, heads, tokens, head width]. */
  private NDArray heads(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(shape.get(0), shape.get(1), config.heads(), config.headWidth()).swapAxes(1, 2);
  }

  /**
   * {@return the mask to add to the scores, [query tokens, key tokens]: −1e9 where the key comes
   * after the query (causal) or is the query itself (not causal), elsewhere 0}
   */
  private static NDArray hidden(NDManager manager, long tokens, boolean causal) {
    NDArray position = manager.arange((float) tokens);
    NDArray one = position.expandDims(0);
    NDArray other = position.expandDims(1);
    NDArray hidden = (causal ? one.gt(other) : one.eq(other)).toType(DataType.FLOAT32, false);
    return hidden.mul(Constant.of(hidden, HIDDEN));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    qkv.initialize(manager, type, inputShapes);
    long batch = inputShapes[0].get(0);
    long tokens = inputShapes[0].get(1);
    projection.initialize(manager, type, new Shape(batch, tokens, config.inner()));
    dropout.initialize(manager, type, new Shape(batch, config.heads(), tokens, tokens));
  }
}
