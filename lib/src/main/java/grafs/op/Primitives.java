package grafs.op;

import static grafs.op.Bounds.ROUNDING;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.nn.Activation;
import java.util.List;

/**
 * The paper's primitive operations (arXiv 2408.06820, section 3.1), one a line: name, formula,
 * LaTeX, start of β where it has one, bounded evaluation. Every one is finite, with a finite
 * gradient, for every float32.
 */
final class Primitives {

  // One primitive a line, whatever its length: this is a table.
  // spotless:off
  static final List<Unary> UNARY =
      List.of(
          Unary.of("identity", "#1", "#1", (x, β, l) -> l.output(x)),
          Unary.of("negative", "−~1", "-~1", (x, β, l) -> l.output(x).neg()),
          Unary.of("abs", "|#1|", "\\left|#1\\right|", (x, β, l) -> l.output(x).abs()),
          Unary.of("square", "@1²", "@1^{2}", (x, β, l) -> l.argument(x, Math.sqrt(l.limit())).square()),
          Unary.of("cube", "@1³", "@1^{3}", (x, β, l) -> cube(l.argument(x, Math.cbrt(l.limit())))),
          Unary.of("sqrt", "(@1² + 0.01)^¼", "\\left(@1^{2}+0.01\\right)^{1/4}", (x, β, l) -> sqrt(x, l)),
          Unary.learnable("scale", "β·@1", "β\\,@1", 1, (x, β, l) -> l.output(l.argument(x).mul(β))),
          Unary.learnable("shift", "~1 + β", "~1+β", 0, (x, β, l) -> l.output(l.argument(x).add(β))),
          Unary.learnable("constant", "β", "β", 1, (x, β, l) -> l.output(x.zerosLike().add(β))),
          Unary.of("log", "½·log(@1² + 0.01)", "\\tfrac{1}{2}\\cdot\\log\\left(@1^{2}+0.01\\right)", (x, β, l) -> l.output(rounded(l.argument(x)).log())),
          Unary.of("exp", "exp(#1)", "\\exp\\left(#1\\right)", (x, β, l) -> l.exp(x)),
          Unary.of("sin", "sin(#1)", "\\sin\\left(#1\\right)", (x, β, l) -> l.argument(x).sin()),
          Unary.of("cos", "cos(#1)", "\\cos\\left(#1\\right)", (x, β, l) -> l.argument(x).cos()),
          Unary.of("sinh", "sinh(#1)", "\\sinh\\left(#1\\right)", (x, β, l) -> l.argument(x, arsinh(l.limit())).sinh()),
          Unary.of("cosh", "cosh(#1)", "\\cosh\\left(#1\\right)", (x, β, l) -> cosh(x, l)),
          Unary.of("tanh", "tanh(#1)", "\\tanh\\left(#1\\right)", (x, β, l) -> l.output(x.tanh())),
          Unary.of("asinh", "asinh(#1)", "\\operatorname{asinh}\\left(#1\\right)", (x, β, l) -> l.output(arsinh(l.argument(x)))),
          Unary.of("atan", "atan(#1)", "\\arctan\\left(#1\\right)", (x, β, l) -> l.output(l.argument(x).atan())),
          Unary.of("sinc", "sinc(#1)", "\\operatorname{sinc}\\left(#1\\right)", (x, β, l) -> sinc(l.argument(x))),
          Unary.of("max0", "max(#1, 0)", "\\max\\left(#1,0\\right)", (x, β, l) -> l.output(Activation.relu(x))),
          Unary.of("min0", "min(#1, 0)", "\\min\\left(#1,0\\right)", (x, β, l) -> l.output(Activation.relu(x.neg()).neg())),
          Unary.of("sigmoid", "σ(#1)", "\\sigma\\left(#1\\right)", (x, β, l) -> l.output(Activation.sigmoid(x))),
          Unary.of("softplus", "log(1 + exp(#1))", "\\log\\left(1+e^{#1}\\right)", (x, β, l) -> l.output(Activation.softPlus(x))),
          Unary.of("gauss", "exp(−@1²)", "e^{-@1^{2}}", (x, β, l) -> l.argument(x).square().neg().exp()),
          Unary.of("erf", "erf(#1)", "\\operatorname{erf}\\left(#1\\right)", (x, β, l) -> l.argument(x).erf()),
          Unary.of("gelu", "GELU(#1)", "\\operatorname{GELU}\\left(#1\\right)", (x, β, l) -> l.output(Activation.gelu(l.argument(x)))),
          Unary.of("silu", "SiLU(#1)", "\\operatorname{SiLU}\\left(#1\\right)", (x, β, l) -> l.output(silu(l.argument(x)))),
          Unary.of("elu", "ELU(#1)", "\\operatorname{ELU}\\left(#1\\right)", (x, β, l) -> l.output(Activation.elu(x, 1))),
          Unary.of("leaky_relu", "LeakyReLU(#1)", "\\operatorname{LeakyReLU}\\left(#1\\right)", (x, β, l) -> l.output(Activation.leakyRelu(x, 0.01f))));

