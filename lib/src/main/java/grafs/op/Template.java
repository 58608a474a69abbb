package grafs.op;

/**
 * A formula with places for its arguments. {@code #1} and {@code #2} take an argument as it is,
 * {@code @1} and {@code @2} put it into parentheses unless it is a single term. {@code β} stands
 * for the learnable scalar.
 *
 * @param pattern the formula, such as {@code tanh(#1)} or {@code @1·@2}
 */
public record Template(String pattern) {

  /**
   * A piece of a formula.
   *
   * @param text the formula
   * @param term whether it needs no parentheses inside a larger one: a variable, a number or a
   *     function call
   */
  public record Expression(String text, boolean term) {

    /** {@return the formula, in parentheses unless it is a single term} */
    public String wrapped() {
      return term ? text : "(" + text + ")";
    }
  }

  /** {@return whether the argument of this number, 1 or 2, appears} */
  public boolean uses(int argument) {
    return pattern.contains("#" + argument) || pattern.contains("@" + argument);
  }

  /**
   * Puts arguments and β into their places.
   *
   * @param beta what to write for β
   * @param arguments one expression a place
   * @return the formula; a single term if the pattern wraps none of its arguments
   */
  public Expression fill(String beta, Expression... arguments) {
    StringBuilder filled = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '#' || c == '@') {
        Expression argument = arguments[pattern.charAt(++i) - '1'];
        filled.append(c == '#' ? argument.text() : argument.wrapped());
      } else if (c == 'β') {
        filled.append(beta);
      } else {
        filled.append(c);
      }
    }
    boolean copy = pattern.matches("[#@]\\d");
    boolean term = copy ? arguments[pattern.charAt(1) - '1'].term() : pattern.indexOf('@') < 0;
    return new Expression(filled.toString(), term);
  }
}
