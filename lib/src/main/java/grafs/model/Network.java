package grafs.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The base class of the networks of arXiv 2408.06820: {@link ResNet}, {@link VisionTransformer} and
 * {@link Gpt}. Each network is built with a factory that makes its activations, so that it can be
 * trained with any activation. {@code toString} gives the kind of network and the number of
 * parameters.
 */
public abstract class Network extends Sequence {

  private final String title;
  private final String input;

  /**
   * Creates a network.
   *
   * @param title the kind and size of the network, for {@code toString} and messages
   * @param input a description of the required input shape, for messages
   */
  Network(String title, String input) {
    this.title = title;
    this.input = input;
  }

  /** {@return whether the network accepts an input of this shape, batch dimension included} */
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
   * Returns all parameters by the names that they have in PyTorch's {@code state_dict()}. The class
   * comments of {@link ResNet}, {@link VisionTransformer} and {@link Gpt} say which PyTorch
   * implementations use these names, and how the names of an activation's parameters begin.
   *
   * @return the parameters by name, in the order of the network's blocks; running statistics of
   *     batch norm are included
   */
  public Map<String, Parameter> stateDict() {
    Map<String, Parameter> dict = new LinkedHashMap<>();
    name("", dict);
    return Collections.unmodifiableMap(dict);
  }

  /**
   * Returns the size of the network in trainable numbers.
   *
   * @return the number of elements of all parameters that require gradients, those of activations
   *     included
   * @throws IllegalStateException if the network was not initialized, so that shapes are unknown
   */
  public long parameterCount() {
    if (!isInitialized()) {
      throw new IllegalStateException(
          title + " has no parameters yet: call its initialize method first");
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
