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
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.util.Map;
import java.util.Objects;

/**
 * A block of child blocks, which by default are applied one after another. Each child is added
 * under the name that it has in PyTorch's {@code state_dict()}, so that weights can be exchanged
 * with PyTorch. DJL's own {@code SequentialBlock} would name the children after their classes. The
 * networks of this package and their parts extend this class.
 */
class Sequence extends AbstractBlock {

  /** PyTorch's names for the parameters of batch norm and layer norm, by DJL's parameter type. */
  private static final Map<Parameter.Type, String> NORM =
      Map.of(
          Parameter.Type.GAMMA, "weight",
          Parameter.Type.BETA, "bias",
          Parameter.Type.RUNNING_MEAN, "running_mean",
          Parameter.Type.RUNNING_VAR, "running_var");

  /**
   * Appends a child block.
   *
   * @param name the child's path relative to this block in the PyTorch implementation, such as
   *     {@code mlp.c_fc}; empty if the child only groups blocks and has no counterpart in PyTorch
   * @param block the child
   * @return the child
   * @throws NullPointerException if the child is null, which happens if a user's factory of
   *     activations returns null
   */
  final <B extends Block> B add(String name, B block) {
    return addChildBlock(
        name, Objects.requireNonNull(block, "The activation's factory gave no block"));
  }

  /**
   * Adds a parameter that belongs to this block itself and not to a child, and returns the
   * parameter.
   */
  final Parameter add(String name, Parameter.Type type, Initializer start, long... shape) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(type)
            .optShape(new Shape(shape))
            .optInitializer(start)
            .build());
  }

  /**
   * Adds all parameters of this block and its children to a dictionary, in the order of the
   * children, under the names that PyTorch gives them.
   *
   * @param place this block's path in the network, followed by a dot; empty for the network itself
   * @param dict the dictionary
   */
  final void name(String place, Map<String, Parameter> dict) {
    for (Pair<String, Parameter> own : getDirectParameters()) {
      dict.put(place + own.getKey(), own.getValue());
    }
    for (int i = 0; i < children.size(); i++) {
      // The number that DJL puts before each child's name is cut off. It has two digits up to the
      // 99th child, then three: 01conv1, …, 100linear.
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

  /** {@return the output of the given blocks, applied one after another to the inputs} */
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
