package grafs.nas;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Expression;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The architecture parameters of a search by gradient, shared by all cells of the network: α, one
 * for every operation in every place; β of the operations that have one; and the remaining
 * candidates. They are Java arrays, not tensors: the same seed gives the same bits on every
 * processor.
 */
public final class ArchitectureParameters {

  private final CellSpace space;

  /** The remaining candidates. */
  Candidates candidates;

  /** α, with its gradient. */
  Adam alpha;

  /** β, with its gradient. */
  Adam beta;

  /**
   * Draws α from U(0, 1)·1e-6, as the paper's code does, and β from their starting values.
   *
   * @param space the search space
   * @param seed the seed
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

  /** {@return α, the array itself, {@code [place][operation]}} */
  public double[][] alpha() {
    return alpha.values;
  }

  /** {@return β, the array itself, {@code [place][operation]}; NaN where there is none} */
  public double[][] beta() {
    return beta.values;
  }

  /** {@return the remaining candidates} */
  public Candidates candidates() {
    return candidates;
  }

  /** {@return the search space} */
  public CellSpace space() {
    return space;
  }

  /** {@return a draw of mixing weights from the present α, in at most {@code rows} rows} */
  Relaxation.Draw draw(Relaxation relaxation, int rows, RandomGenerator random) {
    return relaxation.draw(alpha.values, candidates, rows, random);
  }

  /** {@return mixing weights {@code [rows][place][operation]} with the present β and candidates} */
  public CellWeights weights(double[][][] mixing) {
    return new CellWeights(mixing, beta.values, candidates);
  }

  /** {@return the function of the operations of largest α, with the present β} */
  public Expression function() {
    return space.function(candidates.best(alpha.values), beta.values);
  }

  /** {@return a copy of α} */
  public double[][] alphaValues() {
    return copy(alpha.values);
  }

  /** {@return a copy of β} */
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
   * {@return whether all α are finite and no β is infinite; a NaN β is not noticed, since NaN also
   * stands for no β}
   */
  boolean finite() {
    return finite(alpha.values)
        && Arrays.stream(beta.values).flatMapToDouble(Arrays::stream).noneMatch(Double::isInfinite);
  }
}
