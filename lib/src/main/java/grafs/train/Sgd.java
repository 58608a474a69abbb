package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * Stochastic gradient descent with momentum and an L2 penalty, as DJL's: for the learning rate η,
 *
 * <pre>m ← μ·m + η·(g + λ·w),  w ← w − m</pre>
 */
public final class Sgd extends Optimizer {

  private static final String MOMENTUM = "momentum";

  private final float momentum;
  private final float weightDecay;

  /**
   * Creates an optimizer at rest.
   *
   * @param weights the weights by name
   * @param learningRate the learning rate η of each step, from step 1
   * @param momentum μ, 0 for none
   * @param weightDecay the penalty's factor λ
   */
  public Sgd(
      PairList<String, NDArray> weights,
      Tracker learningRate,
      double momentum,
      double weightDecay) {
    super(weights, learningRate, 0, momentum == 0 ? new String[0] : new String[] {MOMENTUM});
    this.momentum = (float) momentum;
    this.weightDecay = (float) weightDecay;
  }

  @Override
  protected void move(String name, NDArray weight, NDArray gradient, float rate, float scale) {
    NDList inputs = new NDList(weight, gradient);
    if (momentum != 0) {
      inputs.add(state(MOMENTUM, name));
    }
    weight
        .getNDArrayInternal()
        .sgdUpdate(inputs, new NDList(weight), rate, weightDecay, scale, -1, momentum, true);
  }

  @Override
  protected NDArray derivative(String name, NDArray weight, NDArray gradient, float rate) {
    return weight.getManager().create(rate).toType(weight.getDataType(), false);
  }
}
