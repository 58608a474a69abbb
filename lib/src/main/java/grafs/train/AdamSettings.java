package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * The settings of the optimizer AdamW, as usual for transformers (GPT-3, Brown et al. 2020,
 * appendix B; nanoGPT). The learning rate rises linearly, beginning with 0 in the first step
 * (warm-up), then falls along half a cosine. Weight decay applies to weights of two or more
 * dimensions, not to biases and the weights of norms.
 *
 * @param learningRate the highest learning rate, positive
 * @param beta1 the decay rate β₁ of the running mean of gradients, in [0, 1)
 * @param beta2 the decay rate β₂ of the running mean of squared gradients, in [0, 1)
 * @param weightDecay the factor of the weight decay, 0 or positive
 * @param warmUp the fraction of the steps in which the learning rate rises, in [0, 1)
 * @param clip the largest norm of the gradient of all weights together; a gradient with a larger
 *     norm is scaled down to it. 0 for no clipping
 * @param last the learning rate after the last step as a fraction of the highest one, 0 to 1
 */
public record AdamSettings(
    double learningRate,
    double beta1,
    double beta2,
    double weightDecay,
    double warmUp,
    double clip,
    double last)
    implements OptimizerSettings {

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if a setting is out of its range or not finite; the message
   *     names it
   */
  public AdamSettings {
    check("learningRate", learningRate, learningRate > 0);
    check("beta1", beta1, beta1 >= 0 && beta1 < 1);
    check("beta2", beta2, beta2 >= 0 && beta2 < 1);
    check("weightDecay", weightDecay, weightDecay >= 0);
    check("warmUp", warmUp, warmUp >= 0 && warmUp < 1);
    check("clip", clip, clip >= 0);
    check("last", last, last >= 0 && last <= 1);
  }

  private static void check(String name, double value, boolean holds) {
    if (!holds || !Double.isFinite(value)) {
      throw new IllegalArgumentException("Adam's " + name + " is out of range: " + value);
    }
  }

  @Override
  public AdamSettings withLearningRate(double rate) {
    return new AdamSettings(rate, beta1, beta2, weightDecay, warmUp, clip, last);
  }

  @Override
  public AdamSettings annealed() {
    double end = last == 1 ? 0 : last;
    return new AdamSettings(learningRate, beta1, beta2, weightDecay, warmUp, clip, end);
  }

  @Override
  public WeightOptimizer optimizer(PairList<String, NDArray> weights, int steps) {
    return new AdamOptimizer(weights, learningRates(steps), this);
  }

  /**
   * Returns the schedule of the learning rate.
   *
   * @param steps the number of steps of the training
   * @return the learning rate in each step, counted from 1
   */
  Tracker learningRates(int steps) {
    int rising = (int) Math.round(warmUp * steps);
    return step -> {
      int past = step - 1;
      if (past < rising) {
        return (float) (learningRate * past / rising);
      }
      double cosine = OptimizerSettings.cosine((double) (past - rising) / (steps - rising));
      return (float) (learningRate * (last + (1 - last) * cosine));
    };
  }
}
