package grafs.cell;

import static grafs.cell.Inequalities.atMost;
import static grafs.cell.Inequalities.nonNegative;
import static grafs.cell.Inequalities.nonPositive;
import static grafs.cell.Patterns.apply;
import static grafs.cell.Patterns.inner;
import static grafs.cell.Patterns.is;
import static grafs.cell.Patterns.negative;
import static grafs.cell.Patterns.same;

import grafs.cell.Expression.Apply;
import grafs.cell.Expression.Input;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Simplifies expressions by identities of the kit's operations: those that hold in float32
 * arithmetic too, for every x and every value of every β. Two arguments therefore count as the same
 * only if they contain no β, since a β is learnable and would not stay equal to another one.
 *
 * <p>Custom operations are never changed, whatever their names, since no identities of them are
 * known.
 */
final class Simplification {

  private Simplification() {}

  /** Applies the identities from the leaves up. */
  static Expression simplify(Expression e) {
    if (!(e instanceof Apply node)) {
      return e;
    }
    List<Expression> arguments = node.arguments().stream().map(Simplification::simplify).toList();
    Apply own = new Apply(node.operation(), node.beta(), arguments);
    if (!Operations.contains(node.operation())) {
      return own;
    }
    Expression after = arguments.size() == 1 ? unary(own) : binary(own);
    return after == own ? own : simplify(after);
  }

  /** Puts the arguments of commutative operations into the order of their text. */
  static Expression sort(Expression e) {
    if (!(e instanceof Apply node)) {
      return e;
    }
    List<Expression> arguments = new ArrayList<>(node.arguments());
    arguments.replaceAll(Simplification::sort);
    if (Operations.contains(node.operation()) && COMMUTATIVE.contains(node.operation().name())) {
      arguments.sort(Comparator.comparing(Object::toString));
    }
    return new Apply(node.operation(), node.beta(), arguments);
  }

  private static final Set<String> COMMUTATIVE =
      Set.of("add", "multiply", "max", "min", "gauss_kernel", "laplace_kernel");

  /** f(−a) = f(a) and f(|a|) = f(a). */
  private static final Set<String> EVEN =
      Set.of("abs", "square", "root", "log", "cos", "cosh", "sinc", "gauss");

  /** f(−a) = −f(a). */
  private static final Set<String> ODD =
      Set.of("cube", "scale", "sin", "sinh", "tanh", "asinh", "atan", "erf");

  /** f(a) = a for a ≥ 0. */
  private static final Set<String> KEEPS_POSITIVE = Set.of("abs", "max0", "elu", "leaky_relu");

  /**
   * Applies one identity at the root of a tree whose argument is simplified; returns the tree
   * itself if none applies.
   */
  private static Expression unary(Apply e) {
    String op = e.operation().name();
    Expression a = e.left();
    boolean even = EVEN.contains(op);
    if (op.equals("identity")) {
      return a;
    } else if (op.equals("constant") && !(a instanceof Input)) {
      return Patterns.with(e, new Input());
    } else if (op.equals("negative") && is("negative", a)
        || even && (is("negative", a) || is("abs", a))) {
      return op.equals("negative") ? inner(a) : Patterns.with(e, inner(a));
    } else if (ODD.contains(op) && is("negative", a)) {
      return negative(Patterns.with(e, inner(a)));
    } else if (KEEPS_POSITIVE.contains(op) && nonNegative(a)) {
      return a;
    } else if (op.equals("min0") && nonPositive(a)) {
      return a;
    } else if (op.equals("abs") && nonPositive(a)) {
      return negative(a);
    } else if (op.equals("max0") && (is("elu", a) || is("leaky_relu", a))) {
      return apply("max0", inner(a));
    }
    return e;
  }