  static final List<Binary> BINARY =
      List.of(
          Binary.of("add", "~1 + ~2", "~1+~2", (a, b, β, l) -> l.output(l.argument(a).add(l.argument(b)))),
          Binary.of("subtract", "~1 − ~2", "~1-~2", (a, b, β, l) -> l.output(difference(a, b, l))),
          Binary.of("multiply", "@1·@2", "@1\\cdot @2", (a, b, β, l) -> l.output(l.argument(a).mul(l.argument(b)))),
          Binary.of("divide", "@1·@2/(@2² + 0.01)", "@1\\cdot\\frac{#2}{@2^{2}+0.01}", (a, b, β, l) -> divide(a, b, l)),
          Binary.of("max", "max(#1, #2)", "\\max\\left(#1,#2\\right)", (a, b, β, l) -> l.output(a.maximum(b))),
          Binary.of("min", "min(#1, #2)", "\\min\\left(#1,#2\\right)", (a, b, β, l) -> l.output(a.minimum(b))),
          Binary.of("gate", "σ(#1)·@2", "\\sigma\\left(#1\\right)\\cdot @2", (a, b, β, l) -> l.output(Activation.sigmoid(a).mul(l.argument(b)))),
          Binary.learnable("gauss_kernel", "exp(−β·(~1 − ~2)²)", "e^{-β\\left(~1-~2\\right)^{2}}", 1, (a, b, β, l) -> l.exp(difference(a, b, l).square().mul(β).neg())),
          Binary.learnable("laplace_kernel", "exp(−β·|~1 − ~2|)", "e^{-β\\left|~1-~2\\right|}", 1, (a, b, β, l) -> l.exp(difference(a, b, l).abs().mul(β).neg())),
          Binary.learnable("blend", "β·@1 + (1 − β)·@2", "β\\,@1+\\left(1-β\\right)@2", 0.5, (a, b, β, l) -> l.output(difference(a, b, l).mul(β).add(l.argument(b)))),
          Binary.of("left", "#1", "#1", (a, b, β, l) -> l.output(a)),
          Binary.of("right", "#2", "#2", (a, b, β, l) -> l.output(b)));
  // spotless:on

  private Primitives() {}

  /** √(x² + ε²), for |x| where its kink at 0 would become a pole. */
  private static NDArray rounded(NDArray x) {
    return x.square().add(ROUNDING * ROUNDING).sqrt();
  }

  private static NDArray sqrt(NDArray x, Bounds l) {
    return l.output(rounded(l.argument(x, l.limit() * l.limit())).sqrt());
  }

  private static NDArray cube(NDArray x) {
    return x.square().mul(x);
  }

  private static NDArray cosh(NDArray x, Bounds l) {
    double limit = Math.max(l.limit(), 1);
    return l.output(l.argument(x, Math.log(limit + Math.sqrt(limit * limit - 1))).cosh());
  }

  private static double arsinh(double y) {
    return Math.log(y + Math.sqrt(y * y + 1));
  }

  /** DJL has no asinh on PyTorch. Taken at |x| and reflected, so that nothing cancels below 0. */
  private static NDArray arsinh(NDArray x) {
    NDArray sign = NDArrays.where(x.gte(0), x.onesLike(), x.onesLike().neg());
    return x.mul(sign).add(x.square().add(1).sqrt()).log().mul(sign);
  }

  /** sin(x)/x, by its Taylor series near 0, where the quotient's gradient would be 0/0. */
  private static NDArray sinc(NDArray x) {
    NDArray near = x.abs().lt(0.1);
    NDArray away = NDArrays.where(near, x.onesLike(), x);
    NDArray square = x.clip(-0.1, 0.1).square();
    NDArray series = square.sub(42).mul(square).add(840).mul(square).sub(5040);
    series = series.mul(constant(x, -1.0 / 5040));
    return NDArrays.where(near, series, away.sin().div(away));
  }

  /**
   * A constant to multiply with. DJL's own {@code mul(Number)} frees its constant at once, while
   * autograd still needs it for the backward pass: the gradient is then read from memory that the
   * garbage collector may have reused.
   */
  private static NDArray constant(NDArray like, double value) {
    return like.getManager().create(value);
  }

  private static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  private static NDArray difference(NDArray a, NDArray b, Bounds l) {
    return l.argument(a).sub(l.argument(b));
  }

  private static NDArray divide(NDArray a, NDArray b, Bounds l) {
    NDArray divisor = l.argument(b);
    NDArray inverse = divisor.div(divisor.square().add(ROUNDING * ROUNDING));
    return l.output(l.argument(a).mul(inverse));
  }
}
