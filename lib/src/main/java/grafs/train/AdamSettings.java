package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * AdamW as transformers are trained with: the learning rate rises along a line from 0 in the first
 * step, then falls along half a cosine; weight decay is for matrices only, not for biases and norms
 * (as in GPT-3, Brown et al. 2020, appendix B, and nanoGPT).
 *
 * @param learningRate the highest learning rate, positive
 * @param beta1 how much of the gradients' mean stays in a step, 0 to 1
 * @param beta2 how much of the gradients' variance stays in a step, 0 to 1
 * @param weightDecay the decay's factor, 0 for none
 * @param warmUp the share of the steps in which the learning rate rises, 0 to 1
 * @param clip the largest norm of all gradients together, above which they are scaled down; 0 for
 *     any
 * @param last of the highest learning rate, what is left at the end, 0 to 1
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

  /**
   * Adam as PyTorch's is by default: β₁ 0.9, β₂ 0.999, no weight decay, the same learning rate in
   * all steps.
   *
   * @param learningRate the learning rate, positive
   */
  public AdamSettings(double learningRate) {
    this(learningRate, 0.9, 0.999, 0, 0, 0, 1);
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
  public AdamOptimizer optimizer(PairList<String, NDArray> weights, int steps) {
    return new AdamOptimizer(weights, learningRates(steps), beta1, beta2, weightDecay, clip);
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
