package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The paper's baselines by name, each as PyTorch defines it by default.
 *
 * <table>
 *   <caption>The known names</caption>
 *   <tr><td>{@code relu}</td><td>max(x, 0)</td></tr>
 *   <tr><td>{@code leaky_relu}</td><td>x for x &gt; 0, else 0.01·x</td></tr>
 *   <tr><td>{@code elu}</td><td>x for x &gt; 0, else eˣ − 1</td></tr>
 *   <tr><td>{@code silu}</td><td>x·σ(x)</td></tr>
 *   <tr><td>{@code gelu}</td><td>x·Φ(x) with the exact normal distribution, not the tanh form</td></tr>
 * </table>
 */
public final class Activations {

  private static final Map<String, UnaryOperator<NDArray>> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("relu", Activation::relu);
    KNOWN.put("leaky_relu", x -> Activation.leakyRelu(x, 0.01f));
    KNOWN.put("elu", x -> Activation.elu(x, 1f));
    // Not DJL's swish, which multiplies by a number: see Constant.
    KNOWN.put("silu", x -> x.mul(Activation.sigmoid(x)));
    KNOWN.put("gelu", Activation::gelu);
  }

  /** What tables and plots call them. */
  private static final Map<String, String> TITLES =
      Map.of(
          "relu", "ReLU", "leaky_relu", "Leaky ReLU", "elu", "ELU", "silu", "SiLU", "gelu", "GELU");

  private Activations() {}

  /**
   * Returns the known names.
   *
   * @return the names, ReLU first
   */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  /**
   * Returns what tables and plots call an activation.
   *
   * @param name one of {@link #names()}
   * @return its name as it is usually written, such as {@code Leaky ReLU}
   * @throws IllegalArgumentException if there is no such name
   */
  public static String title(String name) {
    if (!TITLES.containsKey(name)) {
      throw unknown(name);
    }
    return TITLES.get(name);
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "There is no activation '" + name + "'. Known: " + String.join(", ", names()));
  }

  /**
   * Returns a factory of an activation's blocks, for a network to call once for each place.
   *
   * @param name one of {@link #names()}
   * @return a factory of blocks that map an array to one of the same shape, without parameters
   * @throws IllegalArgumentException if there is no such name
   */
  public static Supplier<Block> of(String name) {
    UnaryOperator<NDArray> function = KNOWN.get(name);
    if (function == null) {
      throw unknown(name);
    }
    return () -> LambdaBlock.singleton(function::apply, name);
  }
}
