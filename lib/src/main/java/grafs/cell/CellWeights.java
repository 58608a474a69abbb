package grafs.cell;

import java.util.Arrays;

/**
 * The mixing weights w and the learnable scalars β of the {@link RelaxedCell relaxed cells} of a
 * network in one forward and backward pass. Such a cell is a graph of places, each of which
 * computes Σₒ wₒ·o(·) over its candidate operations o. Some operations have a β, as in β·x. A
 * network has several instances of the cell, one in place of each activation. Arrays {@code
 * [place][operation]} are indexed by the position in {@link CellSpace#places} and among the
 * candidates of that place.
 *
 * @param weights w, {@code [row][place][operation]}: one row for each instance, or a single row for
 *     all instances; over the remaining candidates of a place the weights sum to 1
 * @param beta β, {@code [place][operation]}, shared by all instances; NaN for an operation without
 *     β
 * @param candidates the remaining candidates, those that the search has not removed; the weights of
 *     the others are ignored
 */
public record CellWeights(double[][][] weights, double[][] beta, Candidates candidates) {

  /** {@return the index of the row that holds an instance's weights} */
  int row(int instance) {
    return weights.length == 1 ? 0 : instance;
  }

  /** {@return a gradient that is 0 everywhere, in the shape of these weights and β} */
  public Gradient zeroGradient() {
    double[][][] zeros = new double[weights.length][][];
    Arrays.setAll(zeros, row -> zeros(beta));
    return new Gradient(zeros, zeros(beta));
  }

  /**
   * {@return an array of zeros with the row lengths of another array}
   *
   * @param like the other array
   */
  public static double[][] zeros(double[][] like) {
    return Arrays.stream(like).map(row -> new double[row.length]).toArray(double[][]::new);
  }

  /**
   * Adds a multiple of one array to another of the same shape, element by element.
   *
   * @param sum the array that is changed
   * @param term the array that is multiplied and added
   * @param factor the factor of {@code term}
   */
  public static void add(double[][] sum, double[][] term, double factor) {
    for (int p = 0; p < sum.length; p++) {
      for (int o = 0; o < sum[p].length; o++) {
        sum[p][o] += factor * term[p][o];
      }
    }
  }

  /**
   * The derivatives of a loss L with respect to the mixing weights w and β.
   *
   * @param weights ∂L/∂w, {@code [row][place][operation]}
   * @param beta ∂L/∂β, {@code [place][operation]}, summed over all instances
   */
  public record Gradient(double[][][] weights, double[][] beta) {}
}
