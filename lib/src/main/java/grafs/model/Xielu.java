package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.util.PairList;
import grafs.cell.Constant;

/**
 * The activation xIELU (Huang and Schlag, <em>Deriving Activation Functions Using Integration</em>,
 * arXiv 2411.13010): α₊·x² + x/2 for x &gt; 0, else α₋·(eˣ − 1 − x) + x/2, with α₊ = softplus(a₊)
 * and α₋ = ½ + softplus(a₋). The scalars a₊ and a₋ are parameters of the block, {@code alpha_p} and
 * {@code alpha_n}, and are trained with the network's weights. Output and input have the same
 * shape.
 */
final class Xielu extends Sequence {

  /** The initial value of α₊ and α₋. */
  private static final double START = 0.8;

  // log(expm1(y)) is the inverse of softplus, so that α₊ and α₋ begin at START.
  private final Parameter positive = learned("alpha_p", Math.log(Math.expm1(START)));
  private final Parameter negative = learned("alpha_n", Math.log(Math.expm1(START - 0.5)));

  /** Adds a trainable parameter of shape {@code [1]} with an initial value. */
  private Parameter learned(String name, double start) {
    return add(name, Parameter.Type.OTHER, new ConstantInitializer((float) start), 1);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    NDArray half = Constant.of(x, 0.5);
    NDArray above = Activation.relu(x);
    NDArray below = x.minimum(Constant.of(x, 0));
    NDArray plus = store.getValue(positive, x.getDevice(), training);
    NDArray minus = store.getValue(negative, x.getDevice(), training);
    NDArray up = Activation.softPlus(plus).mul(above.mul(above));
    NDArray curve = below.exp().sub(Constant.of(x, 1)).sub(below);
    NDArray down = Activation.softPlus(minus).add(half).mul(curve);
    return new NDList(up.add(down).add(x.mul(half)));
  }
}
