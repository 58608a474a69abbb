package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.util.PairList;
import grafs.cell.Constant;
import java.util.function.Function;

/**
 * An activation with scalar parameters that are trained with the network's weights; each place in
 * the network has its own. Output and input have the same shape.
 */
abstract class LearnedActivation extends AbstractBlock {

  /** Adds a scalar parameter, of shape {@code [1]}, with an initial value. */
  final Parameter learned(String name, double start) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.OTHER)
            .optShape(new Shape(1))
            .optInitializer(new ConstantInitializer((float) start))
            .build());
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    return new NDList(of(x, p -> store.getValue(p, x.getDevice(), training)));
  }

  /** Computes the values; {@code value} gives that of a scalar parameter, of shape {@code [1]}. */
  abstract NDArray of(NDArray x, Function<Parameter, NDArray> value);

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }

  /**
   * xIELU (Huang and Schlag, <em>Deriving Activation Functions Using Integration</em>, arXiv
   * 2411.13010): α₊·x² + x/2 for x &gt; 0, else α₋·(eˣ − 1 − x) + x/2, with α₊ = softplus(a₊) and
   * α₋ = ½ + softplus(a₋), both 0.8 at first.
   */
  static final class Xielu extends LearnedActivation {

    private static final double START = 0.8;

    private final Parameter positive = learned("alpha_p", Math.log(Math.expm1(START)));
    private final Parameter negative = learned("alpha_n", Math.log(Math.expm1(START - 0.5)));

    @Override
    NDArray of(NDArray x, Function<Parameter, NDArray> value) {
      NDArray half = Constant.of(x, 0.5);
      NDArray above = Activation.relu(x);
      NDArray below = x.minimum(Constant.of(x, 0));
      NDArray up = Activation.softPlus(value.apply(positive)).mul(above.mul(above));
      NDArray curve = below.exp().sub(Constant.of(x, 1)).sub(below);
      NDArray down = Activation.softPlus(value.apply(negative)).add(half).mul(curve);
      return up.add(down).add(x.mul(half));
    }
  }

  /**
   * PolyReLU (Zhuo et al., <em>Polynomial Composition Activations</em>, arXiv 2411.03884): a₀ +
   * a₁·r + a₂·r² + a₃·r³ of r = max(x, 0), with a₀ = 0 and the others 1/3 at first.
   */
  static final class PolyRelu extends LearnedActivation {

    private final Parameter a0 = learned("a0", 0);
    private final Parameter a1 = learned("a1", 1 / 3.0);
    private final Parameter a2 = learned("a2", 1 / 3.0);
    private final Parameter a3 = learned("a3", 1 / 3.0);

    @Override
    NDArray of(NDArray x, Function<Parameter, NDArray> value) {
      NDArray r = Activation.relu(x);
      NDArray y = value.apply(a3).mul(r).add(value.apply(a2));
      y = y.mul(r).add(value.apply(a1));
      return y.mul(r).add(value.apply(a0));
    }
  }
}
