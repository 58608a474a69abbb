package grafs.nas;

import grafs.cell.CellWeights;

/**
 * Adam for α and β together, with the paper's settings (automl/GRAFS): β₁ = 0.5, β₂ = 0.999, weight
 * decay 1e-3 as an L2 penalty, ε = 1e-8. α and β are updated in float64.
 */
final class AlphaOptimizer {

  static final double BETA1 = 0.5;
  static final double BETA2 = 0.999;
  static final double WEIGHT_DECAY = 1e-3;
  private static final double EPSILON = 1e-8;

  private final double learningRate;
  private int steps;
  private double[][][] mean;
  private double[][][] variance;

  /**
   * The state of the optimizer, for checkpoints.
   *
   * @param steps the steps taken
   * @param mean the running mean of the gradients of α, then of β
   * @param variance the running mean of their squares
   */
  record State(int steps, double[][][] mean, double[][][] variance) {}

  AlphaOptimizer(ArchitectureParameters parameters, double learningRate) {
    this.learningRate = learningRate;
    mean =
        new double[][][] {
          CellWeights.zeros(parameters.alpha()), CellWeights.zeros(parameters.beta())
        };
    variance =
        new double[][][] {
          CellWeights.zeros(parameters.alpha()), CellWeights.zeros(parameters.beta())
        };
  }

  /**
   * Takes a step down a gradient.
   *
   * @param parameters the parameters to update
   * @param alpha dL/dα, {@code [place][operation]}
   * @param beta dL/dβ, {@code [place][operation]}
   */
  void step(ArchitectureParameters parameters, double[][] alpha, double[][] beta) {
    steps++;
    move(parameters.alpha(), alpha, 0);
    move(parameters.beta(), beta, 1);
  }

  private void move(double[][] values, double[][] gradient, int which) {
    adam(values, gradient, mean[which], variance[which], steps, learningRate, BETA1, WEIGHT_DECAY);
  }

  /**
   * Takes a step of Adam.
   *
   * @param values the values to update; NaN stays NaN
   * @param gradient the loss's derivatives
   * @param m the running mean of the gradients, which is updated
   * @param v the mean of their squares
   * @param step the number of the step, from 1
   * @param rate the learning rate
   * @param beta1 β₁
   * @param decay the weight decay
   */
  static void adam(
      double[][] values,
      double[][] gradient,
      double[][] m,
      double[][] v,
      int step,
      double rate,
      double beta1,
      double decay) {
    double correction1 = 1 - Math.pow(beta1, step);
    double correction2 = 1 - Math.pow(BETA2, step);
    for (int p = 0; p < values.length; p++) {
      for (int o = 0; o < values[p].length; o++) {
        if (Double.isNaN(values[p][o])) {
          continue;
        }
        double g = gradient[p][o] + decay * values[p][o];
        m[p][o] = beta1 * m[p][o] + (1 - beta1) * g;
        v[p][o] = BETA2 * v[p][o] + (1 - BETA2) * g * g;
        values[p][o] -=
            rate * (m[p][o] / correction1) / (Math.sqrt(v[p][o] / correction2) + EPSILON);
      }
    }
  }

  State state() {
    return new State(steps, mean, variance);
  }

  void restore(State state) {
    steps = state.steps;
    mean = state.mean;
    variance = state.variance;
  }
}
