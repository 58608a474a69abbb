package grafs.cell;

import grafs.cell.Expression.Apply1;
import grafs.cell.Expression.Apply2;
import grafs.cell.Expression.Input;
import grafs.op.OperationSet;
import java.util.Set;

/** Recognises and builds trees of the paper's operations. */
final class Patterns {

  static final OperationSet PAPER = OperationSet.paper();

  private Patterns() {}

  /** Whether both are the same function for every value of every β. */
  static boolean same(Expression a, Expression b) {
    return a.equals(b) && fixed(a);
  }

  static boolean fixed(Expression e) {
    return e instanceof Input
        || e instanceof Apply1 u && !u.operation().hasBeta() && fixed(u.argument())
        || e instanceof Apply2 b && !b.operation().hasBeta() && fixed(b.left()) && fixed(b.right());
  }

  static boolean is(String name, Expression e) {
    return is(Set.of(name), e);
  }

  static boolean is(Set<String> names, Expression e) {
    return e instanceof Apply1 u
            && names.contains(u.operation().name())
            && PAPER.unary().contains(u.operation())
        || e instanceof Apply2 b
            && names.contains(b.operation().name())
            && PAPER.binary().contains(b.operation());
  }

  static Expression inner(Expression unary) {
    return ((Apply1) unary).argument();
  }

  static Expression negative(Expression a) {
    return apply("negative", a);
  }

  static Expression apply(String unary, Expression a) {
    return new Apply1(PAPER.unary().get(PAPER.unaryIndex(unary)), Double.NaN, a);
  }

  static Expression apply(String binary, Expression a, Expression b) {
    return new Apply2(PAPER.binary().get(PAPER.binaryIndex(binary)), Double.NaN, a, b);
  }
}
