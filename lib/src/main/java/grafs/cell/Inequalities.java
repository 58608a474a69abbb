package grafs.cell;

import grafs.cell.Expression.Apply;
import java.util.List;
import java.util.Set;

/**
 * Proves inequalities between {@link Expression expressions}: the sign of an expression, and which
 * of two is the larger. {@link Simplification} needs them, for example to replace max(a, b) by b if
 * a ≤ b. The proofs use known properties of the operations in {@link Operations}. Nothing is
 * assumed about custom operations, which users make. A proved inequality holds for every x and
 * every value of every learnable scalar β, in float32 arithmetic too. A method returns true if the
 * inequality is proved; false means unknown.
 */
final class Inequalities {

  /** Operations f with f(a) ≥ 0 for every a. */
  private static final Set<String> NON_NEGATIVE =
      Set.of(
          "abs", "square", "root", "sqrt", "exp", "cosh", "max0", "sigmoid", "softplus", "gauss");

  /** Operations f with f(a) ≥ 0 for a ≥ 0 and f(a) ≤ 0 for a ≤ 0. */
  private static final Set<String> KEEPS_SIGN =
      Set.of("cube sinh tanh asinh atan erf min0 gelu silu elu leaky_relu".split(" "));

  /** Operations f with f(a) ≤ max(a, 0) for every a. */
  private static final Set<String> BELOW_RELU = Set.of("min0", "gelu", "silu", "elu", "leaky_relu");

  /** Operations f with f(a) ≥ a for every a. */
  private static final Set<String> ABOVE_IDENTITY = Set.of("abs", "max0", "leaky_relu");

  private Inequalities() {}

  /** {@return whether a ≤ b at every x is proved} */
  static boolean atMost(Expression a, Expression b) {
    return same(a, b)
        || nonPositive(a) && nonNegative(b)
        || is(ABOVE_IDENTITY, b) && atMost(a, inner(b))
        || is("min0", a) && atMost(inner(a), b)
        || is(BELOW_RELU, a)
            && atMost(new Apply(Operations.named("max0"), Double.NaN, List.of(inner(a))), b)
        || is("max0", a) && is("abs", b) && same(inner(a), inner(b))
        || b instanceof Apply m && is("max", b) && (atMost(a, m.left()) || atMost(a, m.right()))
        || b instanceof Apply n && is("min", b) && atMost(a, n.left()) && atMost(a, n.right())
        || a instanceof Apply n && is("min", a) && (atMost(n.left(), b) || atMost(n.right(), b))
        || a instanceof Apply m && is("max", a) && atMost(m.left(), b) && atMost(m.right(), b);
  }

  /** {@return whether e ≥ 0 at every x is proved} */
  static boolean nonNegative(Expression e) {
    if (e instanceof Apply b && b.arguments().size() == 2) {
      return is("gauss_kernel", e)
          || is("laplace_kernel", e)
          || is("max", e) && (nonNegative(b.left()) || nonNegative(b.right()))
          || is("gate", e) && nonNegative(b.right())
          || (is("min", e) || is("add", e) || is("multiply", e) || is("divide", e))
              && nonNegative(b.left())
              && nonNegative(b.right());
    }
    return is(NON_NEGATIVE, e)
        || is(KEEPS_SIGN, e) && nonNegative(inner(e))
        || is("negative", e) && nonPositive(inner(e));
  }

  /** {@return whether e ≤ 0 at every x is proved} */
  static boolean nonPositive(Expression e) {
    return is("min0", e)
        || is(KEEPS_SIGN, e) && nonPositive(inner(e))
        || is("negative", e) && nonNegative(inner(e));
  }

  /**
   * {@return whether two expressions are equal and contain no learnable scalar β} Training changes
   * each β independently, so that two equal β would not remain equal.
   */
  static boolean same(Expression a, Expression b) {
    return a.equals(b) && a.operations().noneMatch(Operation::hasBeta);
  }

  private static boolean is(String name, Expression e) {
    return is(Set.of(name), e);
  }

  /**
   * Whether the outermost operation of e is one of the named operations, and not a custom operation
   * of the same name.
   */
  private static boolean is(Set<String> names, Expression e) {
    return e instanceof Apply node
        && names.contains(node.operation().name())
        && Operations.contains(node.operation());
  }

  /** The argument of an expression whose operation is unary. */
  private static Expression inner(Expression unary) {
    return ((Apply) unary).left();
  }
}
