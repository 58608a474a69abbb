package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Parses the string of an {@link Expression} by recursive descent. The string is {@code x}, or the
 * name of an operation with its arguments in parentheses, such as {@code max(sin(x), x)}. If the
 * operation has a learnable scalar β, the value of β stands in brackets after the name: {@code
 * scale[0.5](x)} is 0.5·x.
 */
final class ExpressionParser {

  /**
   * The largest number of expressions that may be nested in each other. With deeper nesting, this
   * class or the evaluation of the expression could overflow the stack.
   */
  private static final int DEEPEST = 1000;

  private final String text;
  private final Operation[] own;

  /** The index of the next character to be read. */
  private int at;

  /** The number of nested expressions that are being parsed. */
  private int depth;

  ExpressionParser(String text, Operation... own) {
    this.text = text;
    this.own = own;
  }

  Expression parse() {
    Expression parsed = expression();
    if (peek() != 0 || at < text.length()) {
      throw error("the function ends before this character; remove the rest");
    }
    return parsed;
  }

  private Expression expression() {
    if (++depth > DEEPEST) {
      throw error("more than %d operations are nested here".formatted(DEEPEST));
    }
    peek();
    int start = at;
    while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(start, at);
    if (name.equals("x")) {
      depth--;
      return new Expression.Input();
    }
    Operation op =
        Stream.of(own)
            .filter(o -> o.name().equals(name))
            .findFirst()
            .orElseGet(() -> Operations.named(name));
    if (op == null) {
      at = start;
      throw error(
          name.isEmpty()
              ? "x or the name of an operation was expected"
              : "there is no operation '%s'; those known are %s; ReLU is max0(x), and 0.5·x is scale[0.5](x)"
                  .formatted(name, Operations.names()));
    }
    double beta = Double.NaN;
    if (peek() == '[') {
      int end = text.indexOf(']', at);
      try {
        beta = Double.parseDouble(text.substring(at + 1, Math.max(at + 1, end)));
      } catch (NumberFormatException e) {
        throw error("a number in brackets was expected");
      }
      at = end + 1;
    }
    List<Expression> arguments = new ArrayList<>();
    expect('(');
    do {
      arguments.add(expression());
    } while (peek() == ',' && at++ >= 0);
    expect(')');
    depth--;
    try {
      return new Expression.Apply(op, beta, arguments);
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    }
  }

  /**
   * Skips white space; returns the character at the index {@code at}, or 0 at the end of the text.
   */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void expect(char c) {
    if (peek() != c) {
      throw error("'" + c + "' was expected");
    }
    at++;
  }

  private IllegalArgumentException error(String why) {
    return new IllegalArgumentException(
        "not a function: '%s' at character %d: %s".formatted(text, at + 1, why));
  }
}
