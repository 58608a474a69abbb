package grafs.cell;

import grafs.cell.Expression.Apply;
import grafs.cell.Expression.Input;
import java.util.List;
import java.util.Set;

/** Recognises and builds trees of the kit's operations. */
final class Patterns {

  private Patterns() {}

  /** Whether both are equal and contain no β: a learnable β would not stay equal to another one. */
  static boolean same(Expression a, Expression b) {
    return a.equals(b) && fixed(a);
  }

  static boolean fixed(Expression e) {
    return e instanceof Input || e.betas().length == 0;
  }

  static boolean is(String name, Expression e) {
    return is(Set.of(name), e);
  }

  static boolean is(Set<String> names, Expression e) {
    return e instanceof Apply node
        && names.contains(node.operation().name())
        && Operations.contains(node.operation());
  }

  static Expression inner(Expression unary) {
    return ((Apply) unary).left();
  }

  static Expression negative(Expression a) {
    return apply("negative", a);
  }

  static Expression apply(String operation, Expression... arguments) {
    return new Apply(Operations.named(operation), Double.NaN, List.of(arguments));
  }

  /** Applies the operation of e, with its β, to other arguments. */
  static Apply with(Apply e, Expression... arguments) {
    return new Apply(e.operation(), e.beta(), List.of(arguments));
  }
}
