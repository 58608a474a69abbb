package grafs.cell;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Activation functions that have a name, as {@link Expression expressions}. They serve as baselines
 * in networks. They also serve to recognise a function that a search has found, since a search may
 * express a known function by other operations. Φ is the cumulative distribution function of N(0,
 * 1), σ the logistic sigmoid.
 */
public enum KnownActivation {
  /** f(x) = x. */
  IDENTITY("identity", "x"),
  /** max(x, 0). */
  RELU("ReLU", "max0(x)"),
  /** x for x ≥ 0, else 0.01·x (Maas et al. 2013). */
  LEAKY_RELU("Leaky ReLU", "leaky_relu(x)"),
  /** x for x ≥ 0, else eˣ − 1 (Clevert et al. 2016). */
  ELU("ELU", "elu(x)"),
  /** 1.0507·x for x ≥ 0, else 1.7581·(eˣ − 1) (Klambauer et al. 2017). */
  SELU(
      "SELU",
      "add(scale[1.0507009873554805](max0(x)),"
          + " scale[1.7580993408473766](shift[-1.0](exp(min0(x)))))"),
  /** x·Φ(x) (Hendrycks and Gimpel 2016). */
  GELU("GELU", "gelu(x)"),
  /** x·σ(x) (Elfwing et al. 2018). */
  SILU("SiLU", "silu(x)"),
  /** x·σ(1.702·x), an approximation of GELU (Hendrycks and Gimpel 2016). */
  QUICK_GELU("QuickGELU", "gate(scale[1.702](x), x)"),
  /** x·tanh(log(1 + eˣ)) (Misra 2019). */
  MISH("Mish", "multiply(x, tanh(softplus(x)))"),
  /** x·min(max(x + 3, 0), 6)/6 (Howard et al. 2019). */
  HARD_SWISH(
      "Hardswish",
      "multiply(x, scale[0.16666666666666666](min(max0(shift[3.0](x)), constant[6.0](x))))"),
  /** log(1 + eˣ). */
  SOFTPLUS("softplus", "softplus(x)"),
  /** 1/(1 + e⁻ˣ). */
  SIGMOID("sigmoid", "sigmoid(x)"),
  /** tanh x. */
  TANH("tanh", "tanh(x)"),
  /** min(max(x, −1), 1). */
  HARD_TANH("hardtanh", "min(max(x, constant[-1.0](x)), constant[1.0](x))"),
  /** min(max(x, 0), 6). */
  RELU6("ReLU6", "min(max0(x), constant[6.0](x))"),
  /** max(x, 0)² (So et al. 2021). */
  SQUARED_RELU("squared ReLU", "square(max0(x))"),
  /**
   * LeakyReLU(x)², where LeakyReLU has the slope 0.5 below 0: like squared ReLU, but with a
   * gradient for negative x.
   */
  SQUARED_LEAKY_RELU("LeakyReLU(0.5)²", "square(add(scale[0.5](x), scale[0.5](max0(x))))"),
  /**
   * σ(ReLU(x))·GELU(x). This and the next eleven functions are listed in the code of arXiv
   * 2408.06820 (automl/GRAFS on GitHub) as results of earlier searches of that paper's authors for
   * ResNet, ViT and GPT. In all twelve, LeakyReLU has the slope 0.01 below 0.
   */
  GRAFS_RESNET_1("GRAFS ResNet 1", "gate(max0(x), gelu(x))"),
  /** σ(GELU(x))·GELU(x). */
  GRAFS_RESNET_2("GRAFS ResNet 2", "gate(gelu(x), gelu(x))"),
  /** σ(LeakyReLU(GELU(x)))·LeakyReLU(x). */
  GRAFS_RESNET_3("GRAFS ResNet 3", "gate(leaky_relu(gelu(x)), leaky_relu(x))"),
  /** σ(ReLU(x))·ELU(x). */
  GRAFS_RESNET_4("GRAFS ResNet 4", "gate(max0(x), elu(x))"),
  /** σ(GELU(SiLU(x)²))·SiLU(x). */
  GRAFS_VIT_1("GRAFS ViT 1", "gate(gelu(square(silu(x))), silu(x))"),
  /** 0.40·GELU(0.44·x² + 0.56·GELU(x)) + 0.60·SiLU(x). */
  GRAFS_VIT_2(
      "GRAFS ViT 2",
      "add(scale[0.4](gelu(add(scale[0.44](square(x)), scale[0.56](gelu(x))))),"
          + " scale[0.6](silu(x)))"),
  /** 0.48·(σ(SiLU(x))·SiLU(x))² + 0.52·SiLU(x). */
  GRAFS_VIT_3(
      "GRAFS ViT 3", "add(scale[0.48](square(gate(silu(x), silu(x)))), scale[0.52](silu(x)))"),
  /** σ((σ(SiLU(x))·SiLU(x))²)·SiLU(x). */
  GRAFS_VIT_4("GRAFS ViT 4", "gate(square(gate(silu(x), silu(x))), silu(x))"),
  /** SiLU(σ(ReLU(x))·GELU(x))·SiLU(x). */
  GRAFS_GPT_1("GRAFS GPT 1", "multiply(silu(gate(max0(x), gelu(x))), silu(x))"),
  /** σ(LeakyReLU(GELU(x)))·GELU(x). */
  GRAFS_GPT_2("GRAFS GPT 2", "gate(leaky_relu(gelu(x)), gelu(x))"),
  /** GELU(GELU(x)) + GELU(x). */
  GRAFS_GPT_3("GRAFS GPT 3", "add(gelu(gelu(x)), gelu(x))"),
  /** SiLU(SiLU(x) + GELU(x)) + GELU(x). */
  GRAFS_GPT_4("GRAFS GPT 4", "add(silu(add(silu(x), gelu(x))), gelu(x))"),
  /** |x|. */
  ABS("absolute value", "abs(x)"),
  /** sin x. */
  SINE("sine", "sin(x)"),
  /** e^(−x²). */
  GAUSSIAN("Gaussian", "gauss(x)"),
  /** Any function that does not depend on x. */
  CONSTANT("constant", null);