  /**
   * Applies one identity at the root of a tree whose arguments are simplified; returns the tree
   * itself if none applies.
   */
  private static Expression binary(Apply e) {
    Expression a = e.left();
    Expression b = e.right();
    boolean minusA = is("negative", a);
    boolean minusB = is("negative", b);
    switch (e.operation().name()) {
      case "left":
        return a;
      case "right":
        return b;
      case "add":
        if (minusA && minusB) {
          return negative(apply("add", inner(a), inner(b)));
        } else if (minusA || minusB) {
          return minusB ? apply("subtract", a, inner(b)) : apply("subtract", b, inner(a));
        }
        return halves(a, b) ? inner(a) : e;
      case "subtract":
        if (minusB) {
          return apply("add", a, inner(b));
        } else if (minusA) {
          return negative(apply("add", inner(a), b));
        } else if (is("max0", b) && same(a, inner(b))) {
          return apply("min0", a);
        }
        return is("min0", b) && same(a, inner(b)) ? apply("max0", a) : e;
      case "multiply":
        return product(e, a, b);
      case "divide":
        if (minusA) {
          return negative(apply("divide", inner(a), b));
        }
        return minusB ? negative(apply("divide", a, inner(b))) : e;
      case "gate":
        if (minusB) {
          return negative(apply("gate", a, inner(b)));
        }
        return same(a, b) ? apply("silu", a) : e;
      case "max":
      case "min":
        return extremum(e, a, b, e.operation().name().equals("max"));
      case "blend":
      case "mix":
        if (same(a, b)) {
          return a;
        }
        return minusA && minusB ? negative(Patterns.with(e, inner(a), inner(b))) : e;
      case "gauss_kernel":
      case "laplace_kernel":
        return minusA && minusB ? Patterns.with(e, inner(a), inner(b)) : e;
      default:
        return e;
    }
  }

  private static Expression product(Apply e, Expression a, Expression b) {
    if (is("negative", a)) {
      return negative(apply("multiply", inner(a), b));
    } else if (is("negative", b)) {
      return negative(apply("multiply", a, inner(b)));
    } else if (same(a, b)) {
      return apply("square", a);
    } else if (is("square", a) && same(inner(a), b)) {
      return apply("cube", b);
    } else if (is("square", b) && same(inner(b), a)) {
      return apply("cube", a);
    } else if (is("sigmoid", a) && !is("sigmoid", b)) {
      return apply("gate", inner(a), b);
    }
    return is("sigmoid", b) && !is("sigmoid", a) ? apply("gate", inner(b), a) : e;
  }

  private static Expression extremum(Apply e, Expression a, Expression b, boolean max) {
    if (atMost(a, b)) {
      return max ? b : a;
    } else if (atMost(b, a)) {
      return max ? a : b;
    } else if (is("negative", b) && same(a, inner(b))) {
      return max ? apply("abs", a) : negative(apply("abs", a));
    } else if (is("negative", a) && same(inner(a), b)) {
      return max ? apply("abs", b) : negative(apply("abs", b));
    } else if (is("negative", a) && is("negative", b)) {
      return negative(apply(max ? "min" : "max", inner(a), inner(b)));
    }
    for (String half : List.of("max0", "min0")) {
      if (is(half, a) && is(half, b)) {
        return apply(half, apply(max ? "max" : "min", inner(a), inner(b)));
      }
    }
    return max
        ? withoutHalf(e, is("max0", a) && nonNegative(b), is("max0", b) && nonNegative(a))
        : withoutHalf(e, is("min0", a) && nonPositive(b), is("min0", b) && nonPositive(a));
  }

  /** max(max(c, 0), b) = max(c, b) for b ≥ 0, and min in the same way. */
  private static Expression withoutHalf(Apply e, boolean ofLeft, boolean ofRight) {
    if (ofLeft) {
      return Patterns.with(e, inner(e.left()), e.right());
    }
    return ofRight ? Patterns.with(e, e.left(), inner(e.right())) : e;
  }

  /** Whether one is max(c, 0) and the other min(c, 0) of the same c. */
  private static boolean halves(Expression a, Expression b) {
    return (is("max0", a) && is("min0", b) || is("min0", a) && is("max0", b))
        && same(inner(a), inner(b));
  }
}
