package grafs.study;

import grafs.cell.Expression;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The activations that are planted, to test whether a search finds them: a random network with one
 * of them, the teacher ({@code PlantedTeacher}), computes the targets of a regression. Networks of
 * the same shape, the students, are trained on this regression; a search for the students' best
 * activation should find the teacher's. σ is the logistic function, Φ the distribution function of
 * N(0, 1).
 */
public enum Teacher {
  /** max(x, 0), which is also the students' default activation. */
  RELU("max0(x)"),
  /** x for x ≥ 0, else 0.01·x. */
  LEAKY_RELU("leaky_relu(x)"),
  /** x·σ(x). */
  SILU("silu(x)"),
  /** x·Φ(x). */
  GELU("gelu(x)"),
  /** tanh x. */
  TANH("tanh(x)"),
  /** sin x. */
  SIN("sin(x)"),
  /** |x|. */
  ABS("abs(x)"),
  /** x². */
  X2("square(x)"),
  /** max(x, 0)². */
  RELU2("square(max0(x))"),
  /** e^(−x²). */
  GAUSS("gauss(x)"),
  /** x·tanh(x). */
  XTANH("multiply(x, tanh(x))"),
  /** asinh x. */
  ASINH("asinh(x)"),
  /** log(1 + eˣ). */
  SOFTPLUS("softplus(x)");

  private final Expression function;

  Teacher(String function) {
    this.function = Expression.parse(function);
  }

  /** {@return the activation} */
  public Expression function() {
    return function;
  }

  /**
   * {@return whether the operations of {@link grafs.cell.CellSpace#paper} can express it, which
   * they cannot for sin x and e^(−x²)}
   */
  public boolean inPaperSpace() {
    return this != SIN && this != GAUSS;
  }

  /**
   * Compares a function with this activation on [−8, 8].
   *
   * @param other a function
   * @return whether both agree at 161 equidistant points, up to 1e-6 times max(1, |f(x)|), where f
   *     is this activation
   */
  boolean computes(Expression other) {
    double[] x = IntStream.rangeClosed(-80, 80).mapToDouble(i -> 0.1 * i).toArray();
    double[] own = function.values(x);
    double[] others = other.values(x);
    return IntStream.range(0, x.length)
        .allMatch(i -> Math.abs(own[i] - others[i]) <= 1e-6 * Math.max(1, Math.abs(own[i])));
  }

  /**
   * Makes a teacher network with this activation.
   *
   * @param sizes the sizes of the network and the data
   * @param layers the number of hidden layers, 1 or 2
   * @param seed the seed of the weights and points
   * @return the teacher network
   */
  PlantedTeacher network(PlantedTask.Sizes sizes, int layers, long seed) {
    return new PlantedTeacher(
        z -> function.values(z)[0],
        sizes.inputs(),
        sizes.width(),
        layers,
        layers == 1 ? sizes.spread() : sizes.spread() / 2,
        sizes.noise(),
        seed);
  }

  /** {@return its name in options and tables, such as {@code leaky_relu}} */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
