package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import grafs.cell.KnownActivation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Makes activations by name, as blocks to build networks with. The names are the constants of
 * {@link KnownActivation} in lower case, without {@code identity} and {@code constant}, and in
 * addition {@code xielu}, whose blocks have trainable parameters. The first five are the baselines
 * of arXiv 2408.06820, as PyTorch defines them by default: relu, leaky_relu, elu, silu and gelu.
 */
public final class Activations {

  /**
   * An activation.
   *
   * @param title its name for tables and plots
   * @param blocks makes its blocks
   */
  private record Known(String title, Supplier<Block> blocks) {}

  /** The activations by name. */
  private static final Map<String, Known> KNOWN = new LinkedHashMap<>();

  static {
    put(KnownActivation.RELU, Activation::relu);
    put(KnownActivation.LEAKY_RELU, x -> Activation.leakyRelu(x, 0.01f));
    put(KnownActivation.ELU, x -> Activation.elu(x, 1f));
    // Not DJL's swish: it frees a constant that the backward pass still reads, see the class
    // grafs.cell.Constant.
    put(KnownActivation.SILU, x -> x.mul(Activation.sigmoid(x)));
    put(KnownActivation.GELU, Activation::gelu);
    for (KnownActivation known : KnownActivation.values()) {
      if (known.function() != null && known != KnownActivation.IDENTITY) {
        KNOWN.putIfAbsent(name(known), new Known(known.title(), known.function()::get));
      }
    }
    KNOWN.put("xielu", new Known("xIELU", Xielu::new));
  }

  private Activations() {}

  private static void put(KnownActivation known, UnaryOperator<NDArray> function) {
    String name = name(known);
    KNOWN.put(name, new Known(known.title(), () -> LambdaBlock.singleton(function::apply, name)));
  }

  /** {@return the name of an activation, such as {@code leaky_relu}} */
  static String name(KnownActivation known) {
    return known.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the names of all activations.
   *
   * @return the names; the first five are those of arXiv 2408.06820
   */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  /**
   * Returns the name of an activation for tables and plots.
   *
   * @param name one of {@link #names()}, in upper or lower case, with underscores or spaces
   * @return its name as it is usually written, such as {@code Leaky ReLU}
   * @throws IllegalArgumentException if there is no such activation; the message lists the names
   */
  public static String title(String name) {
    return known(name).title;
  }

  private static Known known(String name) {
    // So that titles such as Leaky ReLU are accepted too.
    Known known =
        KNOWN.get(String.valueOf(name).strip().toLowerCase(Locale.ROOT).replace(' ', '_'));
    if (known == null) {
      throw new IllegalArgumentException(
          "There is no activation '" + name + "'. Known: " + String.join(", ", names()));
    }
    return known;
  }

  /**
   * Returns a factory that makes an activation's blocks. A network calls it once for each place
   * that needs an activation.
   *
   * @param name one of {@link #names()}, in upper or lower case, with underscores or spaces
   * @return the factory; the output of each block has the shape of its input
   * @throws IllegalArgumentException if there is no such activation; the message lists the names
   */
  public static Supplier<Block> of(String name) {
    return known(name).blocks;
  }
}
