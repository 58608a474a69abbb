package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.util.PairList;

/**
 * The settings of an optimizer that trains a network's weights, including the schedule of the
 * learning rate.
 */
public sealed interface OptimizerSettings permits SgdSettings, AdamSettings {

  /** {@return the highest learning rate of the schedule} */
  double learningRate();

  /**
   * Returns these settings with another learning rate.
   *
   * @param rate the highest learning rate, positive
   * @return the new settings
   */
  OptimizerSettings withLearningRate(double rate);

  /**
   * Returns these settings with a learning rate that falls during the training. Short trainings
   * whose scores are compared use it: at a constant learning rate, the score depends too much on
   * the last few steps.
   *
   * @return these settings if their learning rate falls already; otherwise the same settings with a
   *     learning rate that falls along half a cosine towards 0
   */
  OptimizerSettings annealed();

  /**
   * Creates an optimizer with these settings. Its state arrays, such as running means of gradients,
   * are 0.
   *
   * @param weights the weights by name, as {@link Learner#weights} returns them
   * @param steps the number of steps of the training, by which the schedule of the learning rate is
   *     computed
   * @return the optimizer
   */
  WeightOptimizer optimizer(PairList<String, NDArray> weights, int steps);

  /**
   * Checks the value of a setting.
   *
   * @param holds whether the value is in its range
   * @param name the name of the setting, for the message
   * @param range the range, for the message, such as {@code in [0, 1)}
   * @param value the value
   * @throws IllegalArgumentException if the value is not in its range or not finite
   */
  static void require(boolean holds, String name, String range, double value) {
    if (!holds || !Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s must be a finite number %s, but is %s".formatted(name, range, value));
    }
  }

  /**
   * Returns the factor of the learning rate in a cosine schedule, (1 + cos(π·share)) / 2.
   *
   * @param share the fraction of the steps that is done, at least 0; values above 1 count as 1
   * @return the factor, from 1 at share 0 to 0 at share 1
   */
  static double cosine(double share) {
    return (1 + Math.cos(Math.PI * Math.min(1, share))) / 2;
  }
}
