package grafs.cell;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes the relaxed cell by DJL's tensors in float64, and differentiates it by autograd. The
 * cell is a graph of places that each compute a weighted sum Σ w·o(·) of candidate operations o.
 * The factors w are called mixing weights; some operations have a learnable scalar β. Tests compare
 * {@link RelaxedCell}, which computes its derivatives without autograd, with this class. For this,
 * the operations are implemented here a second time.
 */
public final class ExactCell {

  /** The least argument of √, to which smaller arguments are clipped. */
  private static final double EPSILON_OF_SEARCH = 1e-3;

  /**
   * ε of the operations that are smooth at 0: √(x² + ε²) in place of |x|, and b/(b² + ε²) in place
   * of 1/b.
   */
  private static final double ROUNDING = 0.25;

  private interface Function {
    NDArray apply(NDArray a, NDArray b, NDArray β);
  }

  private static final Map<String, Function> FUNCTIONS = new HashMap<>();

  private static void of(String name, Function function) {
    FUNCTIONS.put(name, function);
  }

  // spotless:off
  static {
    of("identity", (x, b, β) -> x);
    of("negative", (x, b, β) -> x.neg());
    of("abs", (x, b, β) -> x.abs());
    of("square", (x, b, β) -> x.square());
    of("cube", (x, b, β) -> cube(x));
    of("root", (x, b, β) -> rounded(x).sqrt());
    of("scale", (x, b, β) -> x.mul(β));
    of("shift", (x, b, β) -> x.add(β));
    of("constant", (x, b, β) -> x.zerosLike().add(β));
    of("log", (x, b, β) -> rounded(x).log());
    of("exp", (x, b, β) -> exp(x));
    of("sin", (x, b, β) -> x.sin());
    of("cos", (x, b, β) -> x.cos());
    of("sinh", (x, b, β) -> x.sinh());
    of("cosh", (x, b, β) -> x.cosh());
    of("tanh", (x, b, β) -> x.tanh());
    of("asinh", (x, b, β) -> arsinh(x));
    of("atan", (x, b, β) -> x.atan());
    of("sinc", (x, b, β) -> sinc(x));
    of("max0", (x, b, β) -> Activation.relu(x));
    of("min0", (x, b, β) -> Activation.relu(x.neg()).neg());
    of("sigmoid", (x, b, β) -> Activation.sigmoid(x));
    of("softplus", (x, b, β) -> Activation.softPlus(x));
    of("gauss", (x, b, β) -> x.square().neg().exp());
    of("erf", (x, b, β) -> x.erf());
    of("gelu", (x, b, β) -> Activation.gelu(x));
    of("silu", (x, b, β) -> silu(x));
    of("elu", (x, b, β) -> Activation.elu(x, 1));
    of("leaky_relu", (x, b, β) -> Activation.leakyRelu(x, 0.01f));
    of("add", (a, b, β) -> a.add(b));
    of("subtract", (a, b, β) -> a.sub(b));
    of("multiply", (a, b, β) -> a.mul(b));
    of("divide", (a, b, β) -> divide(a, b));
    of("max", (a, b, β) -> a.maximum(b));
    of("min", (a, b, β) -> a.minimum(b));
    of("gate", (a, b, β) -> Activation.sigmoid(a).mul(b));
    of("gauss_kernel", (a, b, β) -> exp(a.sub(b).square().mul(β).neg()));
    of("laplace_kernel", (a, b, β) -> exp(a.sub(b).abs().mul(β).neg()));
    of("mix", (a, b, β) -> a.sub(b).mul(β).add(b));
    of("left", (a, b, β) -> a);
    of("right", (a, b, β) -> b);
    of("sqrt", (x, b, β) -> sqrt(x));
    of("blend", (a, b, β) -> a.sub(b).mul(Activation.sigmoid(β)).add(b));
  }
  // spotless:on

  /**
   * The values y of the cell at the points and the derivatives of L = Σ upstream·y with respect to
   * x, w and β. Those with respect to w and β are {@code [place][operation]}.
   */
  record Result(double[] y, double[] dx, double[][] dw, double[][] dβ) {}

  private ExactCell() {}

