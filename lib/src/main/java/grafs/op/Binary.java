package grafs.op;

import ai.djl.ndarray.NDArray;

/**
 * A binary operation of the search space, f: ℝ × ℝ → ℝ applied to every pair of elements.
 *
 * @param name the name by which sets, files and settings refer to it
 * @param text the formula as plain text, a {@link Template} of two arguments
 * @param latex the formula as LaTeX, a {@link Template} of two arguments
 * @param beta the starting value of the operation's learnable scalar β, or NaN if it has none
 * @param function the bounded evaluation
 */
public record Binary(String name, Template text, Template latex, double beta, Function function) {

  /** Evaluates a binary operation on NDArrays of one shape. */
  @FunctionalInterface
  public interface Function {

    /**
     * Evaluates the operation.
     *
     * @param a the left argument, any shape
     * @param b the right argument, in the shape of a
     * @param beta β, broadcastable to the shape of a; null for an operation without β
     * @param bounds the limits to keep
     * @return the values, in the shape of a
     */
    NDArray apply(NDArray a, NDArray b, NDArray beta, Bounds bounds);
  }

  /** {@return an operation without β} */
  static Binary of(String name, String text, String latex, Function function) {
    return new Binary(name, new Template(text), new Template(latex), Double.NaN, function);
  }

  /** {@return an operation with a learnable β that starts at the given value} */
  static Binary learnable(String name, String text, String latex, double beta, Function function) {
    return new Binary(name, new Template(text), new Template(latex), beta, function);
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
