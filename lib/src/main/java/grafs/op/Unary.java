package grafs.op;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * A unary operation of the search space, f: ℝ → ℝ applied to every element.
 *
 * <p>One of your own, in one line:
 *
 * <pre>{@code
 * OperationSet mine =
 *     OperationSet.paper().with(Unary.of("mish", x -> x.mul(Activation.softPlus(x).tanh())));
 * }</pre>
 *
 * @param name the name by which sets, files and settings refer to it
 * @param text the formula as plain text, a {@link Template}
 * @param latex the formula as LaTeX, a {@link Template}
 * @param beta the starting value of the operation's learnable scalar β, or NaN if it has none
 * @param function the evaluation
 * @param code the evaluation as source code, in the languages in which there is one
 */
public record Unary(
    String name,
    Template text,
    Template latex,
    double beta,
    Function function,
    Map<Language, Template> code) {

  /** Copies the map. */
  public Unary {
    code = Map.copyOf(code);
  }

  /** Evaluates a unary operation on NDArrays of any shape. */
  @FunctionalInterface
  public interface Function {

    /**
     * Evaluates the operation.
     *
     * @param x the argument, any shape
     * @param beta β, broadcastable to the shape of x; null for an operation without β
     * @return the values, in the shape of x
     */
    NDArray apply(NDArray x, NDArray beta);
  }

  /**
   * Makes an operation of your own. Value and gradient should be finite for arguments up to some
   * 10; in a search the cell bounds the value.
   *
   * <p>Multiply with arrays, not with Java numbers: DJL frees the constants of {@code mul(Number)},
   * {@code div(Number)} and {@code pow(Number)} before the backward pass reads them. {@code
   * add(Number)} and {@code sub(Number)} are safe.
   *
   * @param name its name, which also is its formula: {@code name(x)}
   * @param function the evaluation, any shape
   * @return an operation without β
   */
  public static Unary of(String name, UnaryOperator<NDArray> function) {
    return of(name, name + "(#1)", latexCall(name, "#1"), function);
  }

  /**
   * Makes an operation of your own with a formula; otherwise as {@link #of(String, UnaryOperator)}.
   *
   * @param name its name
   * @param text its formula, a {@link Template} such as {@code "@1⁴"}
   * @param latex its formula as LaTeX, such as {@code "@1^{4}"}
   * @param function the evaluation, any shape
   * @return an operation without β
   */
  public static Unary of(String name, String text, String latex, UnaryOperator<NDArray> function) {
    return of(name, text, latex, (x, β) -> function.apply(x));
  }

  /**
   * Makes an operation of your own with a learnable β; otherwise as {@link #of(String,
   * UnaryOperator)}.
   *
   * @param name its name, which also is its formula: {@code name(x, β)}
   * @param beta where β starts
   * @param function the evaluation of x and β, which is broadcastable to x
   * @return an operation with β
   */
  public static Unary learnable(String name, double beta, BinaryOperator<NDArray> function) {
    return learnable(name, name + "(#1, β)", latexCall(name, "#1,β"), beta, function::apply);
  }

  /** {@return an operation without β} */
  static Unary of(String name, String text, String latex, Function function) {
    return learnable(name, text, latex, Double.NaN, function);
  }

  /** {@return an operation with a learnable β} */
  static Unary learnable(String name, String text, String latex, double beta, Function function) {
    return new Unary(name, new Template(text), new Template(latex), beta, function, Map.of());
  }

  static String latexCall(String name, String arguments) {
    return "\\operatorname{" + name.replace("_", "\\_") + "}\\left(" + arguments + "\\right)";
  }

  /**
   * Says how the operation is written in source code, so that functions with it can be exported.
   * Each is a {@link Template}; the names at its disposal are those of {@link Language}.
   *
   * @param pyTorch such as {@code "F.mish(#1)"}; null for none
   * @param jax such as {@code "jax.nn.mish(#1)"}; null for none
   * @param java such as {@code "Activation.mish(#1)"}; null for none
   * @return this operation with the code
   */
  public Unary withCode(String pyTorch, String jax, String java) {
    return new Unary(name, text, latex, beta, function, Language.templates(pyTorch, jax, java));
  }

  /**
   * Returns the operation's source code.
   *
   * @param language the language
   * @return the template
   * @throws IllegalStateException if there is none in the language
   */
  public Template code(Language language) {
    return language.of(name, code);
  }

  /** {@return whether the operation has a learnable scalar β} */
  public boolean hasBeta() {
    return !Double.isNaN(beta);
  }

  @Override
  public String toString() {
    return name;
  }
}
