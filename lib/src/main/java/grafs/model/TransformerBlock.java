package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A pre-norm block, as in GPT-2 (Radford et al. 2019, section 2.3) and the vision transformer
 * (Dosovitskiy et al. 2021, section 3.1): x + attention(norm(x)), then x + mlp(norm(x)), with the
 * activation between the two layers of the mlp. Input and output [batch, tokens, width].
 */
final class TransformerBlock extends AbstractBlock {

  final Block norm1;
  final SelfAttention attention;
  final Block norm2;
  final Block widen;
  final Block activation;
  final Block projection;
  private final Block dropout1;
  private final Block dropout2;
  private final Block hiddenDropout;
  private final int hidden;

  TransformerBlock(BlockConfig config, Supplier<? extends Block> factory) {
    hidden = config.hidden();
    norm1 = addChildBlock("ln_1", layerNorm(config.bias()));
    attention = addChildBlock("attn", new SelfAttention(config));
    norm2 = addChildBlock("ln_2", layerNorm(config.bias()));
    widen = addChildBlock("c_fc", linear(hidden, config.bias()));
    activation = addChildBlock("act", factory.get());
    projection = addChildBlock("c_proj", linear(config.width(), config.bias()));
    dropout1 = addChildBlock("dropout1", dropout(config.dropout()));
    dropout2 = addChildBlock("dropout2", dropout(config.dropout()));
    hiddenDropout = addChildBlock("hidden_dropout", dropout(config.hiddenDropout()));
  }

  static Block dropout(float rate) {
    return Dropout.builder().optRate(rate).build();
  }

  static Block linear(long units, boolean bias) {
    return Linear.builder().setUnits(units).optBias(bias).build();
  }

  /** Layer norm over the width, with epsilon 1e-5. */
  static Block layerNorm(boolean bias) {
    return bias ? LayerNorm.builder().axis(2).build() : new ScaleNorm();
  }

  /** A layer norm without bias. */
  private static final class ScaleNorm extends AbstractBlock {

    private final Parameter scale =
        addParameter(Parameter.builder().setName("weight").setType(Parameter.Type.GAMMA).build());

    @Override
    protected void prepare(Shape[] inputShapes) {
      scale.setShape(new Shape(inputShapes[0].get(2)));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      NDArray weight = store.getValue(scale, x.getDevice(), training);
      NDArray zeros = x.getManager().zeros(weight.getShape());
      return LayerNorm.layerNorm(x, weight.getShape(), weight, zeros, 1e-5f);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    x = x.add(through(store, x, training, norm1, attention, dropout1));
    x =
        x.add(
            through(
                store, x, training, norm2, widen, activation, hiddenDropout, projection, dropout2));
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
    Shape wide = new Shape(x.get(0), x.get(1), hidden);
    List<Block> onHidden = List.of(activation, hiddenDropout, projection);
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, onHidden.contains(child) ? wide : x);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
