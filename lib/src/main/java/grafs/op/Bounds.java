package grafs.op;

import ai.djl.ndarray.NDArray;

/**
 * Keeps operations and their gradients finite: every operation's output stays within [−ℓ, ℓ], and
 * arguments are limited before an exponential or a power could overflow (the paper's bounding of
 * unbounded operations).
 *
 * <p>Limiting the argument first matters for the gradient: clipping only the result of x² at x =
 * 3e38 would multiply an infinite derivative by zero.
 *
 * @param limit ℓ, the largest magnitude of an operation's output; positive and at most 1e9, so that
 *     the product of two outputs and its derivative still fit a float32
 */
public record Bounds(double limit) {

  /** The paper's bound during search, ℓ = 10. */
  public static final Bounds SEARCH = new Bounds(10);

  /**
   * Only keeps exponentials and powers from overflowing: for discrete functions, which are not
   * bounded. Finite for all |x| up to 1e4.
   */
  public static final Bounds OVERFLOW = new Bounds(1e9);

  /**
   * How far around 0 poles and infinite slopes are rounded off: √|x|, log|x| and a/b are taken of
   * √(x² + ε²) in place of |x|, and of (b² + ε²)/b in place of b. A mere a/(b ± ε) jumps from −a/ε
   * to a/ε at b = 0, which no gradient sees.
   */
  static final double ROUNDING = 0.1;

  private static final double LARGEST_ARGUMENT = 1e9;

  /**
   * Checks the limit.
   *
   * @throws IllegalArgumentException if ℓ is not in (0, 1e9]
   */
  public Bounds {
    if (!(limit > 0 && limit <= LARGEST_ARGUMENT)) {
      throw new IllegalArgumentException(
          "the bound ℓ must be in (0, 1e9], but is " + limit + "; the paper uses 10");
    }
  }

  /** {@return y limited to [−ℓ, ℓ], any shape} */
  NDArray output(NDArray y) {
    return limit == LARGEST_ARGUMENT ? y : y.clip(-limit, limit);
  }

  /**
   * {@return x limited to ±min(e^ℓ, 1e9), any shape} The slowest-growing operation, log, reaches ℓ
   * at e^ℓ, so nothing within bounds is lost.
   */
  NDArray argument(NDArray x) {
    double a = Math.min(Math.exp(limit), LARGEST_ARGUMENT);
    return limit == LARGEST_ARGUMENT ? x : x.clip(-a, a);
  }

  /** {@return x limited to what the inverse function maps ±ℓ to: ±inverse(ℓ)} */
  NDArray argument(NDArray x, double inverse) {
    return x.clip(-inverse, inverse);
  }

  /** {@return e^x limited to [0, ℓ]} */
  NDArray exp(NDArray x) {
    return x.clip(-LARGEST_ARGUMENT, Math.log(limit)).exp();
  }
}
