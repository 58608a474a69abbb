package grafs.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.nn.Activation;
import java.util.List;

/**
 * The paper's primitive operations (arXiv 2408.06820, section 3.1), one an entry: name, formula,
 * LaTeX, start of β where it has one, evaluation; below it the evaluation in PyTorch, JAX and Java.
 * Every one is finite, with a finite gradient, for arguments up to 1e9: powers and exponentials
 * limit their argument before they overflow, since clipping only the result of x² at x = 3e38 would
 * multiply an infinite derivative by zero. {@link Bounds} does the rest in a relaxed cell.
 */
final class Primitives {

  /**
   * How far around 0 poles and infinite slopes are rounded off: √|x|, log|x| and a/b are taken of
   * √(x² + ε²) in place of |x|, and of (b² + ε²)/b in place of b. A mere a/(b ± ε) jumps from −a/ε
   * to a/ε at b = 0, which no gradient sees. With ε = 0.1 a quotient inside a cell passes from one
   * bound to the other within a few points of a table.
   */
  private static final double ROUNDING = 0.25;

  // Where square, cube and hyperbolics reach the largest value.
  private static final double SQRT = Math.sqrt(Bounds.LARGEST);
  private static final double CBRT = Math.cbrt(Bounds.LARGEST);
  private static final double ARSINH = Math.log(2 * Bounds.LARGEST);

