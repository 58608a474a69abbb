package grafs.cell;

/**
 * What a relaxed cell mixes its operations by in one pass, and its β.
 *
 * @param weights {@code [rows][place][operation]}: a row for each instance of the cell in the
 *     network, or one row for all; over the candidates of a place they sum to 1
 * @param beta β, {@code [place][operation]}, shared by all instances; NaN where an operation has
 *     none
 * @param candidates the operations that are mixed; other weights are not looked at
 */
public record CellWeights(double[][][] weights, double[][] beta, Candidates candidates) {

  /** {@return the row of an instance} */
  double[][] of(int instance) {
    return weights[row(instance)];
  }

  /** {@return the index of an instance's row} */
  int row(int instance) {
    return weights.length == 1 ? 0 : instance;
  }

  /** {@return derivatives of 0 by these weights and β} */
  public Gradient zeroGradient() {
    return Gradient.zeros(this);
  }

  /**
   * The derivatives of a loss.
   *
   * @param weights by the weights, {@code [rows][place][operation]}
   * @param beta by β, {@code [place][operation]}
   */
  public record Gradient(double[][][] weights, double[][] beta) {

    /** {@return zeros in the shape of some weights} */
    static Gradient zeros(CellWeights like) {
      double[][][] weights = new double[like.weights.length][][];
      for (int row = 0; row < weights.length; row++) {
        weights[row] = zeros(like.beta);
      }
      return new Gradient(weights, zeros(like.beta));
    }

    private static double[][] zeros(double[][] like) {
      double[][] zeros = new double[like.length][];
      for (int p = 0; p < like.length; p++) {
        zeros[p] = new double[like[p].length];
      }
      return zeros;
    }
  }
}
