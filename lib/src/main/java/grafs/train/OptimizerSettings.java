package grafs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.util.PairList;

/** The numbers of the optimizer that trains a network's weights. */
public sealed interface OptimizerSettings permits SgdSettings, AdamSettings {

  /** {@return the highest learning rate} */
  double learningRate();

  /**
   * Takes another learning rate.
   *
   * @param rate the highest learning rate, positive
   * @return the settings with it
   */
  OptimizerSettings withLearningRate(double rate);

  /**
   * Makes an optimizer at rest.
   *
   * @param weights the weights by name, such as {@link Learner#weights}
   * @param steps the number of steps it will be used for
   * @return the optimizer
   */
  WeightOptimizer optimizer(PairList<String, NDArray> weights, int steps);

  /** Half a cosine: from 1, at a share of 0 of the way, to 0 at its end and beyond. */
  static double cosine(double share) {
    return (1 + Math.cos(Math.PI * Math.min(1, share))) / 2;
  }
}
