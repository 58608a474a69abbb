package grafs.cell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.math3.special.Erf;

/**
 * The operations of this library, each known by its name. They are the operations of the code of
 * arXiv 2408.06820 (automl/GRAFS on GitHub), and others, some of which only the text of that paper
 * names. The table in this file gives for each operation its name, its formula as text and as
 * LaTeX, the computation of value and derivatives, and its code in PyTorch, JAX and Java. Some
 * operations have a learnable scalar β. Formulas and code contain the placeholders of {@link
 * Operation#withCode}.
 */
public final class Operations {

  /**
   * ε² for ε = 0.25. It makes three operations smooth at 0. {@code root} and {@code log} are √|x|
   * and log|x| with √(x² + ε²) in place of |x|; {@code divide} is a/b with (b² + ε²)/b in place of
   * b.
   */
  private static final double ROUNDING = 0.0625;

  // A table with two lines for each operation, which may be longer than 100 columns.
  // spotless:off
  private static final List<Operation> ALL =
      List.of(
          unary("identity", "#1", "#1", (x, b, β, d) -> set(d, x, 1))
              .withCode("#1", "#1", "#1"),
          unary("negative", "−~1", "-~1", (x, b, β, d) -> set(d, -x, -1))
              .withCode("-~1", "-~1", "@1.neg()"),
          unary("abs", "|#1|", "\\left|#1\\right|", (x, b, β, d) -> set(d, Math.abs(x), Math.signum(x)))
              .withCode("torch.abs(#1)", "jnp.abs(#1)", "@1.abs()"),
          unary("square", "@1²", "@1^{2}", (x, b, β, d) -> set(d, x * x, 2 * x)).withRange(Operation.Range.symmetric(Math::sqrt))
              .withCode("torch.square(#1)", "jnp.square(#1)", "@1.square()"),
          unary("cube", "@1³", "@1^{3}", (x, b, β, d) -> set(d, x * x * x, 3 * x * x)).withRange(Operation.Range.symmetric(Math::cbrt))
              .withCode("@1 * @1 * @1", "@1 * @1 * @1", "@1.square().mul(#1)"),
          unary("sqrt", "√(max(#1, 0))", "\\sqrt{\\max\\left(#1,0\\right)}", (x, b, β, d) -> set(d, Math.sqrt(x), x > 0 ? 0.5 / Math.sqrt(x) : 0)).withRange(new Operation.Range(l -> Double.isInfinite(l) ? 0 : 1e-3, l -> Double.POSITIVE_INFINITY))
              .withCode("torch.sqrt(torch.relu(#1))", "jnp.sqrt(jax.nn.relu(#1))", "Activation.relu(#1).sqrt()"),
          unary("shift", "~1 + β", "~1+β", (x, b, β, d) -> set(d, x + β, 1, 0, 1)).withBeta(1, 0.25)
              .withCode("~1 + β", "~1 + β", "@1.add(β)"),
          unary("scale", "β·@1", "β\\cdot @1", (x, b, β, d) -> set(d, β * x, β, 0, x)).withBeta(1, 0.25)
              .withCode("β * @1", "β * @1", "@1.mul(β)"),
          unary("constant", "β", "β", (x, b, β, d) -> set(d, β, 0, 0, 1)).withBeta(1, 0.25)
              .withCode("torch.zeros_like(#1) + β", "jnp.zeros_like(#1) + β", "@1.zerosLike().add(β)"),
          unary("exp", "exp(#1)", "\\exp\\left(#1\\right)", (x, b, β, d) -> set(d, Math.exp(x), Math.exp(x))).withRange(new Operation.Range(l -> Double.NEGATIVE_INFINITY, Math::log))
              .withCode("torch.exp(#1)", "jnp.exp(#1)", "@1.exp()"),
          unary("sinh", "sinh(#1)", "\\sinh\\left(#1\\right)", (x, b, β, d) -> set(d, Math.sinh(x), Math.cosh(x))).withRange(Operation.Range.symmetric(Operations::asinh))
              .withCode("torch.sinh(#1)", "jnp.sinh(#1)", "@1.sinh()"),
          unary("tanh", "tanh(#1)", "\\tanh\\left(#1\\right)", (x, b, β, d) -> tanh(x, d))
              .withCode("torch.tanh(#1)", "jnp.tanh(#1)", "@1.tanh()"),
          unary("asinh", "asinh(#1)", "\\operatorname{asinh}\\left(#1\\right)", (x, b, β, d) -> set(d, asinh(x), 1 / Math.hypot(x, 1)))
              .withCode("torch.asinh(#1)", "jnp.arcsinh(#1)", "NDArrays.where(@1.lt(0), @1.neg(), #1).add(@1.square().add(1).sqrt()).log().mul(NDArrays.where(@1.lt(0), @1.onesLike().neg(), @1.onesLike()))"),
          unary("atan", "atan(#1)", "\\arctan\\left(#1\\right)", (x, b, β, d) -> set(d, Math.atan(x), 1 / (1 + x * x)))
              .withCode("torch.atan(#1)", "jnp.arctan(#1)", "@1.atan()"),
          unary("max0", "max(#1, 0)", "\\max\\left(#1,0\\right)", (x, b, β, d) -> set(d, Math.max(x, 0), x > 0 ? 1 : 0))
              .withCode("torch.relu(#1)", "jax.nn.relu(#1)", "Activation.relu(#1)"),
          unary("min0", "min(#1, 0)", "\\min\\left(#1,0\\right)", (x, b, β, d) -> set(d, Math.min(x, 0), x < 0 ? 1 : 0))
              .withCode("-torch.relu(-~1)", "-jax.nn.relu(-~1)", "Activation.relu(@1.neg()).neg()"),
          unary("sigmoid", "σ(#1)", "\\sigma\\left(#1\\right)", (x, b, β, d) -> sigmoid(x, d))
              .withCode("torch.sigmoid(#1)", "jax.nn.sigmoid(#1)", "Activation.sigmoid(#1)"),
          unary("softplus", "log(1 + exp(#1))", "\\log\\left(1+e^{#1}\\right)", (x, b, β, d) -> set(d, Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid(x)))
              .withCode("F.softplus(#1)", "jax.nn.softplus(#1)", "Activation.softPlus(#1)"),
          unary("erf", "erf(#1)", "\\operatorname{erf}\\left(#1\\right)", (x, b, β, d) -> set(d, erf(x), 2 / Math.sqrt(Math.PI) * Math.exp(-x * x)))
              .withCode("torch.erf(#1)", "jax.lax.erf(#1)", "@1.erf()"),
          unary("silu", "SiLU(#1)", "\\operatorname{SiLU}\\left(#1\\right)", (x, b, β, d) -> silu(x, d))
              .withCode("F.silu(#1)", "jax.nn.silu(#1)", "@1.mul(Activation.sigmoid(#1))"),
          unary("gelu", "GELU(#1)", "\\operatorname{GELU}\\left(#1\\right)", (x, b, β, d) -> gelu(x, d))
              .withCode("F.gelu(#1)", "jax.nn.gelu(#1, approximate=False)", "Activation.gelu(#1)"),
          unary("elu", "ELU(#1)", "\\operatorname{ELU}\\left(#1\\right)", (x, b, β, d) -> set(d, x > 0 ? x : Math.expm1(x), x > 0 ? 1 : Math.exp(x)))
              .withCode("F.elu(#1)", "jax.nn.elu(#1)", "Activation.elu(#1, 1)"),
          unary("leaky_relu", "LeakyReLU(#1)", "\\operatorname{LeakyReLU}\\left(#1\\right)", (x, b, β, d) -> set(d, x > 0 ? x : 0.01 * x, x > 0 ? 1 : 0.01))
              .withCode("F.leaky_relu(#1)", "jax.nn.leaky_relu(#1)", "Activation.leakyRelu(#1, 0.01f)"),
          unary("root", "(@1² + 0.0625)^¼", "\\left(@1^{2}+0.0625\\right)^{1/4}", (x, b, β, d) -> root(x, d))
              .withCode("torch.sqrt(torch.sqrt(torch.square(#1) + 0.0625))", "jnp.sqrt(jnp.sqrt(jnp.square(#1) + 0.0625))", "@1.square().add(0.0625).sqrt().sqrt()"),
          unary("log", "½·log(@1² + 0.0625)", "\\tfrac{1}{2}\\cdot\\log\\left(@1^{2}+0.0625\\right)", (x, b, β, d) -> set(d, 0.5 * Math.log(x * x + ROUNDING), x / (x * x + ROUNDING)))
              .withCode("0.5 * torch.log(torch.square(#1) + 0.0625)", "0.5 * jnp.log(jnp.square(#1) + 0.0625)", "@1.square().add(0.0625).sqrt().log()"),
          unary("sin", "sin(#1)", "\\sin\\left(#1\\right)", (x, b, β, d) -> set(d, Math.sin(x), Math.cos(x)))
              .withCode("torch.sin(#1)", "jnp.sin(#1)", "@1.sin()"),
          unary("cos", "cos(#1)", "\\cos\\left(#1\\right)", (x, b, β, d) -> set(d, Math.cos(x), -Math.sin(x)))
              .withCode("torch.cos(#1)", "jnp.cos(#1)", "@1.cos()"),
          unary("cosh", "cosh(#1)", "\\cosh\\left(#1\\right)", (x, b, β, d) -> set(d, Math.cosh(x), Math.sinh(x)))
              .withCode("torch.cosh(#1)", "jnp.cosh(#1)", "@1.cosh()"),
          unary("sinc", "sinc(#1)", "\\operatorname{sinc}\\left(#1\\right)", (x, b, β, d) -> sinc(x, d))
              .withCode("torch.sinc(@1 / torch.pi)", "jnp.sinc(@1 / jnp.pi)", "NDArrays.where(@1.abs().lt(0.05), @1.square().mul(@1.square().mul(@1.getManager().create(1 / 120f)).sub(1 / 6f)).add(1), @1.sin().div(NDArrays.where(@1.abs().lt(0.05), @1.onesLike(), #1)))"),
          unary("gauss", "exp(−@1²)", "\\exp\\left(-@1^{2}\\right)", (x, b, β, d) -> set(d, Math.exp(-x * x), -2 * x * Math.exp(-x * x)))
              .withCode("torch.exp(-torch.square(#1))", "jnp.exp(-jnp.square(#1))", "@1.square().neg().exp()"),
          binary("add", "~1 + ~2", "~1+~2", (a, b, β, d) -> set(d, a + b, 1, 1, 0))
              .withCode("~1 + ~2", "~1 + ~2", "@1.add(#2)"),
          binary("subtract", "~1 − ~2", "~1-~2", (a, b, β, d) -> set(d, a - b, 1, -1, 0))
              .withCode("~1 - ~2", "~1 - ~2", "@1.sub(#2)"),
          binary("multiply", "@1·@2", "@1\\cdot @2", (a, b, β, d) -> set(d, a * b, b, a, 0)).withRange(Operation.Range.symmetric(Math::sqrt))
              .withCode("@1 * @2", "@1 * @2", "@1.mul(#2)"),
          binary("max", "max(#1, #2)", "\\max\\left(#1,#2\\right)", (a, b, β, d) -> set(d, Math.max(a, b), share(a, b), share(b, a), 0))
              .withCode("torch.maximum(#1, #2)", "jnp.maximum(#1, #2)", "@1.maximum(#2)"),
          binary("min", "min(#1, #2)", "\\min\\left(#1,#2\\right)", (a, b, β, d) -> set(d, Math.min(a, b), share(b, a), share(a, b), 0))
              .withCode("torch.minimum(#1, #2)", "jnp.minimum(#1, #2)", "@1.minimum(#2)"),
          binary("gate", "σ(#1)·@2", "\\sigma\\left(#1\\right)\\cdot @2", (a, b, β, d) -> gate(a, b, d))
              .withCode("torch.sigmoid(#1) * @2", "jax.nn.sigmoid(#1) * @2", "Activation.sigmoid(#1).mul(#2)"),
          binary("blend", "σ(β)·@1 + (1 − σ(β))·@2", "\\sigma(β)\\cdot @1+\\left(1-\\sigma(β)\\right)\\cdot @2", (a, b, β, d) -> blend(a, b, β, d)).withBeta(0, 0)
              .withCode("torch.sigmoid(β) * @1 + (1 - torch.sigmoid(β)) * @2", "jax.nn.sigmoid(β) * @1 + (1 - jax.nn.sigmoid(β)) * @2", "@1.sub(#2).mul(Activation.sigmoid(β)).add(#2)"),
          binary("left", "#1", "#1", (a, b, β, d) -> set(d, a, 1, 0, 0))
              .withCode("#1", "#1", "#1"),
          binary("right", "#2", "#2", (a, b, β, d) -> set(d, b, 0, 1, 0))
              .withCode("#2", "#2", "#2"),
          binary("divide", "@1·@2/(@2² + 0.0625)", "@1\\cdot\\frac{#2}{@2^{2}+0.0625}", (a, b, β, d) -> divide(a, b, d))
              .withCode("@1 * @2 / (torch.square(#2) + 0.0625)", "@1 * @2 / (jnp.square(#2) + 0.0625)", "@1.mul(@2.div(@2.square().add(0.0625)))"),
          binary("gauss_kernel", "exp(−β·(~1 − ~2)²)", "\\exp\\left(-β\\left(~1-~2\\right)^{2}\\right)", (a, b, β, d) -> gaussKernel(a, b, β, d)).withBeta(1, 0)
              .withCode("torch.exp(-β * torch.square(~1 - ~2))", "jnp.exp(-β * jnp.square(~1 - ~2))", "@1.sub(#2).square().mul(β).neg().exp()"),
          binary("laplace_kernel", "exp(−β·|~1 − ~2|)", "\\exp\\left(-β\\left|~1-~2\\right|\\right)", (a, b, β, d) -> laplaceKernel(a, b, β, d)).withBeta(1, 0)
              .withCode("torch.exp(-β * torch.abs(~1 - ~2))", "jnp.exp(-β * jnp.abs(~1 - ~2))", "@1.sub(#2).abs().mul(β).neg().exp()"),
          binary("mix", "β·@1 + (1 − β)·@2", "β\\cdot @1+\\left(1-β\\right)\\cdot @2", (a, b, β, d) -> set(d, β * a + (1 - β) * b, β, 1 - β, a - b)).withBeta(0.5, 0)
              .withCode("β * @1 + (1 - β) * @2", "β * @1 + (1 - β) * @2", "@1.sub(#2).mul(β).add(#2)"));
  // spotless:on

