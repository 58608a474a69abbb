package grafs.model;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.util.Pair;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names parameters as PyTorch's {@code state_dict()} does. */
final class StateDict {

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /** Adds a parameter that belongs to the network itself, not to a child block. */
  StateDict put(String name, Parameter parameter) {
    parameters.put(name, parameter);
    return this;
  }

  /**
   * Adds a block's parameters; their names begin with the block's place, such as {@code
   * layer1.0.conv1}.
   */
  StateDict put(String place, Block block) {
    boolean norm = block instanceof BatchNorm || block instanceof LayerNorm;
    for (Pair<String, Parameter> p : block.getParameters()) {
      String name = norm ? normName(p.getValue()) : p.getKey();
      parameters.put(place + "." + name, p.getValue());
    }
    return this;
  }

  /** {@return the parameters by name, in the order in which they were added} */
  Map<String, Parameter> parameters() {
    return Collections.unmodifiableMap(parameters);
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
