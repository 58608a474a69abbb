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
 * An activation function f(x) as a tree of {@link Operation operations}. {@code toString} writes it
 * as a string: the operation's name, in brackets the value of the operation's learnable scalar β if
 * it has one, then its arguments. For example, {@code gate(scale[0.5](x), x)} is σ(0.5·x)·x, where
 * σ is the logistic sigmoid. {@link #parse} reads that string. Two expressions that contain only
 * operations of {@link Operations} are equal if and only if their strings are equal.
 *
 * <p>A search limits the values of operations (see {@link Bounds}); an expression does not. An
 * expression is also a factory of DJL blocks, {@link FunctionBlock}. Such a block reads the
 * function from a table, at about the cost of ReLU, and its β are constants.
 */
public sealed interface Expression extends Supplier<Block> {

  /** The function f(x) = x, and the leaf of every tree. */
  record Input() implements Expression {
    @Override
    public String toString() {
      return "x";
    }
  }

  /**
   * An operation applied to the values of other functions of x.
   *
   * @param operation the operation
   * @param beta the value of its β; NaN if it has none
   * @param arguments its arguments, one or two
   */
  record Apply(Operation operation, double beta, List<Expression> arguments) implements Expression {

    /**
     * Copies the arguments and checks all values.
     *
     * @throws IllegalArgumentException if the number of arguments differs from the operation's
     *     arity, β is missing or not finite, or an operation without β is given one
     */
    public Apply {
      arguments = List.copyOf(arguments);
      if (arguments.size() != operation.arity()) {
        throw new IllegalArgumentException(
            "the operation '%s' takes %s, but was given %d"
                .formatted(
                    operation,
                    operation.arity() == 1 ? "1 argument" : "2 arguments",
                    arguments.size()));
      }
      if (operation.hasBeta() ? !Float.isFinite((float) beta) : !Double.isNaN(beta)) {
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

    /** {@return the second argument of a binary operation} */
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
   * Parses a function.
   *
   * @param text such as {@code max(sin(x), scale[0.71](x))}; spaces between its parts are ignored
   * @param own custom operations (made by the user) that the text may contain, beside those of
   *     {@link Operations}; of two operations with the same name, the custom one is used
   * @return the function
   * @throws IllegalArgumentException if the text is not a function; the message says where and why
   */
  static Expression parse(String text, Operation... own) {
    return new ExpressionParser(text, own).parse();
  }

  /**
   * Evaluates the function and its derivative, by the chain rule in float64.
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

  /**
   * The product of two factors of the chain rule; 0 if either is 0, even if the other is infinite,
   * where a plain product is NaN. An example is the slope of exp(c) for a constant c so large that
   * eᶜ is infinite: the slope is eᶜ·0, and must be 0.
   */
  private static double product(double outer, double inner) {
    return outer == 0 || inner == 0 ? 0 : outer * inner;
  }

  /**
   * Evaluates the function at some points.
   *
   * @param x the points
   * @return the values at the points
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

  /** {@return a new DJL block that computes the function, with β as constants} */
  @Override
  default Block get() {
    return new FunctionBlock(this);
  }

  /**
   * Simplifies the function by identities, such as max(a, max(a, 0)) = max(a, 0), −−a = a or
   * |tanh(−a)| = |tanh(a)|, until none applies. Each identity holds for every x and for every value
   * of every β.
   *
   * @return a function with the same values and at most as many operations
   */
  default Expression simplified() {
    return Simplification.simplify(this);
  }

  /**
   * {@return the simplified function, with the arguments of commutative operations in one order, so
   * that max(a, b) and max(b, a) become equal} If this method returns different expressions for two
   * functions, the functions may still have the same values at every x.
   */
  default Expression canonical() {
    return Simplification.sort(simplified());
  }

  /**
   * {@return the operations of the tree in post-order: each operation follows the operations of its
   * arguments; an operation that occurs several times is repeated}
   */
  default Stream<Operation> operations() {
    return this instanceof Apply node
        ? Stream.concat(
            node.arguments().stream().flatMap(Expression::operations), Stream.of(node.operation()))
        : Stream.empty();
  }

  /**
   * {@return the formula of the simplified function as plain text, such as {@code max(sin(x),
   * 0.710·x)}; β are rounded to three significant digits}
   */
  default String text() {
    return formula(simplified(), Notation.TEXT).text();
  }

  /**
   * {@return the formula of the simplified function as LaTeX; β are rounded to three significant
   * digits}
   */
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
