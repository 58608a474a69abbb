package grafs.cell;

import grafs.op.Binary;
import grafs.op.Template;
import grafs.op.Template.Formula;
import grafs.op.Unary;
import java.util.Locale;
import java.util.function.Function;

/**
 * A function of x as a tree of operations: what a {@link DiscreteActivation} computes, free of the
 * wiring, so that it can be simplified, compared, printed and written as source code. Two are equal
 * if they have the same operations with the same β in the same places.
 */
public sealed interface Expression {

  /** The input x. */
  record Input() implements Expression {
    @Override
    public <T> T fold(Fold<T> fold) {
      return fold.input();
    }
  }

  /**
   * A unary operation's value.
   *
   * @param operation the operation
   * @param beta its β; NaN if it has none
   * @param argument what it is applied to
   */
  record Apply1(Unary operation, double beta, Expression argument) implements Expression {
    @Override
    public <T> T fold(Fold<T> fold) {
      return fold.unary(operation, beta, argument.fold(fold));
    }
  }

  /**
   * A binary operation's value.
   *
   * @param operation the operation
   * @param beta its β; NaN if it has none
   * @param left its left argument
   * @param right its right argument
   */
  record Apply2(Binary operation, double beta, Expression left, Expression right)
      implements Expression {
    @Override
    public <T> T fold(Fold<T> fold) {
      T first = left.fold(fold);
      return fold.binary(operation, beta, first, right.fold(fold));
    }
  }

  /**
   * What to make of each kind of node.
   *
   * @param <T> what the tree becomes
   */
  interface Fold<T> {

    /** {@return what x becomes} */
    T input();

    /** {@return what a unary operation with this β becomes, NaN if it has none} */
    T unary(Unary operation, double beta, T argument);

    /** {@return what a binary operation with this β becomes, NaN if it has none} */
    T binary(Binary operation, double beta, T left, T right);
  }

  /**
   * Turns the tree into something else, from the leaves up, left before right.
   *
   * @param fold what to make of each node
   * @param <T> what the tree becomes
   * @return what the root becomes
   */
  <T> T fold(Fold<T> fold);

  /**
   * Applies identities until none is left to apply, such as max(a, max(a, 0)) = max(a, 0), −−a = a
   * or |tanh(−a)| = |tanh(a)|. Each holds for every input and every value of every β, as long as
   * nothing in it exceeds 1e9 ({@link grafs.op.Bounds#OVERFLOW}).
   *
   * @return an equal function, of as few operations or fewer
   */
  default Expression simplified() {
    return fold(Simplification.FOLD);
  }

  /** {@return the simplified tree with the arguments of commutative operations in one order} */
  default Expression canonical() {
    return simplified().fold(Simplification.SORT);
  }

  /** {@return the number of operations in the tree; one that is there twice counts twice} */
  default int operations() {
    Fold<Integer> count =
        new Fold<>() {
          @Override
          public Integer input() {
            return 0;
          }

          @Override
          public Integer unary(Unary op, double beta, Integer argument) {
            return 1 + argument;
          }

          @Override
          public Integer binary(Binary op, double beta, Integer left, Integer right) {
            return 1 + left + right;
          }
        };
    return fold(count);
  }

  /** {@return the formula as plain text, as it stands, with the values of β} */
  default String text() {
    return formula(Unary::text, Binary::text);
  }

  /** {@return the formula as LaTeX, as it stands, with the values of β} */
  default String latex() {
    return formula(Unary::latex, Binary::latex);
  }

  private String formula(Function<Unary, Template> unary, Function<Binary, Template> binary) {
    Fold<Formula> print =
        new Fold<>() {
          @Override
          public Formula input() {
            return Formula.variable("x");
          }

          @Override
          public Formula unary(Unary op, double beta, Formula argument) {
            return unary.apply(op).fill(number(beta), argument);
          }

          @Override
          public Formula binary(Binary op, double beta, Formula left, Formula right) {
            return binary.apply(op).fill(number(beta), left, right);
          }
        };
    return fold(print).text();
  }

  private static String number(double beta) {
    String digits = String.format(Locale.ROOT, "%.3g", beta);
    return beta < 0 ? "(" + digits + ")" : digits;
  }
}