  private Operations() {}

  /** {@return the 23 unary and 9 binary operations of the paper's code} */
  public static List<Operation> paper() {
    String names =
        "identity negative abs square cube sqrt shift scale constant exp sinh tanh"
            + " asinh atan max0 min0 sigmoid softplus erf silu gelu elu leaky_relu"
            + " add subtract multiply max min gate blend left right";
    return of(names.split(" "));
  }

  /**
   * {@return 29 unary and 12 binary operations: all of this class but {@code sqrt} and {@code
   * blend}, in place of which the list has the smooth {@code root} and the linear {@code mix}} Some
   * of them, such as sin, log and a/b, are named in the paper's text, but are missing in its code.
   */
  public static List<Operation> wide() {
    return ALL.stream()
        .filter(op -> !op.name().equals("sqrt") && !op.name().equals("blend"))
        .toList();
  }

  /**
   * Returns operations by their names.
   *
   * @param names their names
   * @return the operations, in the order of the names
   * @throws IllegalArgumentException if a name is unknown; the message lists all known names
   */
  public static List<Operation> of(String... names) {
    List<Operation> found = new ArrayList<>();
    for (String name : names) {
      if (named(name) == null) {
        throw new IllegalArgumentException(
            "unknown operation: %s; the known ones are %s".formatted(name, names()));
      }
      found.add(named(name));
    }
    return found;
  }

