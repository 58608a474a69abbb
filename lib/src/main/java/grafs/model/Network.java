package grafs.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A network whose activations are made by a factory. Its {@code toString} gives the kind of network
 * and the number of parameters.
 */
public abstract class Network extends Sequence {

  private final String title;
  private final String input;

  /**
   * Creates a network.
   *
   * @param title its kind and size
   * @param input the shape of its input, for messages
   */
  Network(String title, String input) {
    this.title = title;
    this.input = input;
  }

  /** {@return whether an input may have this shape} */
  abstract boolean takes(Shape shape);

  @Override
  protected void beforeInitialize(Shape... inputShapes) {
    super.beforeInitialize(inputShapes);
    if (inputShapes.length != 1 || !takes(inputShapes[0])) {
      throw new IllegalArgumentException(
          "%s takes one input %s, not %s".formatted(title, input, Arrays.toString(inputShapes)));
    }
  }

  /**
   * Returns the parameters under the names that the same network has in PyTorch's {@code
   * state_dict()}; the activations' own parameters, where they have any, follow the same pattern.
   *
   * @return the parameters by name, in the order of the network
   */
  public Map<String, Parameter> stateDict() {
    Map<String, Parameter> dict = new LinkedHashMap<>();
    name("", dict);
    return Collections.unmodifiableMap(dict);
  }

  /**
   * Returns the number of trainable parameters, those of the activations included.
   *
   * @return the number of elements of all parameters that require gradients
   * @throws IllegalStateException if the network was not initialized, so that shapes are unknown
   */
  public long parameterCount() {
    if (!isInitialized()) {
      throw new IllegalStateException(title + " has no shapes yet: initialize it first");
    }
    return getParameters().values().stream()
        .filter(Parameter::requiresGradient)
        .mapToLong(p -> p.getShape().size())
        .sum();
  }

  @Override
  public String toString() {
    if (!isInitialized()) {
      return title + ", not initialized";
    }
    String count = String.format(Locale.ROOT, "%,d", parameterCount()).replace(',', ' ');
    return title + ": " + count + " parameters";
  }
}