  /**
   * Evaluates the cell at the points x with the mixing weights of row 0, and differentiates L = Σ
   * upstream·y.
   */
  static Result evaluate(CellSpace space, double[] x, CellWeights weights, double[] upstream) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      List<Place> places = space.places();
      NDArray input = leaf(manager, x);
      List<NDArray> w = new ArrayList<>();
      List<NDArray> β = new ArrayList<>();
      NDArray value;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        for (int p = 0; p < places.size(); p++) {
          w.add(leaf(manager, weights.weights()[0][p]));
          double[] own = weights.beta()[p].clone();
          for (int o = 0; o < own.length; o++) {
            own[o] = Double.isNaN(own[o]) ? 0 : own[o];
          }
          β.add(leaf(manager, own));
        }
        NDArray nothing = nothing(input, w, β);
        value = graph(space, input, w, β, weights.candidates());
        collector.backward(value.mul(manager.create(upstream)).sum().add(nothing));
      }
      return new Result(
          value.toDoubleArray(),
          input.getGradient().toDoubleArray(),
          w.stream().map(a -> a.getGradient().toDoubleArray()).toArray(double[][]::new),
          β.stream().map(a -> a.getGradient().toDoubleArray()).toArray(double[][]::new));
    }
  }

  /**
   * Returns 0, computed from x, w and β. Autograd computes no gradient for a tensor on which the
   * loss does not depend. If this 0 is added to the loss, the loss depends on x and on every w and
   * β, and their gradients exist.
   *
   * @param x the points
   * @param w the mixing weights, a vector for each place
   * @param β the learnable scalars, a vector for each place
   * @return a scalar tensor
   */
  public static NDArray nothing(NDArray x, List<NDArray> w, List<NDArray> β) {
    NDArray sum = x.sum();
    for (int p = 0; p < w.size(); p++) {
      sum = sum.add(w.get(p).sum()).add(β.get(p).sum());
    }
    return sum.sub(sum.stopGradient()).mul(sum.zerosLike());
  }

  /**
   * Builds the graph of the cell.
   *
   * @param space the search space
   * @param x the points, any shape
   * @param w the mixing weights, a vector for each place
   * @param β the learnable scalars, a vector for each place
   * @param candidates the candidates that remain at each place; the others are left out of the sums
   * @return f(x), in the shape of x
   */
  public static NDArray graph(
      CellSpace space, NDArray x, List<NDArray> w, List<NDArray> β, Candidates candidates) {
    List<NDArray> values = new ArrayList<>();
    List<Place> places = space.places();
    for (int p = 0; p < places.size(); p++) {
      values.add(mix(space, places.get(p), candidates.of(p), x, values, w.get(p), β.get(p)));
    }
    return values.get(values.size() - 1);
  }

  /**
   * Computes Σ w·o(a, b) over the remaining candidates {@code inPlay} of a place. If a single
   * candidate remains, its w is taken as 1.
   */
  private static NDArray mix(
      CellSpace space,
      Place place,
      List<Integer> inPlay,
      NDArray input,
      List<NDArray> values,
      NDArray w,
      NDArray β) {
    NDArray a = place.operands().get(0) < 0 ? input : values.get(place.operands().get(0));
    NDArray b =
        place.operands().size() == 1
            ? a
            : place.operands().get(1) < 0 ? input : values.get(place.operands().get(1));
    NDArray sum = a.zerosLike();
    for (int o : inPlay) {
      NDArray y = bounded(space.bounds(), place.candidates().get(o), a, b, β.get(o));
      sum = sum.add(inPlay.size() == 1 ? y : y.mul(w.get(o)));
    }
    return sum;
  }

  /**
   * Evaluates an operation with its arguments or its value limited, by the formulas of {@link
   * Bounds.Kind}.
   */
  private static NDArray bounded(Bounds bounds, Operation op, NDArray a, NDArray b, NDArray β) {
    NDArray first = a;
    NDArray second = b;
    if (bounds.kind() == Bounds.Kind.ARGUMENT && !op.name().equals("sqrt")) {
      double low = Math.max(-1e30, op.range().low().applyAsDouble(bounds.limit()));
      double high = Math.min(1e30, op.range().high().applyAsDouble(bounds.limit()));
      first = a.clip(low, high);
      second = b.clip(low, high);
    }
    NDArray y = FUNCTIONS.get(op.name()).apply(first, second, β);
    if (bounds.kind() == Bounds.Kind.ARGUMENT) {
      return y;
    }
    double k = 0.8 * bounds.limit();
    NDArray kept = y.clip(-k, k);
    NDArray excess = y.sub(kept);
    NDArray width = y.getManager().create(bounds.limit() - k);
    return kept.add(excess.div(excess.abs().div(width).add(1)));
  }

  private static NDArray leaf(NDManager manager, double... values) {
    NDArray leaf = manager.create(values);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private static NDArray rounded(NDArray x) {
    return x.square().add(ROUNDING * ROUNDING).sqrt();
  }

  private static NDArray cube(NDArray x) {
    return x.square().mul(x);
  }

  private static NDArray exp(NDArray x) {
    return x.exp();
  }

  private static NDArray arsinh(NDArray x) {
    NDArray sign = NDArrays.where(x.gte(0), x.onesLike(), x.onesLike().neg());
    return x.mul(sign).add(x.square().add(1).sqrt()).log().mul(sign);
  }

  private static NDArray sinc(NDArray x) {
    NDArray away = NDArrays.where(x.abs().lt(1e-9), x.onesLike(), x);
    return away.sin().div(away);
  }

  private static NDArray sqrt(NDArray x) {
    // Not maximum(Number), which frees the number's tensor before the backward pass reads it.
    return x.maximum(x.getManager().create(EPSILON_OF_SEARCH)).sqrt();
  }

  private static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  private static NDArray divide(NDArray a, NDArray b) {
    return a.mul(b.div(b.square().add(ROUNDING * ROUNDING)));
  }
}
