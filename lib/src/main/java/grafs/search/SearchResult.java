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
 * @param relaxation how α became weights
 * @param warmStart the training scores of the warm-start epochs
 * @param start how the relaxed cell took the default activation's place
 * @param epochs one record an epoch of the search proper
 * @param seconds the time the search took, in all runs together if it was continued
 */
public record SearchResult(
    DiscreteActivation found,
    CellSpace space,
    Relaxation relaxation,
    List<Score> warmStart,
    Start start,
    List<Epoch> epochs,
    double seconds) {

  /**
   * The switch from the default activation to the relaxed cell.
   *
   * @param cellError the root mean square by which the cell misses the default over x ~ N(0, 1)
   * @param lossBefore the network's loss on a batch with the default activation, as it computes in
   *     training: running statistics of an epoch say little of what the search sees
   * @param lossAfter its loss on the same batch with the relaxed cells
   * @param inputs quantiles of what the cells are given, all of them together, from the least to
   *     the largest at even distances
   * @param alpha α at the switch
   */
  public record Start(
      double cellError,
      double lossBefore,
      double lossAfter,
      float[] inputs,
      ArchitectureParameters.Values alpha) {}

  /**
   * One epoch of the search.
   *
   * @param epoch the epoch, from 1
   * @param train the score of the weight steps, on the half of the training set for weights
   * @param validation the score on the half for α: of the α steps, or after the epoch where α was
   *     decided before it
   * @param alpha α after the epoch
   * @param candidates the operations left after the epoch
   * @param dropped the operations that were dropped in the epoch
   * @param seconds the time the epoch took
   */
  public record Epoch(
      int epoch,
      Score train,
      Score validation,
      ArchitectureParameters.Values alpha,
      Candidates candidates,
      List<Dropped> dropped,
      double seconds) {}

  /**
   * An operation that was dropped.
   *
   * @param step the step of the epoch, from 1, after which it was dropped
   * @param place the edge or vertex, such as {@code u3} or {@code b1}
   * @param operation the operation's name
   */
  public record Dropped(int step, String place, String operation) {}
}
