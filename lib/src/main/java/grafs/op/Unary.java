package grafs.op;

import ai.djl.ndarray.NDArray;

/**
 * A unary operation of the search space, f: ℝ → ℝ applied to every element.
 *
 * @param name the name by which sets, files and settings refer to it
 * @param text the formula as plain text, a {@link Template}
 * @param latex the formula as LaTeX, a {@link Template}
 * @param beta the starting value of the operation's learnable scalar β, or NaN if it has none
 * @param function the bounded evaluation
 */
public record Unary(String name, Template text, Template latex, double beta, Function function) {

  /** Evaluates a unary operation on NDArrays of any shape. */
  @FunctionalInterface
  public interface Function {

    /**
     * Evaluates the operation.
     *
     * @param x the argument, any shape
     * @param beta β, broadcastable to the shape of x; null for an operation without β
     * @param bounds the limits to keep
     * @return the values, in the shape of x
     */
    NDArray apply(NDArray x, NDArray beta, Bounds bounds);
  }

  /** {@return an operation without β} */
  static Unary of(String name, String text, String latex, Function function) {
    return new Unary(name, new Template(text), new Template(latex), Double.NaN, function);
  }

  /** {@return an operation with a learnable β that starts at the given value} */
  static Unary learnable(String name, String text, String latex, double beta, Function function) {
    return new Unary(name, new Template(text), new Template(latex), beta, function);
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
