package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.util.Objects;

/**
 * The settings of stochastic gradient descent with momentum, the optimizer with which arXiv
 * 2408.06820 trains its residual networks. For weights w with gradient g, learning rate η, momentum
 * μ and weight decay λ, a step is b ← μ·b + g + λ·w, w ← w − η·b. The buffer b is 0 at first.
 *
 * @param learningRate the learning rate η of the first step, positive
 * @param momentum the momentum μ, in [0, 1)
 * @param weightDecay the factor λ of the L2 penalty, 0 or positive
 * @param decay the schedule of the learning rate
 */
public record SgdSettings(double learningRate, double momentum, double weightDecay, Decay decay)
    implements OptimizerSettings {

  /** The schedule of the learning rate over the steps of a training. */
  public enum Decay {
    /** All steps have the initial learning rate. */
    CONSTANT,
    /**
     * The learning rate falls to a tenth of the initial one after 50 % of the steps, and to a
     * hundredth after 75 % (as for CIFAR-10 in the paper on ResNet, He et al. 2016, section 4.2).
     */
    STEPS,
    /**
     * The learning rate falls along half a cosine from the initial one towards 0 (SGDR without
     * restarts, Loshchilov and Hutter 2017).
     */
    COSINE
  }

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if a number is out of its range or not finite; the message
   *     names the setting
   * @throws NullPointerException if the schedule is null
   */
  public SgdSettings {
    OptimizerSettings.require(learningRate > 0, "SGD's learningRate", "above 0", learningRate);
    OptimizerSettings.require(
        momentum >= 0 && momentum < 1, "SGD's momentum", "in [0, 1)", momentum);
    OptimizerSettings.require(weightDecay >= 0, "SGD's weightDecay", "of 0 or more", weightDecay);
    Objects.requireNonNull(decay, "SGD's decay");
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

  /**
   * Returns the schedule of the learning rate: a function from the number of a step, counted from
   * 1, to the learning rate.
   */
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
