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
 * Makes activations by name, as DJL blocks from which networks are built. The first five names are
 * the baselines of arXiv 2408.06820, with the formulas that PyTorch uses by default: relu,
 * leaky_relu, elu, silu and gelu. Further names are those of the other functions in the enum {@link
 * KnownActivation}, in lower case, except {@code identity} and {@code constant}. The last name is
 * {@code xielu}, an activation with trainable parameters.
 */
public final class Activations {

  /**
   * An activation that can be made by name.
   *
   * @param title the activation's name for tables and plots
   * @param blocks makes a block that computes the activation
   */
  private record Known(String title, Supplier<Block> blocks) {}

  /** The activations by name, in the order of {@link #names()}. */
  private static final Map<String, Known> KNOWN = new LinkedHashMap<>();

  static {
    put(KnownActivation.RELU, Activation::relu);
    put(KnownActivation.LEAKY_RELU, x -> Activation.leakyRelu(x, 0.01f));
    put(KnownActivation.ELU, x -> Activation.elu(x, 1f));
    // DJL's swish is not used, because it frees a constant that the backward pass still reads. The
    // comment of the class grafs.cell.Constant explains this fault of DJL.
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

  /** {@return the name of a known activation in {@link #names()}, such as {@code leaky_relu}} */
  static String name(KnownActivation known) {
    return known.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the names of all activations.
   *
   * @return the names; the first five are the baselines of arXiv 2408.06820
   */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  /**
   * Returns the name of an activation for tables and plots.
   *
   * @param name one of {@link #names()}, in upper or lower case, with underscores or spaces
   * @return the activation's name as it is usually written, such as {@code Leaky ReLU}
   * @throws IllegalArgumentException if there is no such activation; the message lists the names
   */
  public static String title(String name) {
    return known(name).title;
  }

  private static Known known(String name) {
    // Spaces and capitals are converted, so that titles such as Leaky ReLU are accepted too.
    Known known =
        KNOWN.get(String.valueOf(name).strip().toLowerCase(Locale.ROOT).replace(' ', '_'));
    if (known == null) {
      throw new IllegalArgumentException(
          "There is no activation '" + name + "'. Known: " + String.join(", ", names()));
    }
    return known;
  }

  /**
   * Returns a factory that makes blocks which compute an activation. A network calls the factory
   * once for each position at which it needs an activation.
   *
   * @param name one of {@link #names()}, in upper or lower case, with underscores or spaces
   * @return the factory; the output of each block has the shape of its input
   * @throws IllegalArgumentException if there is no such activation; the message lists the names
   */
  public static Supplier<Block> of(String name) {
    return known(name).blocks;
  }
}
