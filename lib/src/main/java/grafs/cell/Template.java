package grafs.cell;

import java.util.Locale;

/**
 * A formula of an operation, as plain text, LaTeX or source code, with placeholders for the
 * operation's arguments. {@code #1}, {@code ~1} and {@code @1} are replaced by the first argument,
 * {@code #2}, {@code ~2} and {@code @2} by the second. With {@code ~} an argument that is a sum is
 * put in parentheses; with {@code @} an argument that is a sum or a product. {@code β} is replaced
 * by the operation's learnable scalar.
 *
 * @param pattern the formula, such as {@code @1·@2}, {@code tanh(#1)} or {@code ~1 + ~2}
 */
record Template(String pattern) {

  /**
   * The precedence of the outermost operator of a formula, lowest first. A TERM, such as x or f(x),
   * needs no parentheses anywhere.
   */
  enum Level {
    SUM,
    PRODUCT,
    TERM
  }

  /**
   * A formula without placeholders, which can be inserted into a template.
   *
   * @param text the formula
   * @param level the precedence of its outermost operator
   */
  record Formula(String text, Level level) {

    /**
     * Makes the formula that consists of a variable.
     *
     * @param name the name of the variable
     * @return the formula
     */
    static Formula variable(String name) {
      return new Formula(name, Level.TERM);
    }

    /**
     * The formula as it is inserted for a placeholder {@code #}, {@code ~} or {@code @}, in
     * parentheses if that placeholder requires them around this level.
     */
    private String inside(char place) {
      boolean wrap = place == '@' ? level != Level.TERM : place == '~' && level == Level.SUM;
      return wrap ? "(" + text + ")" : text;
    }
  }

  /**
   * {@return how many times the pattern contains a placeholder for an argument}
   *
   * @param argument the number of the argument, 1 or 2
   */
  int uses(int argument) {
    return pattern.split("[#~@]" + argument, -1).length - 1;
  }

  /**
   * {@return this template with numbers in place of σ(β), 1 − σ(β) and 1 − β} These are the weights
   * in the formulas of operations that compute a weighted mean of their two arguments; σ is the
   * logistic sigmoid. Numbers have three significant digits.
   */
  Template withShares(double beta) {
    double sigmoid = 1 / (1 + Math.exp(-beta));
    return new Template(
        pattern
            .replace("(1 − σ(β))", digits(1 - sigmoid))
            .replace("\\left(1-\\sigma(β)\\right)", digits(1 - sigmoid))
            .replace("\\sigma(β)", digits(sigmoid))
            .replace("σ(β)", digits(sigmoid))
            .replace("(1 − β)", digits(1 - beta))
            .replace("\\left(1-β\\right)", digits(1 - beta)));
  }

  private static String digits(double share) {
    return String.format(Locale.ROOT, share < 0 ? "(%.3g)" : "%.3g", share);
  }

  /**
   * Replaces the placeholders and β.
   *
   * @param beta the text that replaces β
   * @param arguments the formulas of the arguments; null for an argument that the pattern does not
   *     contain
   * @return the formula
   */
  Formula fill(String beta, Formula... arguments) {
    StringBuilder filled = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '#' || c == '~' || c == '@') {
        filled.append(arguments[pattern.charAt(++i) - '1'].inside(c));
      } else if (c == 'β') {
        filled.append(beta);
      } else {
        filled.append(c);
      }
    }
    boolean copy = pattern.matches("#\\d");
    return new Formula(
        filled.toString(), copy ? arguments[pattern.charAt(1) - '1'].level() : level());
  }

  /**
   * Finds the lowest precedence of the operators that stand outside of all brackets of the pattern;
   * TERM if there are no such operators.
   */
  private Level level() {
    String outside = pattern.replace("\\left|#1\\right|", "").replace("|#1|", "");
    for (String before = ""; !before.equals(outside); ) {
      before = outside;
      outside = outside.replaceAll("\\{[^{}]*\\}|\\\\left\\([^()]*\\\\right\\)|\\([^()]*\\)", "");
    }
    if (outside.matches(".*[+−-].*")) {
      return Level.SUM;
    }
    return outside.matches(".*([·*/²³^]|\\\\cdot).*") ? Level.PRODUCT : Level.TERM;
  }
}
