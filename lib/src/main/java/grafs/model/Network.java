package grafs.model;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;

/**
 * A network whose activations are made by a factory and are accessible. Its {@code toString} gives
 * the kind of network and the number of parameters.
 */
public interface Network extends Block {

  /**
   * Returns the activations, one instance for each place where the network has one.
   *
   * @return the factory's blocks, in the order in which the input passes them
   */
  List<Block> activations();

  /**
   * Returns the parameters under the names that the same network has in PyTorch's {@code
   * state_dict()}; the activations' own parameters, where they have any, follow the same pattern.
   *
   * @return the parameters by name, in the order of the network
   */
  Map<String, Parameter> stateDict();

  /**
   * Returns the number of trainable parameters, those of the activations included.
   *
   * @return the number of elements of all parameters that require gradients
   * @throws IllegalStateException if the network was not initialized, so that shapes are unknown
   */
  default long parameterCount() {
    return getParameters().values().stream()
        .filter(Parameter::requiresGradient)
        .mapToLong(
            p -> {
              if (p.getShape() == null) {
                throw new IllegalStateException(
                    "Parameter " + p.getName() + " has no shape yet: initialize the network first");
              }
              return p.getShape().size();
            })
        .sum();
  }
}
