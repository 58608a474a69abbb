package grafs.cell;

import ai.djl.nn.Block;
import grafs.cell.Template.Formula;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An activation function as a tree of operations, such as {@code gate(scale[0.5](x), x)}: an
 * operation's name, its β in brackets if it has one, its arguments. {@code toString} writes that
 * string and {@link #parse} reads it; two functions are equal if their strings are.
 *
 * <p>A found function is not bounded. As a factory of blocks it makes blocks that read it from a
 * table ({@link FunctionBlock}), at about the cost of ReLU, with β as they are here.
 */
public sealed interface Expression extends Supplier<Block> {

  /** The input x. */
  record Input() implements Expression {
    @Override
    public String toString() {
      return "x";
    }
  }

  /**
   * An operation's value.
   *
   * @param operation the operation
   * @param beta its β; NaN if it has none
   * @param arguments what it is applied to
   */
  record Apply(Operation operation, double beta, List<Expression> arguments) implements Expression {

    /**
     * Copies the arguments and checks everything.
     *
     * @throws IllegalArgumentException if the number of arguments is not the operation's, a β is
     *     missing or not finite, or an operation without β has one
     */
    public Apply {
      arguments = List.copyOf(arguments);
      if (arguments.size() != operation.arity()) {
        throw new IllegalArgumentException(
            "the operation '%s' takes %d arguments, not %d"
                .formatted(operation, operation.arity(), arguments.size()));
      }
      if (operation.hasBeta() ? !Double.isFinite(beta) : !Double.isNaN(beta)) {
        throw new IllegalArgumentException(
            operation.hasBeta()
                ? "the operation '%s' needs a finite β: %s[1.0](x)".formatted(operation, operation)
                : "the operation '%s' has no β, but was given %s".formatted(operation, beta));
      }
    }

    /** {@return the first argument} */
    Expression left() {
      return arguments.get(0);
    }

    /** {@return the second argument} */
    Expression right() {
      return arguments.get(1);
    }

    @Override
    public String toString() {
      return operation.name()
          + (operation.hasBeta() ? "[" + beta + "]" : "")
          + arguments.stream().map(Object::toString).collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /**
   * Reads a function.
   *
   * @param text such as {@code max(sin(x), scale[0.71](x))}; spaces do not matter
   * @param own custom operations that may occur in it
   * @return the function
   * @throws IllegalArgumentException if the text is not a function; the message says where and why
   */
  static Expression parse(String text, Operation... own) {
    return new ExpressionParser(text, own).parse();
  }

  /**
   * Evaluates the function and its derivative, by the chain rule.
   *
   * @param x the argument
   * @param d receives f(x) and f′(x); length at least 2
   */
  default void evaluate(double x, double[] d) {
    if (!(this instanceof Apply node)) {
      d[0] = x;
      d[1] = 1;
      return;
    }
    node.left().evaluate(x, d);
    double a = d[0];
    double slopeA = d[1];
    double b = 0;
    double slopeB = 0;
    if (node.arguments().size() == 2) {
      node.right().evaluate(x, d);
      b = d[0];
      slopeB = d[1];
    }
    double[] own = new double[4];
    Bounds.NONE.evaluate(node.operation(), a, b, node.beta(), own);
    d[0] = own[0];
    d[1] = product(own[1], slopeA) + product(own[2], slopeB);
  }

  /** 0·∞ counts as 0: an infinite derivative is lost behind one of 0, and before one. */
  private static double product(double outer, double inner) {
    return outer == 0 || inner == 0 ? 0 : outer * inner;
  }

  /**
   * Evaluates the function.
   *
   * @param x the points
   * @return the values at these points
   */
  default double[] values(double... x) {
    double[] d = new double[2];
    return Arrays.stream(x)
        .map(
            at -> {
              evaluate(at, d);
              return d[0];
            })
        .toArray();
  }

  /** {@return a new block that computes the function} */
  @Override
  default Block get() {
    return new FunctionBlock(this);
  }

  /**
   * Applies identities until none is left to apply, such as max(a, max(a, 0)) = max(a, 0), −−a = a
   * or |tanh(−a)| = |tanh(a)|. Each holds for every input and every value of every β.
   *
   * @return an equal function with at most as many operations
   */
  default Expression simplified() {
    return Simplification.simplify(this);
  }

  /**
   * {@return the simplified tree with the arguments of commutative operations in one order: max(a,
   * b) is max(b, a); functions of different trees may still be equal in value}
   */
  default Expression canonical() {
    return Simplification.sort(simplified());
  }

  /** {@return the operations of the tree with repetitions, arguments first} */
  default Stream<Operation> operations() {
    return this instanceof Apply node
        ? Stream.concat(
            node.arguments().stream().flatMap(Expression::operations), Stream.of(node.operation()))
        : Stream.empty();
  }

  /** {@return the simplified function as plain text, such as {@code max(sin(x), 0.710·x)}} */
  default String text() {
    return formula(simplified(), Notation.TEXT).text();
  }

  /** {@return the simplified function as LaTeX, with the values of β} */
  default String latex() {
    return formula(simplified(), Notation.LATEX).text();
  }

  private static Formula formula(Expression e, Notation notation) {
    if (!(e instanceof Apply node)) {
      return Formula.variable("x");
    }
    String digits = String.format(Locale.ROOT, "%.3g", node.beta());
    return node.operation()
        .formula(notation)
        .withShares(node.beta())
        .fill(
            node.beta() < 0 ? "(" + digits + ")" : digits,
            node.arguments().stream().map(a -> formula(a, notation)).toArray(Formula[]::new));
  }
}