  // One primitive an entry of two lines, whatever their length: this is a table.
  // spotless:off
  static final List<Unary> UNARY =
      List.of(
          Unary.of("identity", "#1", "#1", (x, β) -> x)
              .withCode("#1", "#1", "#1"),
          Unary.of("negative", "−~1", "-~1", (x, β) -> x.neg())
              .withCode("-~1", "-~1", "@1.neg()"),
          Unary.of("abs", "|#1|", "\\left|#1\\right|", (x, β) -> x.abs())
              .withCode("torch.abs(#1)", "jnp.abs(#1)", "@1.abs()"),
          Unary.of("square", "@1²", "@1^{2}", (x, β) -> Constant.clip(x, -SQRT, SQRT).square())
              .withCode("torch.square(#1)", "jnp.square(#1)", "@1.square()"),
          Unary.of("cube", "@1³", "@1^{3}", (x, β) -> cube(Constant.clip(x, -CBRT, CBRT)))
              .withCode("@1 * @1 * @1", "@1 * @1 * @1", "@1.square().mul(#1)"),
          Unary.of("sqrt", "(@1² + 0.0625)^¼", "\\left(@1^{2}+0.0625\\right)^{1/4}", (x, β) -> rounded(x).sqrt())
              .withCode("torch.sqrt(torch.sqrt(torch.square(#1) + 0.0625))", "jnp.sqrt(jnp.sqrt(jnp.square(#1) + 0.0625))", "@1.square().add(0.0625).sqrt().sqrt()"),
          Unary.learnable("scale", "β·@1", "β\\,@1", 1, (x, β) -> x.mul(β))
              .withCode("β * @1", "β * @1", "@1.mul(β)"),
          Unary.learnable("shift", "~1 + β", "~1+β", 0, (x, β) -> x.add(β))
              .withCode("~1 + β", "~1 + β", "@1.add(β)"),
          Unary.learnable("constant", "β", "β", 1, (x, β) -> x.zerosLike().add(β))
              .withCode("torch.zeros_like(#1) + β", "jnp.zeros_like(#1) + β", "@1.zerosLike().add(β)"),
          Unary.of("log", "½·log(@1² + 0.0625)", "\\tfrac{1}{2}\\cdot\\log\\left(@1^{2}+0.0625\\right)", (x, β) -> rounded(x).log())
              .withCode("0.5 * torch.log(torch.square(#1) + 0.0625)", "0.5 * jnp.log(jnp.square(#1) + 0.0625)", "@1.square().add(0.0625).sqrt().log()"),
          Unary.of("exp", "exp(#1)", "\\exp\\left(#1\\right)", (x, β) -> exp(x))
              .withCode("torch.exp(#1)", "jnp.exp(#1)", "@1.exp()"),
          Unary.of("sin", "sin(#1)", "\\sin\\left(#1\\right)", (x, β) -> x.sin())
              .withCode("torch.sin(#1)", "jnp.sin(#1)", "@1.sin()"),
          Unary.of("cos", "cos(#1)", "\\cos\\left(#1\\right)", (x, β) -> x.cos())
              .withCode("torch.cos(#1)", "jnp.cos(#1)", "@1.cos()"),
          Unary.of("sinh", "sinh(#1)", "\\sinh\\left(#1\\right)", (x, β) -> Constant.clip(x, -ARSINH, ARSINH).sinh())
              .withCode("torch.sinh(#1)", "jnp.sinh(#1)", "@1.sinh()"),
          Unary.of("cosh", "cosh(#1)", "\\cosh\\left(#1\\right)", (x, β) -> Constant.clip(x, -ARSINH, ARSINH).cosh())
              .withCode("torch.cosh(#1)", "jnp.cosh(#1)", "@1.cosh()"),
          Unary.of("tanh", "tanh(#1)", "\\tanh\\left(#1\\right)", (x, β) -> x.tanh())
              .withCode("torch.tanh(#1)", "jnp.tanh(#1)", "@1.tanh()"),
          Unary.of("asinh", "asinh(#1)", "\\operatorname{asinh}\\left(#1\\right)", (x, β) -> arsinh(x))
              .withCode("torch.asinh(#1)", "jnp.arcsinh(#1)", "NDArrays.where(@1.lt(0), @1.neg(), #1).add(@1.square().add(1).sqrt()).log().mul(NDArrays.where(@1.lt(0), @1.onesLike().neg(), @1.onesLike()))"),
          Unary.of("atan", "atan(#1)", "\\arctan\\left(#1\\right)", (x, β) -> x.atan())
              .withCode("torch.atan(#1)", "jnp.arctan(#1)", "@1.atan()"),
          Unary.of("sinc", "sinc(#1)", "\\operatorname{sinc}\\left(#1\\right)", (x, β) -> sinc(x))
              .withCode("torch.sinc(@1 / torch.pi)", "jnp.sinc(@1 / jnp.pi)", "NDArrays.where(@1.abs().lt(0.05), @1.square().mul(@1.square().mul(@1.getManager().create(1 / 120f)).sub(1 / 6f)).add(1), @1.sin().div(NDArrays.where(@1.abs().lt(0.05), @1.onesLike(), #1)))"),
          Unary.of("max0", "max(#1, 0)", "\\max\\left(#1,0\\right)", (x, β) -> Activation.relu(x))
              .withCode("torch.relu(#1)", "jax.nn.relu(#1)", "Activation.relu(#1)"),
          Unary.of("min0", "min(#1, 0)", "\\min\\left(#1,0\\right)", (x, β) -> Activation.relu(x.neg()).neg())
              .withCode("-torch.relu(-~1)", "-jax.nn.relu(-~1)", "Activation.relu(@1.neg()).neg()"),
          Unary.of("sigmoid", "σ(#1)", "\\sigma\\left(#1\\right)", (x, β) -> Activation.sigmoid(x))
              .withCode("torch.sigmoid(#1)", "jax.nn.sigmoid(#1)", "Activation.sigmoid(#1)"),
          Unary.of("softplus", "log(1 + exp(#1))", "\\log\\left(1+e^{#1}\\right)", (x, β) -> Activation.softPlus(x))
              .withCode("F.softplus(#1)", "jax.nn.softplus(#1)", "Activation.softPlus(#1)"),
          Unary.of("gauss", "exp(−@1²)", "e^{-@1^{2}}", (x, β) -> x.square().neg().exp())
              .withCode("torch.exp(-torch.square(#1))", "jnp.exp(-jnp.square(#1))", "@1.square().neg().exp()"),
          Unary.of("erf", "erf(#1)", "\\operatorname{erf}\\left(#1\\right)", (x, β) -> x.erf())
              .withCode("torch.erf(#1)", "jax.lax.erf(#1)", "@1.erf()"),
          Unary.of("gelu", "GELU(#1)", "\\operatorname{GELU}\\left(#1\\right)", (x, β) -> Activation.gelu(x))
              .withCode("F.gelu(#1)", "jax.nn.gelu(#1, approximate=False)", "Activation.gelu(#1)"),
          Unary.of("silu", "SiLU(#1)", "\\operatorname{SiLU}\\left(#1\\right)", (x, β) -> silu(x))
              .withCode("F.silu(#1)", "jax.nn.silu(#1)", "@1.mul(Activation.sigmoid(#1))"),
          Unary.of("elu", "ELU(#1)", "\\operatorname{ELU}\\left(#1\\right)", (x, β) -> Activation.elu(x, 1))
              .withCode("F.elu(#1)", "jax.nn.elu(#1)", "Activation.elu(#1, 1)"),
          Unary.of("leaky_relu", "LeakyReLU(#1)", "\\operatorname{LeakyReLU}\\left(#1\\right)", (x, β) -> Activation.leakyRelu(x, 0.01f))
              .withCode("F.leaky_relu(#1)", "jax.nn.leaky_relu(#1)", "Activation.leakyRelu(#1, 0.01f)"));

