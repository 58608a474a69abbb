package grafs.op;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * A binary operation of the search space, f: ℝ × ℝ → ℝ applied to every pair of elements.
 *
 * <p>One of your own, in one line:
 *
 * <pre>{@code
 * OperationSet mine =
 *     OperationSet.paper().with(Binary.of("tanh_gate", (a, b) -> a.tanh().mul(b)));
 * }</pre>
 *
 * @param name the name by which sets, files and settings refer to it
 * @param text the formula as plain text, a {@link Template} of two arguments; an argument that does
 *     not appear in it is not computed
 * @param latex the formula as LaTeX, a {@link Template} of two arguments
 * @param beta the starting value of the operation's learnable scalar β, or NaN if it has none
 * @param function the evaluation
 * @param code the evaluation as source code, in the languages in which there is one
 */
public record Binary(
    String name,
    Template text,
    Template latex,
    double beta,
    Function function,
    Map<Language, Template> code) {

  /** Copies the map. */
  public Binary {
    code = Map.copyOf(code);
  }

  /** Evaluates a binary operation on NDArrays of one shape. */
  @FunctionalInterface
  public interface Function {

    /**
     * Evaluates the operation.
     *
     * @param a the left argument, any shape
     * @param b the right argument, in the shape of a
     * @param beta β, broadcastable to the shape of a; null for an operation without β
     * @return the values, in the shape of a
     */
    NDArray apply(NDArray a, NDArray b, NDArray beta);
  }

  /**
   * Makes an operation of your own. What {@link Unary#of(String, java.util.function.UnaryOperator)}
   * says of numbers and gradients holds here too.
   *
   * @param name its name, which also is its formula: {@code name(a, b)}
   * @param function the evaluation, any shape
   * @return an operation without β
   */
  public static Binary of(String name, BinaryOperator<NDArray> function) {
    return of(name, name + "(#1, #2)", Unary.latexCall(name, "#1,#2"), function);
  }

  /**
   * Makes an operation of your own with a formula; otherwise as {@link #of(String,
   * BinaryOperator)}.
   *
   * @param name its name
   * @param text its formula, a {@link Template} such as {@code "tanh(#1)·@2"}
   * @param latex its formula as LaTeX
   * @param function the evaluation, any shape
   * @return an operation without β
   */
  public static Binary of(
      String name, String text, String latex, BinaryOperator<NDArray> function) {
    return of(name, text, latex, (a, b, β) -> function.apply(a, b));
  }

  /** {@return an operation without β} */
  static Binary of(String name, String text, String latex, Function function) {
    return learnable(name, text, latex, Double.NaN, function);
  }

  /** {@return an operation with a learnable β} */
  static Binary learnable(String name, String text, String latex, double beta, Function function) {
    return new Binary(name, new Template(text), new Template(latex), beta, function, Map.of());
  }

  /**
   * Says how the operation is written in source code, so that functions with it can be exported.
   * Each is a {@link Template}; the names at its disposal are those of {@link Language}.
   *
   * @param pyTorch such as {@code "torch.tanh(#1) * @2"}; null for none
   * @param jax such as {@code "jnp.tanh(#1) * @2"}; null for none
   * @param java such as {@code "@1.tanh().mul(#2)"}; null for none
   * @return this operation with the code
   */
  public Binary withCode(String pyTorch, String jax, String java) {
    return new Binary(name, text, latex, beta, function, Language.templates(pyTorch, jax, java));
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
