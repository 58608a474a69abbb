package grafs.model;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.util.Pair;
import java.util.Map;

/** Names parameters as PyTorch's {@code state_dict()} does. */
final class StateDict {

  private StateDict() {}

  /** Adds a block's parameters under its place in the network. */
  static void put(Map<String, Parameter> dict, String place, Block block) {
    boolean norm = block instanceof BatchNorm || block instanceof LayerNorm;
    for (Pair<String, Parameter> p : block.getParameters()) {
      String name = norm ? normName(p.getValue()) : p.getKey();
      dict.put(place + "." + name, p.getValue());
    }
  }

  private static String normName(Parameter parameter) {
    return switch (parameter.getType()) {
      case GAMMA -> "weight";
      case BETA -> "bias";
      case RUNNING_MEAN -> "running_mean";
      case RUNNING_VAR -> "running_var";
      default -> parameter.getName();
    };
  }
}
