package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.util.List;

/**
 * Stochastic gradient descent with momentum and an L2 penalty, as {@code torch.optim.SGD} computes
 * it. For weights w with gradient g, learning rate ηₜ in step t, momentum μ and weight decay λ, a
 * step is
 *
 * <pre>b ← μ·b + g + λ·w,  w ← w − ηₜ·b</pre>
 *
 * <p>The optimizer does not store b, but m = ηₜ·b, which the last step subtracted from w. With m,
 * one operation of DJL computes the whole step: m ← μ·(ηₜ/ηₜ₋₁)·m + ηₜ·(g + λ·w), w ← w − m.
 */
final class SgdOptimizer extends WeightOptimizer {

  /** The name of the state array m. */
  private static final String MOMENTUM = "momentum";

  private final double momentum;
  private final float weightDecay;

  /**
   * Creates an optimizer whose state array is 0. Gradients are not clipped.
   *
   * @param weights the weights by name
   * @param learningRate a function from the number of a step, counted from 1, to the learning rate
   *     η. Once the learning rate is 0 it must stay 0, because a step with learning rate 0 sets m
   *     to 0, so that b is lost
   * @param settings the settings, of which μ and λ are used
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
    // Before step 1 there is no learning rate. Any positive value can take its place, because the
    // state array is still 0.
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
