package grafs.study;

import grafs.cell.Expression;
import java.util.Locale;
import java.util.stream.IntStream;

/** The activations that are planted in teachers, for a search to find again. */
public enum Teacher {
  /** max(x, 0), which is the student's default. */
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

  /** {@return whether the paper's operations express it; sin and e^(−x²) they do not} */
  public boolean inPaperSpace() {
    return this != SIN && this != GAUSS;
  }

  /**
   * Compares a function with this one, for inputs of moderate size.
   *
   * @param other a function
   * @return whether they agree within 1e-6 at 161 points of [−8, 8]
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
   * @param layers the hidden layers, 1 or 2
   * @param seed the seed of weights and points
   * @return the teacher
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
