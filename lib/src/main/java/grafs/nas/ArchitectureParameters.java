package grafs.nas;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Expression;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The architecture parameters of a search by gradient, shared by all cells of the network: α, one
 * for every operation in every place; β of the operations that have one; and the remaining
 * candidates. They are Java arrays, not tensors: the same seed gives the same bits on every
 * processor.
 */
public final class ArchitectureParameters {

  private final CellSpace space;
  private double[][] alpha;
  private double[][] beta;
  private Candidates candidates;

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
        space.places().stream()
            .map(place -> random.doubles(place.candidates().size()).map(u -> 1e-6 * u).toArray())
            .toArray(double[][]::new);
    beta = space.betaStart(random);
    candidates = Candidates.all(space);
  }

  /** {@return α, the array itself, {@code [place][operation]}} */
  public double[][] alpha() {
    return alpha;
  }

  /** {@return β, the array itself, {@code [place][operation]}; NaN where there is none} */
  public double[][] beta() {
    return beta;
  }

  /** {@return the remaining candidates} */
  public Candidates candidates() {
    return candidates;
  }

  /**
   * Replaces the candidates.
   *
   * @param left the remaining candidates
   */
  public void keep(Candidates left) {
    candidates = left;
  }

  /** Restores saved values. */
  void restore(double[][] savedAlpha, double[][] savedBeta, Candidates left) {
    alpha = savedAlpha;
    beta = savedBeta;
    candidates = left;
  }

  /** {@return the search space} */
  public CellSpace space() {
    return space;
  }

  /** {@return mixing weights {@code [rows][place][operation]} with the present β and candidates} */
  public CellWeights weights(double[][][] mixing) {
    return new CellWeights(mixing, beta, candidates);
  }

  /** {@return the function of the operations of largest α, with the present β} */
  public Expression function() {
    return space.function(candidates.best(alpha), beta);
  }

  /** {@return a copy of α} */
  public double[][] alphaValues() {
    return Arrays.stream(alpha).map(double[]::clone).toArray(double[][]::new);
  }

  /** {@return a copy of β} */
  double[][] betaValues() {
    return Arrays.stream(beta).map(double[]::clone).toArray(double[][]::new);
  }

  /**
   * {@return whether all α are finite and no β is infinite; a NaN β is not noticed, since NaN also
   * stands for no β}
   */
  boolean finite() {
    return Arrays.stream(alpha).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite)
        && Arrays.stream(beta).flatMapToDouble(Arrays::stream).noneMatch(Double::isInfinite);
  }
}
