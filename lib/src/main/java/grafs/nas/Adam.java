package grafs.nas;

import grafs.cell.CellWeights;

/**
 * The optimizer Adam (Kingma and Ba 2015) for parameters in a Java array, in float64. It holds the
 * parameters, their gradient and the state of the optimizer. β₂ is 0.999 and ε is 1e-8. Weight
 * decay is an L2 penalty: its factor times the parameter is added to the gradient.
 *
 * <p>A search for an activation function trains two such arrays, α and β ({@link
 * ArchitectureParameters}). It chooses the operations of a cell, a small graph of operations such
 * as sin or +. Both arrays are {@code [place][operation]}: a place is an edge or vertex of the
 * graph, an operation is one of the candidates for that place. α has a number for each candidate,
 * by which the candidate is rated. β are the learnable scalars that some operations have, as in
 * β·x.
 */
final class Adam {

  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double beta1;
  private final double decay;

  /**
   * The parameters. In β, NaN marks operations that have no β; {@link #step} leaves NaN unchanged.
   */
  final double[][] values;

  /**
   * The derivatives of the loss with respect to the parameters, summed since the last call of
   * {@link #step}.
   */
  double[][] gradient;

  /** The running mean of the gradients, weight decay included, before Adam's bias correction. */
  final double[][] mean;

  private final double[][] variance;
  private int steps;

  /**
   * Creates an optimizer whose running means are zero.
   *
   * @param values the initial parameters; {@link #step} changes this array
   * @param beta1 β₁, the decay rate of the running mean of gradients, in [0, 1)
   * @param decay the factor of the weight decay; 0 for none
   */
  Adam(double[][] values, double beta1, double decay) {
    this.values = values;
    this.beta1 = beta1;
    this.decay = decay;
    gradient = CellWeights.zeros(values);
    mean = CellWeights.zeros(values);
    variance = CellWeights.zeros(values);
  }

  /**
   * {@return an optimizer of these parameters with β₁ = 0.5 and weight decay 1e-3, as in the code
   * of arXiv 2408.06820 (automl/GRAFS)}
   */
  static Adam paper(double[][] values) {
    return new Adam(values, 0.5, 1e-3);
  }

  /**
   * Updates the parameters by one step of Adam and sets the gradient to zero.
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
