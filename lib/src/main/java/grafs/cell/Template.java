package grafs.cell;

import java.util.Locale;

/**
 * A formula, as plain text, LaTeX or source code, with placeholders for its arguments. {@code #1}
 * and {@code #2} take an argument as it is, {@code ~1} and {@code ~2} put a sum into parentheses,
 * {@code @1} and {@code @2} a sum or a product. {@code β} stands for the learnable scalar.
 *
 * @param pattern the formula, such as {@code tanh(#1)}, {@code ~1 + ~2} or {@code @1·@2}
 */
record Template(String pattern) {

  /** The precedence of the outermost operator of a formula, lowest first. */
  enum Level {
    SUM,
    PRODUCT,
    TERM
  }

  /**
   * A piece of a formula.
   *
   * @param text the formula
   * @param level the precedence of its outermost operator
   */
  record Formula(String text, Level level) {

    /**
     * A variable.
     *
     * @param name its name
     * @return the formula
     */
    static Formula variable(String name) {
      return new Formula(name, Level.TERM);
    }

    private String inside(char place) {
      boolean wrap = place == '@' ? level != Level.TERM : place == '~' && level == Level.SUM;
      return wrap ? "(" + text + ")" : text;
    }
  }

  /** {@return how often the argument of this number, 1 or 2, appears} */
  int uses(int argument) {
    return pattern.split("[#~@]" + argument, -1).length - 1;
  }

  /** {@return this template with the values of σ(β), 1 − σ(β) and 1 − β in place of these terms} */
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
   * @param beta what to write for β
   * @param arguments one formula for each argument; null for an argument that the pattern does not
   *     use
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

  /** The precedence of the pattern's outermost operator, searched outside of all brackets. */
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
