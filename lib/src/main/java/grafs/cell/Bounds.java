package grafs.cell;

/**
 * Limits the values of operations during a search for an activation function (arXiv 2408.06820,
 * section 3.3). An operation is a function of one or two numbers; the search composes activation
 * functions of such operations. The values of some operations, such as x² or eˣ, grow so fast that
 * they would overflow in a search. The limit for the magnitude of a value is called ℓ. Functions
 * that a search has found are evaluated without such limits.
 *
 * @param limit ℓ, the largest magnitude of the value of a bounded operation; positive; infinite for
 *     no bound
 * @param kind how values are limited: by clipping the arguments, or by changing the values
 *     themselves
 */
public record Bounds(double limit, Kind kind) {

  /** How values are limited: by clipping the arguments, or by changing the values themselves. */
  public enum Kind {
    /**
     * As in the paper's code: the arguments of x², x³, eˣ, sinh and a·b are clipped to the range in
     * which the value is at most ℓ in magnitude. The derivative with respect to a clipped argument
     * is 0. The argument of √ is clipped to at least 0.001, or to at least 0 if ℓ is infinite.
     * Other operations are not limited.
     */
    ARGUMENT,
    /**
     * The value y of every operation is limited by a smooth formula. Let k = ⅘·ℓ. A value with |y|
     * ≤ k is unchanged. Any other value is replaced by sign(y)·(k + e/(1 + e/(ℓ − k))) with e = |y|
     * − k. This tends to ±ℓ as y tends to ±∞, and its derivative with respect to a finite y is
     * positive, so that gradients do not vanish where |y| > k. The argument of √ is clipped to at
     * least 0.
     */
    VALUE
  }

  /** The limits of the paper's code: ℓ = 10, by clipping arguments. */
  public static final Bounds PAPER = new Bounds(10, Kind.ARGUMENT);

  /** Values are limited by the smooth formula of {@link Kind#VALUE}, with ℓ = 10. */
  public static final Bounds SMOOTH = new Bounds(10, Kind.VALUE);

  /**
   * No limit (ℓ is infinite), for the evaluation of functions that a search has found. The argument
   * of √ is still clipped to at least 0.
   */
  public static final Bounds NONE = new Bounds(Double.POSITIVE_INFINITY, Kind.ARGUMENT);

  /** k/ℓ, where k is the magnitude up to which {@link Kind#VALUE} leaves values unchanged. */
  private static final double UNCHANGED = 0.8;

  /**
   * Checks ℓ.
   *
   * @throws IllegalArgumentException if ℓ is not positive
   */
  public Bounds {
    if (!(limit > 0)) {
      throw new IllegalArgumentException(
          "the bound ℓ must be positive, but is " + limit + "; the paper uses 10");
    }
  }

  /**
   * Evaluates an operation within these bounds.
   *
   * @param op the operation
   * @param a the first argument
   * @param b the second argument; ignored by a unary operation
   * @param beta β, the learnable scalar that some operations have, as in β·x; ignored by the others
   * @param d receives the value y, ∂y/∂a, ∂y/∂b and ∂y/∂β; length 4
   */
  void evaluate(Operation op, double a, double b, double beta, double[] d) {
    of(op).evaluate(a, b, beta, d);
  }

  /**
   * {@return the operation within these bounds} The range to which its arguments are clipped is
   * computed here, once for many evaluations.
   */
  Bounded of(Operation op) {
    // If values are limited, the range is that for an infinite ℓ. It then contains all numbers,
    // except for √, whose argument is clipped to at least 0.
    double bound = kind == Kind.ARGUMENT ? limit : Double.POSITIVE_INFINITY;
    return new Bounded(
        op.function(),
        op.arity() == 2,
        op.range().low().applyAsDouble(bound),
        op.range().high().applyAsDouble(bound),
        kind == Kind.VALUE ? limit : Double.POSITIVE_INFINITY);
  }

  /**
   * An operation within bounds.
   *
   * @param function computes value and derivatives without bounds
   * @param binary whether the operation has two arguments
   * @param low the lower end of the range to which arguments are clipped
   * @param high the upper end of that range
   * @param limit ℓ for the value; infinite if the value is not limited
   */
  record Bounded(
      Operation.Function function, boolean binary, double low, double high, double limit) {

    /** Evaluates the operation; d receives y, ∂y/∂a, ∂y/∂b and ∂y/∂β of the bounded value y. */
    void evaluate(double a, double b, double beta, double[] d) {
      boolean outside = a < low || a > high;
      boolean otherOutside = binary && (b < low || b > high);
      function.evaluate(
          outside ? (a < low ? low : high) : a, otherOutside ? (b < low ? low : high) : b, beta, d);
      if (outside) {
        d[1] = 0;
      }
      if (otherOutside) {
        d[2] = 0;
      }
      if (Math.abs(d[0]) > UNCHANGED * limit) {
        squash(d);
      }
    }

    /**
     * Limits the value y smoothly, by the formula of {@link Kind#VALUE}, and multiplies the
     * derivatives by that formula's slope, 1/(1 + e/(ℓ − k))² with e = |y| − k.
     */
    private void squash(double[] d) {
      double k = UNCHANGED * limit;
      double excess = Math.abs(d[0]) - k;
      double part = 1 / (1 + excess / (limit - k));
      d[0] = Math.copySign(k + (Double.isInfinite(excess) ? limit - k : excess * part), d[0]);
      for (int i = 1; i < d.length; i++) {
        d[i] = part == 0 ? 0 : d[i] * part * part;
      }
    }
  }
}
