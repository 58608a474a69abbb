package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.util.PairList;

/** The hyperparameters of the optimizer that trains a network's weights. */
public sealed interface OptimizerSettings permits SgdSettings, AdamSettings {

  /** {@return the highest learning rate} */
  double learningRate();

  /**
   * Returns these settings with another learning rate.
   *
   * @param rate the highest learning rate, positive
   * @return the new settings
   */
  OptimizerSettings withLearningRate(double rate);

  /**
   * Returns the settings of short trainings whose results are compared. At a constant rate, the
   * score after a short training depends on its last few steps.
   *
   * @return these settings if their learning rate falls; otherwise those with one that falls along
   *     half a cosine towards 0
   */
  OptimizerSettings annealed();

  /**
   * Makes an optimizer whose state is zero.
   *
   * @param weights the weights by name, such as {@link Learner#weights}
   * @param steps the number of steps it will be used for
   * @return the optimizer
   */
  WeightOptimizer optimizer(PairList<String, NDArray> weights, int steps);

  /** The cosine schedule: 1 at share 0 of the training, falling to 0 at share 1 and beyond. */
  static double cosine(double share) {
    return (1 + Math.cos(Math.PI * Math.min(1, share))) / 2;
  }
}
