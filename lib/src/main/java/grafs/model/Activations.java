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
 * Activations to train networks with, by name: the paper's five, each as PyTorch defines it by
 * default, then the others of {@link KnownActivation}, under its constants' names in lower case
 * such as {@code mish}, and {@code xielu}, whose parameters are trained with the network's weights.
 */
public final class Activations {

  private record Known(String title, Supplier<Block> blocks) {}

  private static final Map<String, Known> KNOWN = new LinkedHashMap<>();

  static {
    put(KnownActivation.RELU, Activation::relu);
    put(KnownActivation.LEAKY_RELU, x -> Activation.leakyRelu(x, 0.01f));
    put(KnownActivation.ELU, x -> Activation.elu(x, 1f));
    // Not DJL's swish: it frees a constant that the backward pass still reads (see Constant).
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

  /** {@return the name of an activation} */
  static String name(KnownActivation known) {
    return known.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the known names.
   *
   * @return the names, the paper's five first
   */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  /**
   * Returns what tables and plots call an activation.
   *
   * @param name one of {@link #names()}, in upper or lower case
   * @return its name as it is usually written, such as {@code Leaky ReLU}
   * @throws IllegalArgumentException if there is no such name
   */
  public static String title(String name) {
    return known(name).title;
  }

  private static Known known(String name) {
    // The titles in tables are accepted too: Leaky ReLU, GELU.
    Known known =
        KNOWN.get(String.valueOf(name).strip().toLowerCase(Locale.ROOT).replace(' ', '_'));
    if (known == null) {
      throw new IllegalArgumentException(
          "There is no activation '" + name + "'. Known: " + String.join(", ", names()));
    }
    return known;
  }

  /**
   * Returns a factory of an activation's blocks, for a network to call once for each place.
   *
   * @param name one of {@link #names()}, in upper or lower case
   * @return a factory of blocks that map an array to one of the same shape
   * @throws IllegalArgumentException if there is no such name
   */
  public static Supplier<Block> of(String name) {
    return known(name).blocks;
  }
}
