package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.util.List;

/**
 * Stochastic gradient descent with momentum and an L2 penalty, as {@code torch.optim.SGD}: for the
 * learning rate ηₜ of step t,
 *
 * <pre>b ← μ·b + g + λ·w,  w ← w − ηₜ·b</pre>
 *
 * <p>The state is the last update m = ηₜ·b instead of b, so that one native operation computes the
 * step: m ← μ·(ηₜ/ηₜ₋₁)·m + ηₜ·(g + λ·w), w ← w − m.
 */
final class SgdOptimizer extends WeightOptimizer {

  private static final String MOMENTUM = "momentum";

  private final double momentum;
  private final float weightDecay;

  /**
   * Creates an optimizer with all state zero.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1; positive, or 0 from some
   *     step on
   * @param settings μ and λ
   */
  SgdOptimizer(PairList<String, NDArray> weights, Tracker learningRate, SgdSettings settings) {
    super(weights, learningRate, 0, settings.momentum() == 0 ? List.of() : List.of(MOMENTUM));
    momentum = settings.momentum();
    weightDecay = (float) settings.weightDecay();
  }

  @Override
  protected void move(String name, NDArray weight, NDArray gradient, float rate, float scale) {
    NDList inputs = new NDList(weight, gradient);
    if (momentum != 0) {
      inputs.add(state(MOMENTUM, name));
    }
    // At step 1 the state is 0, so its factor does not matter.
    double before = steps() == 1 ? rate : rate(steps() - 1);
    float kept = before == 0 ? 0 : (float) (momentum * rate / before);
    weight
        .getNDArrayInternal()
        .sgdUpdate(inputs, new NDList(weight), rate, weightDecay, scale, -1, kept, true);
  }

  @Override
  protected NDArray derivative(String name, NDArray weight, NDArray gradient, float rate) {
    return weight.getManager().create(rate).toType(weight.getDataType(), false);
  }
}
