package grafs.nas;

import grafs.cell.CellWeights;

/**
 * One array of architecture parameters, its gradient and its optimizer: Adam (Kingma and Ba 2015)
 * in float64 with β₂ = 0.999, ε = 1e-8 and weight decay as an L2 penalty.
 */
final class Adam {

  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double beta1;
  private final double decay;

  /** The parameters, {@code [place][operation]}; NaN where there is none. */
  final double[][] values;

  /** The derivatives of the loss, {@code [place][operation]}, summed since the latest step. */
  double[][] gradient;

  /** The running mean of the gradients. */
  final double[][] mean;

  private final double[][] variance;
  private int steps;

  /**
   * Creates an optimizer with all state zero.
   *
   * @param values the parameters, which steps update in place; NaN stays NaN
   * @param beta1 β₁, the decay rate of the running mean of gradients
   * @param decay the weight decay
   */
  Adam(double[][] values, double beta1, double decay) {
    this.values = values;
    this.beta1 = beta1;
    this.decay = decay;
    gradient = CellWeights.zeros(values);
    mean = CellWeights.zeros(values);
    variance = CellWeights.zeros(values);
  }

  /** Creates an optimizer with the numbers of the paper's code (automl/GRAFS). */
  static Adam paper(double[][] values) {
    return new Adam(values, 0.5, 1e-3);
  }

  /**
   * Takes a step down the gradient, and clears it.
   *
   * @param rate the learning rate
   */
  void step(double rate) {
    steps++;
    double correction1 = 1 - Math.pow(beta1, steps);
    double correction2 = 1 - Math.pow(BETA2, steps);
    for (int p = 0; p < values.length; p++) {
      for (int o = 0; o < values[p].length; o++) {
        if (Double.isNaN(values[p][o])) {
          continue;
        }
        double g = gradient[p][o] + decay * values[p][o];
        mean[p][o] = beta1 * mean[p][o] + (1 - beta1) * g;
        variance[p][o] = BETA2 * variance[p][o] + (1 - BETA2) * g * g;
        values[p][o] -=
            rate * (mean[p][o] / correction1) / (Math.sqrt(variance[p][o] / correction2) + EPSILON);
      }
    }
    gradient = CellWeights.zeros(values);
  }
}
