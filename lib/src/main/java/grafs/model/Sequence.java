package grafs.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.util.Map;
import java.util.Objects;

/**
 * Blocks under the names that they have in PyTorch's {@code state_dict()}, by default applied one
 * after another. DJL's {@code SequentialBlock} names blocks after their classes.
 */
class Sequence extends AbstractBlock {

  /** The names in PyTorch of a normalisation's parameters. */
  private static final Map<Parameter.Type, String> NORM =
      Map.of(
          Parameter.Type.GAMMA, "weight",
          Parameter.Type.BETA, "bias",
          Parameter.Type.RUNNING_MEAN, "running_mean",
          Parameter.Type.RUNNING_VAR, "running_var");

  /**
   * Appends a block.
   *
   * @param name its name, which may have dots; empty for a part that has no name in PyTorch
   * @param block the block
   * @return the block
   * @throws NullPointerException if a factory of activations gave no block
   */
  final <B extends Block> B add(String name, B block) {
    return addChildBlock(
        name, Objects.requireNonNull(block, "The activation's factory gave no block"));
  }

  /** Adds all parameters under their names, in order; the names begin with the place. */
  final void name(String place, Map<String, Parameter> dict) {
    for (Pair<String, Parameter> own : getDirectParameters()) {
      dict.put(place + own.getKey(), own.getValue());
    }
    for (int i = 0; i < children.size(); i++) {
      // DJL numbers its children: 01conv1, …, 100linear.
      String name = children.keyAt(i).substring(i < 99 ? 2 : 3);
      String inside = name.isEmpty() ? place : place + name + ".";
      Block child = children.valueAt(i);
      if (child instanceof Sequence sequence) {
        sequence.name(inside, dict);
        continue;
      }
      boolean norm = child instanceof BatchNorm || child instanceof LayerNorm;
      for (Pair<String, Parameter> p : child.getParameters()) {
        String key = norm ? NORM.get(p.getValue().getType()) : p.getKey();
        dict.put(inside + key, p.getValue());
      }
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return through(store, inputs, training, params, children.values());
  }

  /** {@return the output of blocks applied one after another} */
  static NDList through(
      ParameterStore store,
      NDList inputs,
      boolean training,
      PairList<String, Object> params,
      Iterable<? extends Block> blocks) {
    NDList y = inputs;
    for (Block block : blocks) {
      y = block.forward(store, y, training, params);
    }
    return y;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape[] shapes = inputShapes;
    for (Block child : children.values()) {
      child.initialize(manager, type, shapes);
      shapes = child.getOutputShapes(shapes);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape[] shapes = inputShapes;
    for (Block child : children.values()) {
      shapes = child.getOutputShapes(shapes);
    }
    return shapes;
  }
}