  /** {@return the operation of this class with the given name; null if there is none} */
  static Operation named(String name) {
    return ALL.stream().filter(op -> op.name().equals(name)).findFirst().orElse(null);
  }

  /** {@return the names of all operations of this class, separated by commas} */
  static String names() {
    return ALL.stream().map(Operation::name).collect(Collectors.joining(", "));
  }

  /**
   * {@return whether an operation is an unchanged operation of this class, and not a custom one
   * (made by a user) with the same name} The identities of {@link Simplification} and the proofs of
   * {@link Inequalities} apply to operations of this class only.
   */
  static boolean contains(Operation op) {
    return named(op.name()) == op;
  }

  // Methods that keep the lines of the table short.

  private static Operation unary(String name, String text, String latex, Operation.Function f) {
    return Operation.of(name, 1, text, latex, f);
  }

  private static Operation binary(String name, String text, String latex, Operation.Function f) {
    return Operation.of(name, 2, text, latex, f);
  }

  private static void set(double[] d, double y, double dx) {
    set(d, y, dx, 0, 0);
  }

  private static void set(double[] d, double y, double da, double db, double dβ) {
    d[0] = y;
    d[1] = da;
    d[2] = db;
    d[3] = dβ;
  }

  // Operations whose computation is too long for a line of the table. The array d receives the
  // value, then the derivatives with respect to the first argument, the second argument and β.

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static void sigmoid(double x, double[] d) {
    double s = sigmoid(x);
    set(d, s, s * (1 - s));
  }

