package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Activation;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The activation functions that have a name, to recognise one in a function that computes the same
 * by other operations.
 */
enum KnownActivation {
  IDENTITY("identity", x -> x),
  RELU("ReLU", Activation::relu),
  LEAKY_RELU("LeakyReLU", x -> Activation.leakyRelu(x, 0.01f)),
  ELU("ELU", x -> Activation.elu(x, 1)),
  SELU("SELU", Activation::selu),
  GELU("GELU", Activation::gelu),
  SILU("SiLU", x -> x.mul(Activation.sigmoid(x))),
  MISH("Mish", x -> x.mul(Activation.softPlus(x).tanh())),
  SOFTPLUS("softplus", Activation::softPlus),
  SIGMOID("sigmoid", Activation::sigmoid),
  TANH("tanh", NDArray::tanh),
  SOFTSIGN("softsign", x -> x.div(x.abs().add(1))),
  HARD_TANH("hardtanh", x -> x.clip(-1, 1)),
  SQUARED_RELU("squared ReLU", x -> Activation.relu(x).square()),
  ABS("absolute value", NDArray::abs),
  SINE("sine", NDArray::sin),
  GAUSSIAN("Gaussian", x -> x.square().neg().exp()),
  CONSTANT("constant", null);

  /** Relative to max(1, |y|). */
  private static final double TOLERANCE = 1e-5;

  /** A grid on [−10, 10] of step 0.005, and some points far out. */
  private static final double[] POINTS =
      DoubleStream.concat(
              IntStream.rangeClosed(-2000, 2000).mapToDouble(i -> i * 0.005),
              DoubleStream.of(-100, -50, -20, -15, 15, 20, 50, 100))
          .toArray();

  private final String title;
  private final UnaryOperator<NDArray> function;

  /** Its values at the points; evaluated when first asked for. */
  private double[] own;

  KnownActivation(String title, UnaryOperator<NDArray> function) {
    this.title = title;
    this.function = function;
  }

  /** {@return the name of the activation that the function equals in value, if there is one} */
  static Optional<String> nameOf(DiscreteActivation f) {
    double[] y = f.values(POINTS);
    return Arrays.stream(values())
        .filter(known -> known.equalsAtPoints(y))
        .map(known -> known.title)
        .findFirst();
  }

  private boolean equalsAtPoints(double[] y) {
    double[] known =
        this == CONSTANT ? DoubleStream.generate(() -> y[0]).limit(y.length).toArray() : at();
    return IntStream.range(0, y.length)
        .allMatch(i -> Math.abs(y[i] - known[i]) <= TOLERANCE * Math.max(1, Math.abs(known[i])));
  }

  private synchronized double[] at() {
    if (own == null) {
      try (NDManager manager = NDManager.newBaseManager();
          NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        own = function.apply(manager.create(POINTS)).toDoubleArray();
      }
    }
    return own;
  }
}
