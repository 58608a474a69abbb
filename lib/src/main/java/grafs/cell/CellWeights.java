package grafs.cell;

import java.util.Arrays;

/**
 * The mixing weights of the operations of a relaxed cell in one pass, and its β.
 *
 * @param weights {@code [rows][place][operation]}: a row for each instance of the cell in the
 *     network, or one row for all; over the candidates of a place they sum to 1
 * @param beta β, {@code [place][operation]}, shared by all instances; NaN where an operation has
 *     none
 * @param candidates the operations that are mixed; the weights of others are ignored
 */
public record CellWeights(double[][][] weights, double[][] beta, Candidates candidates) {

  /** {@return the index of an instance's row} */
  int row(int instance) {
    return weights.length == 1 ? 0 : instance;
  }

  /** {@return a gradient of zeros in the shape of these weights and β} */
  public Gradient zeroGradient() {
    double[][][] zeros = new double[weights.length][][];
    Arrays.setAll(zeros, row -> zeros(beta));
    return new Gradient(zeros, zeros(beta));
  }

  /** {@return zeros in the shape of an array} */
  public static double[][] zeros(double[][] like) {
    return Arrays.stream(like).map(row -> new double[row.length]).toArray(double[][]::new);
  }

  /** Adds a multiple of one array to another of the same shape. */
  public static void add(double[][] sum, double[][] term, double factor) {
    for (int p = 0; p < sum.length; p++) {
      for (int o = 0; o < sum[p].length; o++) {
        sum[p][o] += factor * term[p][o];
      }
    }
  }

  /**
   * The derivatives of a loss.
   *
   * @param weights ∂L/∂w, {@code [rows][place][operation]}
   * @param beta ∂L/∂β, {@code [place][operation]}
   */
  public record Gradient(double[][][] weights, double[][] beta) {}
}
