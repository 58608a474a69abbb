package grafs.search;

import grafs.train.SgdSettings;
import java.util.Objects;

/**
 * The numbers of a bilevel search. Each of the paper's techniques can be turned off, so that its
 * worth can be measured: the weights' warm start by 0 epochs, the cell's by {@link
 * CellWarmStart#OFF}, shrinking by {@link Shrinking#OFF}, the sampled relaxation by {@link
 * Relaxation#SOFTMAX}; bounding, which belongs to the space, by {@link
 * grafs.cell.CellSpace#unbounded()}.
 *
 * @param warmStartEpochs epochs in which only the weights are trained, with the default activation;
 *     0 for none
 * @param epochs epochs of the search proper
 * @param shrinking when operations are dropped
 * @param batchSize the batch size of both halves of the training set
 * @param weights the optimizer of the weights, over warm start and search together
 * @param alphaLearningRate Adam's learning rate for α
 * @param cellWarmStart how the cell is fitted to the default activation before it takes its place
 * @param relaxation how α becomes weights
 */
public record SearchSettings(
    int warmStartEpochs,
    int epochs,
    Shrinking shrinking,
    int batchSize,
    SgdSettings weights,
    double alphaLearningRate,
    CellWarmStart cellWarmStart,
    Relaxation relaxation) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public SearchSettings {
    Objects.requireNonNull(shrinking, "shrinking is missing; Shrinking.OFF turns it off");
    Objects.requireNonNull(weights, "weights, the settings of the weights' optimizer, are missing");
    Objects.requireNonNull(
        cellWarmStart, "cellWarmStart is missing; CellWarmStart.OFF turns it off");
    Objects.requireNonNull(relaxation, "relaxation is missing; Relaxation.SOFTMAX is DARTS");
    check(
        warmStartEpochs >= 0,
        "warmStartEpochs must be 0 (no warm start) or more, but is " + warmStartEpochs);
    check(epochs >= 1, "epochs must be at least 1, but is " + epochs);
    check(
        shrinking.start() < epochs,
        "shrinking.start must be before the end of the search: an epoch from 0 to %d, but is %d"
            .formatted(epochs - 1, shrinking.start()));
    check(batchSize >= 1, "batchSize must be at least 1, but is " + batchSize);
    check(
        alphaLearningRate > 0 && Double.isFinite(alphaLearningRate),
        "alphaLearningRate must be positive, but is " + alphaLearningRate);
  }

  /** {@return these settings with another number of warm-start epochs; 0 turns it off} */
  public SearchSettings withWarmStartEpochs(int epochs) {
    return new SearchSettings(
        epochs,
        this.epochs,
        shrinking,
        batchSize,
        weights,
        alphaLearningRate,
        cellWarmStart,
        relaxation);
  }

  /** {@return these settings with another shrinking} */
  public SearchSettings with(Shrinking other) {
    return new SearchSettings(
        warmStartEpochs,
        epochs,
        other,
        batchSize,
        weights,
        alphaLearningRate,
        cellWarmStart,
        relaxation);
  }

  /** {@return these settings with another warm start of the cell} */
  public SearchSettings with(CellWarmStart other) {
    return new SearchSettings(
        warmStartEpochs,
        epochs,
        shrinking,
        batchSize,
        weights,
        alphaLearningRate,
        other,
        relaxation);
  }

  /** {@return these settings with another relaxation} */
  public SearchSettings with(Relaxation other) {
    return new SearchSettings(
        warmStartEpochs,
        epochs,
        shrinking,
        batchSize,
        weights,
        alphaLearningRate,
        cellWarmStart,
        other);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