  private static void tanh(double x, double[] d) {
    double t = Math.tanh(x);
    set(d, t, 1 - t * t);
  }

  /**
   * asinh(x), computed from |x| and given the sign of x. The definition log(x + √(x² + 1)) would
   * lose digits by cancellation for negative x and near 0.
   */
  private static double asinh(double x) {
    double a = Math.abs(x);
    double y = a > 1e8 ? Math.log(a) + Math.log(2) : Math.log1p(a + a * a / (1 + Math.hypot(a, 1)));
    return Math.copySign(y, x);
  }

  private static double erf(double x) {
    return Double.isNaN(x) ? x : Erf.erf(x);
  }

  /**
   * sin(x)/x and its slope. Near 0 both are computed by Taylor series, since the quotients would
   * lose digits or be 0/0.
   */
  private static void sinc(double x, double[] d) {
    if (Math.abs(x) < 0.1) {
      double s = x * x;
      set(
          d,
          1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72))),
          -x / 3 * (1 - s / 10 * (1 - s / 28 * (1 - s / 54))));
    } else {
      set(d, Math.sin(x) / x, (Math.cos(x) - Math.sin(x) / x) / x);
    }
  }

  private static void gelu(double x, double[] d) {
    double phi = 0.5 * (1 + erf(x / Math.sqrt(2)));
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    set(d, Double.isInfinite(x) ? Math.max(x, 0) : x * phi, phi + x * density);
  }

  private static void silu(double x, double[] d) {
    double s = sigmoid(x);
    set(d, x * s, s * (1 + x * (1 - s)));
  }

  private static void root(double x, double[] d) {
    double square = x * x + ROUNDING;
    double y = Math.sqrt(Math.sqrt(square));
    set(d, y, 0.5 * x * y / square);
  }

  private static void divide(double a, double b, double[] d) {
    double square = b * b + ROUNDING;
    set(d, a * (b / square), b / square, a * ((ROUNDING - b * b) / square / square), 0);
  }

  /** ∂max(a, b)/∂a: 1 if a is larger, ½ if both are equal, else 0. */
  private static double share(double a, double b) {
    return a > b ? 1 : a == b ? 0.5 : 0;
  }

  private static void gate(double a, double b, double[] d) {
    double s = sigmoid(a);
    set(d, s * b, s * (1 - s) * b, s, 0);
  }

  private static void gaussKernel(double a, double b, double β, double[] d) {
    double c = a - b;
    double y = Math.exp(-β * c * c);
    set(d, y, -2 * β * c * y, 2 * β * c * y, -c * c * y);
  }

  private static void laplaceKernel(double a, double b, double β, double[] d) {
    double c = Math.abs(a - b);
    double y = Math.exp(-β * c);
    double slope = -β * Math.signum(a - b) * y;
    set(d, y, slope, -slope, -c * y);
  }

  private static void blend(double a, double b, double β, double[] d) {
    double s = sigmoid(β);
    set(d, s * a + (1 - s) * b, s, 1 - s, s * (1 - s) * (a - b));
  }
}
