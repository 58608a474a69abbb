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
 * @param decay the schedule of the learning rate
 */
public record SgdSettings(double learningRate, double momentum, double weightDecay, Decay decay)
    implements OptimizerSettings {

  /** The schedule of the learning rate over the steps of a training. */
  public enum Decay {
    /** The initial learning rate in all steps. */
    CONSTANT,
    /**
     * A tenth of the initial learning rate after 50 % of the steps, a hundredth after 75 % (He et
     * al. 2016).
     */
    STEPS,
    /** Falls along half a cosine towards 0 (Loshchilov and Hutter 2017). */
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
          "SGD needs a learning rate > 0, a momentum in [0, 1) and a weight decay >= 0, not %s, %s, %s"
              .formatted(learningRate, momentum, weightDecay));
    }
  }

  @Override
  public SgdSettings withLearningRate(double rate) {
    return new SgdSettings(rate, momentum, weightDecay, decay);
  }

  @Override
  public SgdSettings annealed() {
    Decay falling = decay == Decay.CONSTANT ? Decay.COSINE : decay;
    return new SgdSettings(learningRate, momentum, weightDecay, falling);
  }

  @Override
  public WeightOptimizer optimizer(PairList<String, NDArray> weights, int steps) {
    return new SgdOptimizer(weights, learningRates(steps), this);
  }

  private Tracker learningRates(int steps) {
    return step ->
        (float)
            (learningRate
                * switch (decay) {
                  case CONSTANT -> 1;
                  case STEPS -> step <= steps / 2 ? 1 : step <= steps * 3 / 4 ? 0.1 : 0.01;
                  case COSINE -> OptimizerSettings.cosine((step - 1.0) / steps);
                });
  }
}
