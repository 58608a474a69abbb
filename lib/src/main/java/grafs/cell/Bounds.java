package grafs.cell;

/**
 * How unbounded operations are kept finite in a search (arXiv 2408.06820, section 3.3).
 *
 * @param limit ℓ, the largest magnitude of the value of a bounded operation; positive, infinite for
 *     no bound
 * @param kind whether arguments or values are limited
 */
public record Bounds(double limit, Kind kind) {

  /** What a bound limits. */
  public enum Kind {
    /**
     * The arguments of x², x³, eˣ, sinh and a·b, as in the paper's code: each argument is clipped
     * to the range in which the value is at most ℓ in magnitude, and its derivative is 0 outside.
     * √'s is kept from 0. Other operations are not bounded.
     */
    ARGUMENT,
    /**
     * The value of every operation, smoothly: |y| up to k = ⅘·ℓ is unchanged; beyond, y becomes
     * sign(y)·(k + e/(1 + e/(ℓ − k))) with e = |y| − k. The squashing has a nonzero derivative
     * everywhere, so that gradients still flow beyond k.
     */
    VALUE
  }

  /** The paper's bound, ℓ = 10, on arguments. */
  public static final Bounds PAPER = new Bounds(10, Kind.ARGUMENT);

  /** ℓ = 10 on values, smoothly. */
  public static final Bounds SMOOTH = new Bounds(10, Kind.VALUE);

  /** No bound; used to evaluate the function that a search ended with. */
  public static final Bounds NONE = new Bounds(Double.POSITIVE_INFINITY, Kind.ARGUMENT);

  private static final double UNCHANGED = 0.8;

  /**
   * Checks the limit.
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
   * Evaluates a bounded operation.
   *
   * @param op the operation
   * @param a the first argument
   * @param b the second argument; ignored by a unary operation
   * @param beta β; ignored by an operation without β
   * @param d receives y, ∂y/∂a, ∂y/∂b and ∂y/∂β
   */
  void evaluate(Operation op, double a, double b, double beta, double[] d) {
    of(op).evaluate(a, b, beta, d);
  }

  /** {@return an operation with these bounds} */
  Bounded of(Operation op) {
    // Bounds on values do not clip arguments, except that of √, which is undefined below 0.
    double bound = kind == Kind.ARGUMENT ? limit : Double.POSITIVE_INFINITY;
    return new Bounded(
        op.function(),
        op.arity() == 2,
        op.range().low().applyAsDouble(bound),
        op.range().high().applyAsDouble(bound),
        kind == Kind.VALUE ? limit : Double.POSITIVE_INFINITY);
  }

  /** An operation with its bounds on arguments and value. */
  record Bounded(
      Operation.Function function, boolean binary, double low, double high, double limit) {

    /** As {@link Bounds#evaluate}. */
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
