package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * AdamW with the settings usual for transformers: the learning rate rises linearly from 0 in the
 * first step, then falls along half a cosine; weight decay applies to weights of two or more
 * dimensions, not to biases and norms (as in GPT-3, Brown et al. 2020, appendix B, and nanoGPT).
 *
 * @param learningRate the highest learning rate, positive
 * @param beta1 the decay rate of the running mean of gradients, in [0, 1)
 * @param beta2 the decay rate of the running mean of squared gradients, in [0, 1)
 * @param weightDecay the factor of the weight decay, 0 for none
 * @param warmUp the share of the steps in which the learning rate rises, in [0, 1)
 * @param clip the largest norm of all gradients together; larger gradients are scaled down to it. 0
 *     for no clipping
 * @param last the final learning rate as a share of the highest, 0 to 1
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
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
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
