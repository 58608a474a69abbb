package grafs.search;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import grafs.train.Score;
import java.util.List;

/**
 * What a search found and how it got there.
 *
 * @param found the activation function
 * @param space the search space
 * @param warmStart the training scores of the warm-start epochs
 * @param cellError the root mean square by which the fitted cell missed the default activation,
 *     over x ~ N(0, 1) and the draws of a relaxation that draws
 * @param fitted α after the fit, before the first search epoch
 * @param epochs one record an epoch of the search proper
 * @param seconds the time the search took
 */
public record SearchResult(
    DiscreteActivation found,
    CellSpace space,
    List<Score> warmStart,
    double cellError,
    ArchitectureParameters.Values fitted,
    List<Epoch> epochs,
    double seconds) {

  /**
   * One epoch of the search.
   *
   * @param epoch the epoch, from 1
   * @param train the score of the weight steps, on the half of the training set for weights
   * @param validation the score on the half for α: of the α steps, or after the epoch where α was
   *     decided before it
   * @param alpha α after the epoch
   * @param candidates the operations left after the epoch
   * @param seconds the time the epoch took
   */
  public record Epoch(
      int epoch,
      Score train,
      Score validation,
      ArchitectureParameters.Values alpha,
      Candidates candidates,
      double seconds) {}
}
