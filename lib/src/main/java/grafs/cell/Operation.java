package grafs.cell;

import grafs.cell.Template.Formula;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A function of one or two real numbers, such as tanh(x) or max(a, b), from which a search composes
 * activation functions: its value and derivatives, and its formula as text, LaTeX and source code.
 * Some operations have a learnable scalar β, such as β·x. {@link Operations} lists those of this
 * library.
 *
 * <p>A user makes a custom operation from its value alone; its derivatives are computed by finite
 * differences:
 *
 * <pre>{@code
 * CellSpace mine = CellSpace.paper().with(Operation.of("cube_root", x -> Math.cbrt(x)));
 * }</pre>
 *
 * @param name the name by which {@link Expression expressions}, files and settings refer to the
 *     operation
 * @param arity the number of its arguments, 1 or 2
 * @param beta the mean of the normal distribution that β's starting value is drawn from; NaN if the
 *     operation has no β
 * @param betaDeviation the standard deviation of that distribution; 0 if β starts at the mean
 * @param range the interval to which each argument is clipped before the operation is evaluated; it
 *     depends on the {@link Bounds} of the search
 * @param function computes value and derivatives
 * @param formulas the formula in each notation that it is available in
 */
public record Operation(
    String name,
    int arity,
    double beta,
    double betaDeviation,
    Range range,
    Function function,
    Map<Notation, Template> formulas) {

  /**
   * The values of a and b at which {@link #checksum} evaluates an operation: at all pairs (a, b).
   */
  private static final double[] POINTS = {-100, -9, -3, -1, -0.6, -0.2, 0, 0.3, 0.7, 1, 2, 5, 100};

  /** Copies the formulas, so that an operation cannot change. */
  public Operation {
    formulas = Map.copyOf(formulas);
  }

  /** Computes the value and the derivatives of an operation. */
  @FunctionalInterface
  public interface Function {

    /**
     * Evaluates the operation y = o(a, b; β).
     *
     * @param a the first argument
     * @param b the second argument; ignored by a unary operation
     * @param beta β; ignored by an operation without β
     * @param d receives y, ∂y/∂a, ∂y/∂b and ∂y/∂β in this order; length 4
     */
    void evaluate(double a, double b, double beta, double[] d);
  }

  /**
   * The interval to which the arguments of an operation are clipped. Its ends are functions of ℓ,
   * the largest magnitude that a search allows to the values of operations (see {@link Bounds}; ℓ
   * is infinite if there is no limit). Outside the interval the derivative with respect to the
   * argument is 0.
   *
   * @param low maps ℓ to the lower end
   * @param high maps ℓ to the upper end
   */
  public record Range(DoubleUnaryOperator low, DoubleUnaryOperator high) {

    /** All real numbers, for every ℓ. */
    public static final Range ALL =
        new Range(l -> Double.NEGATIVE_INFINITY, l -> Double.POSITIVE_INFINITY);

    /** {@return the range from −end(ℓ) to end(ℓ)} */
    static Range symmetric(DoubleUnaryOperator end) {
      return new Range(l -> -end.applyAsDouble(l), end);
    }
  }

  /**
   * Makes a custom operation of one argument, without β. Its derivative is computed by finite
   * differences.
   *
   * @param name a letter followed by letters, digits and _; not x, nor the name of an operation in
   *     {@link Operations} or of another operation of the same search space. The formula is written
   *     {@code name(x)}
   * @param value computes the value at x; finite at least for |x| up to some tens, where a search
   *     evaluates it
   * @return the operation
   * @throws IllegalArgumentException if the name is not a letter followed by letters, digits and _,
   *     or is x
   */
  public static Operation of(String name, DoubleUnaryOperator value) {
    return own(name, 1, (x, b) -> value.applyAsDouble(x));
  }

  /**
   * Makes a custom operation of two arguments, without β. Its derivatives are computed by finite
   * differences.
   *
   * @param name a letter followed by letters, digits and _; not x, nor the name of an operation in
   *     {@link Operations} or of another operation of the same search space. The formula is written
   *     {@code name(a, b)}
   * @param value computes the value at (a, b)
   * @return the operation
   * @throws IllegalArgumentException if the name is not a letter followed by letters, digits and _,
   *     or is x
   */
  public static Operation of(String name, DoubleBinaryOperator value) {
    return own(name, 2, value);
  }

  private static Operation own(String name, int arity, DoubleBinaryOperator value) {
    if (!name.matches("[A-Za-z]\\w*") || name.equals("x")) {
      throw new IllegalArgumentException(
          "an operation cannot be named '%s': take a letter followed by letters, digits and '_', but not x alone"
              .formatted(name));
    }
    String arguments = arity == 1 ? "#1" : "#1, #2";
    String latex =
        "\\operatorname{" + name.replace("_", "\\_") + "}\\left(" + arguments + "\\right)";
    Function function =
        (a, b, β, d) -> {
          d[0] = value.applyAsDouble(a, b);
          d[1] = slope(x -> value.applyAsDouble(x, b), a);
          d[2] = arity == 1 ? 0 : slope(x -> value.applyAsDouble(a, x), b);
          d[3] = 0;
        };
    return of(name, arity, name + "(" + arguments + ")", latex, function);
  }

  /** Makes an operation without β and without source code, whose arguments are not clipped. */
  static Operation of(String name, int arity, String text, String latex, Function function) {
    Map<Notation, Template> formulas =
        Map.of(Notation.TEXT, new Template(text), Notation.LATEX, new Template(latex));
    return new Operation(name, arity, Double.NaN, 0, Range.ALL, function, formulas);
  }

  Operation withBeta(double mean, double standardDeviation) {
    return new Operation(name, arity, mean, standardDeviation, range, function, formulas);
  }

  Operation withRange(Range limited) {
    return new Operation(name, arity, beta, betaDeviation, limited, function, formulas);
  }

  /**
   * Approximates f′(x) by the central difference quotient of fourth order with the step
   * 0.001·max(1, |x|).
   */
  private static double slope(DoubleUnaryOperator f, double x) {
    double h = 1e-3 * Math.max(1, Math.abs(x));
    double near = f.applyAsDouble(x + h) - f.applyAsDouble(x - h);
    double far = f.applyAsDouble(x + 2 * h) - f.applyAsDouble(x - 2 * h);
    return (8 * near - far) / (12 * h);
  }

  /**
   * Sets the operation's source code, so that {@link SourceCode} can export functions that contain
   * it. In the code, {@code #1}, {@code ~1} and {@code @1} are replaced by the first argument,
   * {@code #2}, {@code ~2} and {@code @2} by the second. With {@code ~} an argument that is a sum
   * is put in parentheses; with {@code @} an argument that is a sum or a product. {@code β} is
   * replaced by the learnable scalar.
   *
   * @param pyTorch such as {@code "F.mish(#1)"}; null to keep the present code, if there is any
   * @param jax such as {@code "jax.nn.mish(#1)"}; null to keep the present code
   * @param java such as {@code "Activation.mish(#1)"}, with DJL's classes; null to keep the present
   *     code
   * @return this operation with the code
   */
  public Operation withCode(String pyTorch, String jax, String java) {
    Map<Notation, Template> all = new EnumMap<>(formulas);
    Notation[] languages = {Notation.PYTORCH, Notation.JAX, Notation.JAVA};
    String[] codes = {pyTorch, jax, java};
    for (int i = 0; i < languages.length; i++) {
      if (codes[i] != null) {
        all.put(languages[i], new Template(codes[i]));
      }
    }
    return new Operation(name, arity, beta, betaDeviation, range, function, all);
  }

  /**
   * Writes the formula as plain text.
   *
   * @param arguments the names of the arguments, as many as the {@code arity}
   * @return the formula, such as {@code max(x, 0)}; {@code β} stands for the learnable scalar
   */
  public String text(String... arguments) {
    Formula[] variables = Stream.of(arguments).map(Formula::variable).toArray(Formula[]::new);
    return formula(Notation.TEXT).fill("β", variables).text();
  }

  /**
   * Returns the formula in a notation; throws an IllegalStateException if the operation has no
   * formula in that notation.
   */
  Template formula(Notation notation) {
    Template formula = formulas.get(notation);
    if (formula == null) {
      throw new IllegalStateException(
          "the operation '%s' has no code for %s; give it some by withCode(pyTorch, jax, java)"
              .formatted(name, notation));
    }
    return formula;
  }

  /** {@return whether the operation has a learnable scalar β} */
  public boolean hasBeta() {
    return !Double.isNaN(beta);
  }

  /**
   * {@return whether this operation is not one of this library: {@link Operations} has no operation
   * of this name, or has one with another function, range or distribution of β} Formulas and source
   * code are not compared.
   */
  public boolean custom() {
    Operation kit = Operations.named(name);
    return kit == null
        || kit.function != function
        || kit.range != range
        || Double.compare(kit.beta, beta) != 0
        || kit.betaDeviation != betaDeviation;
  }

  /**
   * {@return a checksum of the operation's behaviour, 8 hexadecimal digits} The checksum covers the
   * arity, the distribution of β, the range for the limit ℓ of {@link Bounds#PAPER}, and the value
   * and derivatives at {@link #POINTS}. It tells two custom operations of the same name apart.
   */
  String checksum() {
    StringBuilder text = new StringBuilder();
    text.append(arity).append(' ').append(beta).append(' ').append(betaDeviation);
    for (DoubleUnaryOperator end : List.of(range.low, range.high)) {
      text.append(' ').append((float) end.applyAsDouble(Bounds.PAPER.limit()));
    }
    double[] d = new double[4];
    for (double a : POINTS) {
      for (double b : POINTS) {
        function.evaluate(a, b, beta, d);
        for (double each : d) {
          // Rounded to float, since the last digits of a double may depend on the processor.
          text.append(' ').append((float) each);
        }
      }
    }
    CRC32 checksum = new CRC32();
    checksum.update(text.toString().getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(checksum.getValue());
  }

  /**
   * Evaluates the operation.
   *
   * @param a the first argument
   * @param b the second argument; ignored by a unary operation
   * @param beta β; ignored by an operation without β
   * @param bounds the bounds of the search; {@link Bounds#NONE} to evaluate the operation without
   *     bounds, as in a function that a search has found
   * @return the value
   */
  public double value(double a, double b, double beta, Bounds bounds) {
    double[] d = new double[4];
    bounds.evaluate(this, a, b, beta, d);
    return d[0];
  }

  @Override
  public String toString() {
    return name;
  }
}
