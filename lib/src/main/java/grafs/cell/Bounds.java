package grafs.cell;

/**
 * Limits the values of operations during a search for an activation function (arXiv 2408.06820,
 * section 3.3). An operation is a function of one or two numbers, of which the search composes
 * activation functions. The values of some, such as x² or eˣ, grow so fast that they would overflow
 * in a search. The limit is called ℓ. Functions that a search has found are evaluated without
 * bounds.
 *
 * @param limit ℓ, the largest magnitude of the value of a bounded operation; positive; infinite for
 *     no bound
 * @param kind whether arguments or values are limited
 */
public record Bounds(double limit, Kind kind) {

  /** Whether arguments or values are limited. */
  public enum Kind {
    /**
     * As in the paper's code: the arguments of x², x³, eˣ, sinh and a·b are clipped to the range in
     * which the value is at most ℓ in magnitude. The derivative with respect to a clipped argument
     * is 0. The argument of √ is clipped to at least 0.001. Other operations are not bounded.
     */
    ARGUMENT,
    /**
     * The value y of every operation is limited smoothly. With k = ⅘·ℓ, |y| ≤ k is unchanged;
     * beyond, y becomes sign(y)·(k + e/(1 + e/(ℓ − k))), e = |y| − k, which tends to ±ℓ. Its
     * derivative with respect to a finite y is positive, so that gradients do not vanish beyond k.
     * The argument of √ is clipped to at least 0.
     */
    VALUE
  }

  /** The bounds of the paper's code: ℓ = 10, on arguments. */
  public static final Bounds PAPER = new Bounds(10, Kind.ARGUMENT);

  /** Smooth bounds on values, ℓ = 10. */
  public static final Bounds SMOOTH = new Bounds(10, Kind.VALUE);

  /**
   * No bound, for the evaluation of functions that a search has found. The argument of √ is still
   * clipped to at least 0.
   */
  public static final Bounds NONE = new Bounds(Double.POSITIVE_INFINITY, Kind.ARGUMENT);

  /** k/ℓ. Values up to k, this part of the limit, are unchanged (see {@link Kind#VALUE}). */
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
    // Bounds on values leave arguments as they are, except that of √, which is undefined below 0.
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
