package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * Stochastic gradient descent with momentum, as the paper trains its residual networks.
 *
 * @param learningRate the initial learning rate, positive
 * @param momentum the momentum, 0 to 1
 * @param weightDecay the L2 penalty's factor
 * @param decay how the learning rate falls
 */
public record SgdSettings(double learningRate, double momentum, double weightDecay, Decay decay)
    implements OptimizerSettings {

  /** How the learning rate falls over training. */
  public enum Decay {
    /** To a tenth at 50 % and again at 75 % of the steps (He et al. 2016). */
    STEPS,
    /** Along half a cosine to a thousandth (Loshchilov and Hutter 2017). */
    COSINE
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public SgdSettings {
    if (!(learningRate > 0) || !(momentum >= 0 && momentum < 1) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "SGD needs a learning rate > 0, a momentum in [0, 1) and a weight decay >= 0, not "
              + learningRate
              + ", "
              + momentum
              + ", "
              + weightDecay);
    }
  }

  @Override
  public Sgd optimizer(PairList<String, NDArray> weights, int steps) {
    return new Sgd(weights, learningRates(steps), momentum, weightDecay);
  }

  private Tracker learningRates(int steps) {
    if (decay == Decay.COSINE) {
      return Tracker.cosine()
          .setBaseValue((float) learningRate)
          .optFinalValue((float) learningRate / 1000)
          .setMaxUpdates(steps)
          .build();
    }
    // DJL's tracker of such steps cannot go back to an earlier one, as a restored run must.
    float base = (float) learningRate;
    return step ->
        step <= steps / 2 ? base : step <= steps * 3 / 4 ? base * 0.1f : base * 0.1f * 0.1f;
  }
}
