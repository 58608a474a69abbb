package grafs.nas;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Expression;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The architecture parameters α and β of a gradient-based search for an activation function. The
 * search replaces each activation of the network by a cell, a small graph of operations such as sin
 * or +. A place is an edge or vertex of the graph, for which the search chooses one of several
 * candidate operations. A search space ({@link CellSpace}) defines the places and their candidates.
 * All cells of the network share the same α and β.
 *
 * <p>During the search the cells are relaxed: each place mixes all its candidates. α is one number
 * for each candidate of each place; a {@link Relaxation} maps α to mixing weights. β are the
 * learnable scalars that some operations have, as in β·x. Shrinking removes candidates during the
 * search. The entries of removed candidates stay in the arrays of α and β and are ignored.
 *
 * <p>α and β are Java arrays in float64, not tensors, so that they are drawn and updated in the
 * same way on every device.
 */
public final class ArchitectureParameters {

  private final CellSpace space;

  /** The candidates that shrinking has not removed. */
  Candidates candidates;

  /** α, with its gradient and the state of its optimizer. */
  Adam alpha;

  /** β, with its gradient and the state of its optimizer. */
  Adam beta;

  /**
   * Draws the starting values: α uniformly from 0 to 1e-6, as the code of arXiv 2408.06820
   * (automl/GRAFS) does, and each β from the normal distribution that its operation defines ({@link
   * CellSpace#betaStart}). No candidate is removed yet.
   *
   * @param space the search space
   * @param seed the seed of the starting values
   */
  public ArchitectureParameters(CellSpace space, long seed) {
    this.space = space;
    SplittableRandom random = new SplittableRandom(seed);
    alpha =
        Adam.paper(
            space.places().stream()
                .map(place -> random.doubles(place.candidates().size()))
                .map(uniform -> uniform.map(u -> 1e-6 * u).toArray())
                .toArray(double[][]::new));
    beta = Adam.paper(space.betaStart(random));
    candidates = Candidates.all(space);
  }

  /** {@return α, {@code [place][operation]}: the array that the search uses, not a copy} */
  public double[][] alpha() {
    return alpha.values;
  }

  /**
   * {@return β, {@code [place][operation]}: the array that the search uses, not a copy; NaN at
   * operations that have no β}
   */
  public double[][] beta() {
    return beta.values;
  }

  /** {@return the candidates that shrinking has not removed} */
  public Candidates candidates() {
    return candidates;
  }

  /** {@return the search space} */
  public CellSpace space() {
    return space;
  }

  /**
   * {@return mixing weights computed or drawn from the present α. If the relaxation draws for each
   * cell separately, there are {@code rows} rows of mixing weights, one for each cell; otherwise
   * there is one row, which all cells share}
   */
  Relaxation.Draw draw(Relaxation relaxation, int rows, RandomGenerator random) {
    return relaxation.draw(alpha.values, candidates, rows, random);
  }

  /**
   * {@return what a relaxed cell needs to be evaluated: mixing weights, with the present β and
   * candidates}
   *
   * @param mixing the mixing weights, {@code [rows][place][operation]}: one row for each cell of
   *     the network, or a single row for all cells
   */
  public CellWeights weights(double[][][] mixing) {
    return new CellWeights(mixing, beta.values, candidates);
  }

  /**
   * {@return the function that has in each place the operation with the largest α of those not
   * removed, with the present β}
   */
  public Expression function() {
    return space.function(candidates.best(alpha.values), beta.values);
  }

  /** {@return a copy of α, {@code [place][operation]}} */
  public double[][] alphaValues() {
    return copy(alpha.values);
  }

  /** {@return a copy of β, {@code [place][operation]}} */
  double[][] betaValues() {
    return copy(beta.values);
  }

  private static double[][] copy(double[][] values) {
    return Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
  }

  /** {@return whether all values are finite} */
  static boolean finite(double[][] values) {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
  }

  /**
   * {@return whether all α are finite and no β is infinite} A β that became NaN is not detected,
   * since NaN also marks operations that have no β.
   */
  boolean finite() {
    return finite(alpha.values)
        && Arrays.stream(beta.values).flatMapToDouble(Arrays::stream).noneMatch(Double::isInfinite);
  }
}
