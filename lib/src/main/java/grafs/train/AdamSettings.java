package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;

/**
 * The settings of the optimizer AdamW, with the schedule of the learning rate that is usual for
 * transformers (GPT-3, Brown et al. 2020, appendix B; the code of nanoGPT). During the warm-up, the
 * first steps of a training, the learning rate rises linearly from 0. Then it falls along half a
 * cosine. Weight decay applies to weights of two or more dimensions, not to biases and the weights
 * of norms.
 *
 * @param learningRate the highest learning rate, positive
 * @param beta1 the decay rate β₁ of the running mean of gradients, in [0, 1)
 * @param beta2 the decay rate β₂ of the running mean of squared gradients, in [0, 1)
 * @param weightDecay the weight decay λ, 0 or positive: a step with learning rate η multiplies
 *     weights by 1 − η·λ before it uses the gradient
 * @param warmUp the fraction of the steps in which the learning rate rises, in [0, 1)
 * @param clip the largest norm of the gradient of all weights together; a gradient with a larger
 *     norm is scaled down to it. 0 for no clipping
 * @param last the learning rate that the schedule reaches after the last step, as a fraction of the
 *     highest learning rate, 0 to 1; with 1 the learning rate does not fall
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
   *     names the setting
   */
  public AdamSettings {
    OptimizerSettings.require(learningRate > 0, "Adam's learningRate", "above 0", learningRate);
    OptimizerSettings.require(beta1 >= 0 && beta1 < 1, "Adam's beta1", "in [0, 1)", beta1);
    OptimizerSettings.require(beta2 >= 0 && beta2 < 1, "Adam's beta2", "in [0, 1)", beta2);
    OptimizerSettings.require(weightDecay >= 0, "Adam's weightDecay", "of 0 or more", weightDecay);
    OptimizerSettings.require(warmUp >= 0 && warmUp < 1, "Adam's warmUp", "in [0, 1)", warmUp);
    OptimizerSettings.require(clip >= 0, "Adam's clip", "of 0 or more", clip);
    OptimizerSettings.require(last >= 0 && last <= 1, "Adam's last", "in [0, 1]", last);
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
   * @return a function from the number of a step, counted from 1, to the learning rate
   */
  Tracker learningRates(int steps) {
    int rising = (int) Math.round(warmUp * steps);
    return step -> {
      int past = step - 1;
      if (past < rising) {
        return (float) (learningRate * past / rising);
      }
      // If the warm-up takes all steps, the learning rate stays at its highest value after them.
      // The maximum avoids a division by 0 in this case.
      double share = (double) (past - rising) / Math.max(1, steps - rising);
      double cosine = OptimizerSettings.cosine(share);
      return (float) (learningRate * (last + (1 - last) * cosine));
    };
  }
}
