package grafs.train;

import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

/**
 * Stochastic gradient descent with momentum, as the paper trains its residual networks.
 *
 * @param learningRate the initial learning rate, positive
 * @param momentum the momentum, 0 to 1
 * @param weightDecay the L2 penalty's factor
 * @param decay how the learning rate falls
 */
public record SgdSettings(double learningRate, double momentum, double weightDecay, Decay decay) {

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

  /**
   * Makes a fresh optimizer.
   *
   * @param steps the number of steps it will be used for
   * @return the optimizer
   */
  public Optimizer optimizer(int steps) {
    Tracker tracker =
        decay == Decay.COSINE
            ? Tracker.cosine()
                .setBaseValue((float) learningRate)
                .optFinalValue((float) learningRate / 1000)
                .setMaxUpdates(steps)
                .build()
            : Tracker.multiFactor()
                .setBaseValue((float) learningRate)
                .setSteps(new int[] {steps / 2, steps * 3 / 4})
                .optFactor(0.1f)
                .build();
    return Optimizer.sgd()
        .setLearningRateTracker(tracker)
        .optMomentum((float) momentum)
        .optWeightDecays((float) weightDecay)
        .build();
  }
}