  /**
   * The largest difference at which two values count as equal, relative to max(1, |y|), where y is
   * the value of the known activation.
   */
  private static final double TOLERANCE = 1e-5;

  /**
   * The points x at which functions are compared: from −10 to 10 in steps of 0.005, and some up to
   * ±100.
   */
  private static final double[] POINTS =
      DoubleStream.concat(
              IntStream.rangeClosed(-2000, 2000).mapToDouble(i -> i * 0.005),
              DoubleStream.of(-100, -50, -20, -15, 15, 20, 50, 100))
          .toArray();

  private final String title;
  private final Expression function;

  KnownActivation(String title, String function) {
    this.title = title;
    this.function = function == null ? null : Expression.parse(function);
  }

  /** {@return the name for tables and figures, such as {@code Leaky ReLU}} */
  public String title() {
    return title;
  }

  /** {@return the function; null for {@link #CONSTANT}, which is no single function} */
  public Expression function() {
    return function;
  }

  /**
   * Recognises a known activation by its values, of whatever operations it is composed:
   * min(|ReLU(x) + LeakyReLU(x)|, ReLU(x)), for example, is ReLU.
   *
   * @param f a function
   * @return the first known activation whose values y differ from those of f by at most 1e-5·max(1,
   *     |y|) at 4001 points of [−10, 10] and at some up to ±100; empty if there is none
   */
  public static Optional<KnownActivation> of(Expression f) {
    double[] y = f.values(POINTS);
    return Arrays.stream(values()).filter(known -> known.equalsAtPoints(y)).findFirst();
  }

  private boolean equalsAtPoints(double[] y) {
    return IntStream.range(0, y.length)
        .allMatch(
            i -> {
              double known = function == null ? y[0] : function.values(POINTS[i])[0];
              return Math.abs(y[i] - known) <= TOLERANCE * Math.max(1, Math.abs(known));
            });
  }
}
