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
 * An operation of the search space: a function of one or two real numbers, with its derivatives and
 * its formula in several notations.
 *
 * <p>A custom operation needs only its value; its derivatives are finite differences:
 *
 * <pre>{@code
 * CellSpace mine = CellSpace.paper().with(Operation.of("cube_root", x -> Math.cbrt(x)));
 * }</pre>
 *
 * @param name the name by which functions, files and settings refer to it
 * @param arity the number of its arguments, 1 or 2
 * @param beta the mean of the starting value of its learnable scalar β, or NaN if it has none
 * @param betaDeviation the standard deviation of that starting value
 * @param range the range to which its arguments are clipped in a bounded search
 * @param function value and derivatives
 * @param formulas the formula in each notation in which there is one
 */
public record Operation(
    String name,
    int arity,
    double beta,
    double betaDeviation,
    Range range,
    Function function,
    Map<Notation, Template> formulas) {

  /** The arguments at which operations of one name are told apart. */
  private static final double[] POINTS = {-100, -9, -3, -1, -0.6, -0.2, 0, 0.3, 0.7, 1, 2, 5, 100};

  /** Copies the map. */
  public Operation {
    formulas = Map.copyOf(formulas);
  }

  /** Value and derivatives of an operation. */
  @FunctionalInterface
  public interface Function {

    /**
     * Evaluates the operation.
     *
     * @param a the first argument
     * @param b the second argument; ignored by a unary operation
     * @param beta β; ignored by an operation without β
     * @param d receives y, ∂y/∂a, ∂y/∂b and ∂y/∂β
     */
    void evaluate(double a, double b, double beta, double[] d);
  }

  /**
   * The range to which the arguments of an operation are clipped in a search with the bound ℓ; the
   * derivative with respect to an argument outside of it is 0.
   *
   * @param low the lower end for a bound ℓ
   * @param high the upper end for a bound ℓ
   */
  public record Range(DoubleUnaryOperator low, DoubleUnaryOperator high) {

    /** All arguments, whatever the bound. */
    public static final Range ALL =
        new Range(l -> Double.NEGATIVE_INFINITY, l -> Double.POSITIVE_INFINITY);

    /** {@return the range from −end(ℓ) to end(ℓ)} */
    static Range symmetric(DoubleUnaryOperator end) {
      return new Range(l -> -end.applyAsDouble(l), end);
    }
  }

  /**
   * Makes a custom unary operation. Its derivative is computed by finite differences.
   *
   * @param name a name that is not taken; it is the formula too: {@code name(x)}
   * @param value the value at x, finite for |x| up to some tens
   * @return the operation
   * @throws IllegalArgumentException if the name is not a letter followed by letters, digits and _,
   *     or is x
   */
  public static Operation of(String name, DoubleUnaryOperator value) {
    return own(name, 1, (x, b) -> value.applyAsDouble(x));
  }

  /**
   * Makes a custom binary operation. Its derivatives are computed by finite differences.
   *
   * @param name a name that is not taken; it is the formula too: {@code name(a, b)}
   * @param value the value at (a, b)
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
          "an operation's name consists of letters, digits and '_' and is not x: '" + name + "'");
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

  /** Makes an operation without β, whose arguments are not clipped, and without source code. */
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

  /** The derivative by a central difference quotient of fourth order. */
  private static double slope(DoubleUnaryOperator f, double x) {
    double h = 1e-3 * Math.max(1, Math.abs(x));
    double near = f.applyAsDouble(x + h) - f.applyAsDouble(x - h);
    double far = f.applyAsDouble(x + 2 * h) - f.applyAsDouble(x - 2 * h);
    return (8 * near - far) / (12 * h);
  }

  /**
   * Says how the operation is written in source code, so that functions with it can be exported. In
   * the code, {@code #1} and {@code #2} take an argument as it is, {@code ~1} and {@code ~2} put a
   * sum into parentheses, {@code @1} and {@code @2} a sum or a product; {@code β} is the learnable
   * scalar.
   *
   * @param pyTorch such as {@code "F.mish(#1)"}; null for none
   * @param jax such as {@code "jax.nn.mish(#1)"}; null for none
   * @param java such as {@code "Activation.mish(#1)"}; null for none
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
   * Writes the formula as text.
   *
   * @param arguments the names of the arguments, as many as the {@code arity}
   * @return the formula, such as {@code max(x, 0)}, with β for the learnable scalar
   */
  public String text(String... arguments) {
    Formula[] variables = Stream.of(arguments).map(Formula::variable).toArray(Formula[]::new);
    return formula(Notation.TEXT).fill("β", variables).text();
  }

  /** The formula in a notation; throws an IllegalStateException if there is none. */
  Template formula(Notation notation) {
    Template formula = formulas.get(notation);
    if (formula == null) {
      throw new IllegalStateException(
          "the operation '%s' has no code for %s; give it some by withCode(pyTorch, jax, java)"
              .formatted(name, notation));
    }
    return formula;
  }

  /** {@return whether it has a learnable scalar β} */
  public boolean hasBeta() {
    return !Double.isNaN(beta);
  }

  /**
   * {@return whether the kit has no operation of this name with the same values and the same β}
   * Formulas and source code are not compared.
   */
  public boolean custom() {
    Operation kit = Operations.named(name);
    return kit == null
        || kit.function != function
        || kit.range != range
        || Double.compare(kit.beta, beta) != 0
        || kit.betaDeviation != betaDeviation;
  }

  /** {@return a checksum of the start of β, the range, and values and derivatives at points} */
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
          // As float, since the last digits may depend on the processor.
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
   * @param b the second argument; any number for an operation of one
   * @param beta β; any number for an operation without
   * @param bounds how it is bounded; {@link Bounds#NONE} as in a found function
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
