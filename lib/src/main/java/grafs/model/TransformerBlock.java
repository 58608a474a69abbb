package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.function.Supplier;

/**
 * A pre-norm transformer block, a part of {@link Gpt} (GPT-2, Radford et al. 2019, section 2.3) and
 * {@link VisionTransformer} (ViT, Dosovitskiy et al. 2021, section 3.1). It computes y = x +
 * attention(norm(x)), then y + mlp(norm(y)), where norm is layer norm. The MLP consists of a linear
 * layer, the activation, and a second linear layer. Input and output have the shape [batch, tokens,
 * width], where width is the length of the vector that represents a token.
 */
final class TransformerBlock extends Sequence {

  final SelfAttention attention;

  /** The first linear layer of the MLP, from the width of a token's vector to the hidden width. */
  final Block widen;

  /** The second linear layer of the MLP, from the hidden width to the width of a token's vector. */
  final Block projection;

  TransformerBlock(BlockConfig config, Supplier<? extends Block> factory) {
    Sequence first = add(config.name("", "0"), new Sequence());
    first.add(config.name("ln_1", "norm"), layerNorm(config.bias()));
    attention = first.add(config.name("attn", "fn"), new SelfAttention(config));
    first.add("dropout", dropout(config.dropout()));
    Sequence second = add(config.name("", "1"), new Sequence());
    second.add(config.name("ln_2", "norm"), layerNorm(config.bias()));
    widen = second.add(config.name("mlp.c_fc", "fn.net.0"), linear(config.hidden(), config.bias()));
    second.add(config.name("mlp.act", "fn.net.1"), factory.get());
    second.add("hidden_dropout", dropout(config.hiddenDropout()));
    projection =
        second.add(config.name("mlp.c_proj", "fn.net.3"), linear(config.width(), config.bias()));
    second.add("dropout", dropout(config.dropout()));
  }

  static Block dropout(float rate) {
    return Dropout.builder().optRate(rate).build();
  }

  static Block linear(long units, boolean bias) {
    return Linear.builder().setUnits(units).optBias(bias).build();
  }

  /** Returns a layer norm over the last axis of [batch, tokens, width], with ε = 1e-5. */
  static Block layerNorm(boolean bias) {
    return bias ? LayerNorm.builder().axis(2).build() : new ScaleNorm();
  }

  /**
   * A layer norm that has a weight parameter but no bias parameter. DJL's own layer norm can freeze
   * its bias, but always has one.
   */
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
    // The two children are the branches of the residual connections: norm and attention, then norm
    // and MLP.
    for (Block branch : children.values()) {
      x = x.add(branch.forward(store, new NDList(x), training).singletonOrThrow());
    }
    return new NDList(x);
  }
}