  // Where arguments are equal, as on half of the line for two relatives of ReLU, PyTorch's max and
  // min give half of the gradient to each. Selections with "where" would be three times as fast
  // backward, but give all of it to one side, and one edge's operations then cannot be told apart.
  static final List<Binary> BINARY =
      List.of(
          Binary.of("add", "~1 + ~2", "~1+~2", (a, b, β) -> a.add(b))
              .withCode("~1 + ~2", "~1 + ~2", "@1.add(#2)"),
          Binary.of("subtract", "~1 − ~2", "~1-~2", (a, b, β) -> a.sub(b))
              .withCode("~1 - ~2", "~1 - ~2", "@1.sub(#2)"),
          Binary.of("multiply", "@1·@2", "@1\\cdot @2", (a, b, β) -> a.mul(b))
              .withCode("@1 * @2", "@1 * @2", "@1.mul(#2)"),
          Binary.of("divide", "@1·@2/(@2² + 0.0625)", "@1\\cdot\\frac{#2}{@2^{2}+0.0625}", (a, b, β) -> divide(a, b))
              .withCode("@1 * @2 / (torch.square(#2) + 0.0625)", "@1 * @2 / (jnp.square(#2) + 0.0625)", "@1.mul(@2.div(@2.square().add(0.0625)))"),
          Binary.of("max", "max(#1, #2)", "\\max\\left(#1,#2\\right)", (a, b, β) -> a.maximum(b))
              .withCode("torch.maximum(#1, #2)", "jnp.maximum(#1, #2)", "@1.maximum(#2)"),
          Binary.of("min", "min(#1, #2)", "\\min\\left(#1,#2\\right)", (a, b, β) -> a.minimum(b))
              .withCode("torch.minimum(#1, #2)", "jnp.minimum(#1, #2)", "@1.minimum(#2)"),
          Binary.of("gate", "σ(#1)·@2", "\\sigma\\left(#1\\right)\\cdot @2", (a, b, β) -> Activation.sigmoid(a).mul(b))
              .withCode("torch.sigmoid(#1) * @2", "jax.nn.sigmoid(#1) * @2", "Activation.sigmoid(#1).mul(#2)"),
          Binary.learnable("gauss_kernel", "exp(−β·(~1 − ~2)²)", "e^{-β\\left(~1-~2\\right)^{2}}", 1, (a, b, β) -> exp(a.sub(b).square().mul(β).neg()))
              .withCode("torch.exp(-β * torch.square(~1 - ~2))", "jnp.exp(-β * jnp.square(~1 - ~2))", "@1.sub(#2).square().mul(β).neg().exp()"),
          Binary.learnable("laplace_kernel", "exp(−β·|~1 − ~2|)", "e^{-β\\left|~1-~2\\right|}", 1, (a, b, β) -> exp(a.sub(b).abs().mul(β).neg()))
              .withCode("torch.exp(-β * torch.abs(~1 - ~2))", "jnp.exp(-β * jnp.abs(~1 - ~2))", "@1.sub(#2).abs().mul(β).neg().exp()"),
          Binary.learnable("blend", "β·@1 + (1 − β)·@2", "β\\,@1+\\left(1-β\\right)@2", 0.5, (a, b, β) -> a.sub(b).mul(β).add(b))
              .withCode("β * @1 + (1 - β) * @2", "β * @1 + (1 - β) * @2", "@1.sub(#2).mul(β).add(#2)"),
          Binary.of("left", "#1", "#1", (a, b, β) -> a)
              .withCode("#1", "#1", "#1"),
          Binary.of("right", "#2", "#2", (a, b, β) -> b)
              .withCode("#2", "#2", "#2"));
  // spotless:on

  private Primitives() {}

  /** √(x² + ε²), for |x| where its kink at 0 would become a pole. */
  private static NDArray rounded(NDArray x) {
    return x.square().add(Constant.of(x, ROUNDING * ROUNDING)).sqrt();
  }

  private static NDArray cube(NDArray x) {
    return x.square().mul(x);
  }

  /** e^x limited to 1e9. */
  private static NDArray exp(NDArray x) {
    return Constant.clip(x, -Bounds.LARGEST, Math.log(Bounds.LARGEST)).exp();
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
    NDArray square = Constant.clip(x, -0.1, 0.1).square();
    NDArray series = square.sub(42).mul(square).add(840).mul(square).sub(5040);
    series = series.mul(Constant.of(x, -1.0 / 5040));
    return NDArrays.where(near, series, away.sin().div(away));
  }

  private static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  private static NDArray divide(NDArray a, NDArray b) {
    return a.mul(b.div(b.square().add(Constant.of(b, ROUNDING * ROUNDING))));
  }
}
