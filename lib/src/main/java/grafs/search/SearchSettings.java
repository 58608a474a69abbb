package grafs.search;

import grafs.train.SgdSettings;

/**
 * The numbers of a bilevel search.
 *
 * @param warmStartEpochs epochs in which only the weights are trained, with the default activation
 * @param epochs epochs of the search proper
 * @param startShrinking the search epoch at whose end operations begin to be dropped; 0 for at once
 * @param batchSize the batch size of both halves of the training set
 * @param weights the optimizer of the weights, over warm start and search together
 * @param alphaLearningRate Adam's learning rate for α
 * @param cellWarmStart how the cell is fitted to the default activation before it takes its place
 * @param relaxation how α becomes weights
 * @param order the order of α's gradient
 * @param accumulation the batches whose mean gradient one step takes, of α and of the weights; the
 *     last step of an epoch takes those that are left
 */
public record SearchSettings(
    int warmStartEpochs,
    int epochs,
    int startShrinking,
    int batchSize,
    SgdSettings weights,
    double alphaLearningRate,
    CellWarmStart cellWarmStart,
    Relaxation relaxation,
    Architect.Order order,
    int accumulation) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public SearchSettings {
    check(warmStartEpochs >= 0, "warmStartEpochs must not be negative, but is " + warmStartEpochs);
    check(epochs >= 1, "epochs must be at least 1, but is " + epochs);
    check(
        startShrinking >= 0 && startShrinking < epochs,
        "startShrinking must be an epoch from 0 to " + (epochs - 1) + ", but is " + startShrinking);
    check(batchSize >= 1, "batchSize must be at least 1, but is " + batchSize);
    check(accumulation >= 1, "accumulation must be at least 1, but is " + accumulation);
    check(alphaLearningRate > 0, "alphaLearningRate must be positive, but is " + alphaLearningRate);
  }

  /**
   * The epoch after which one operation is left everywhere: the last but one, so that the last
   * trains the weights for what was decided.
   *
   * @return the epoch, after startShrinking
   */
  public int endShrinking() {
    return Math.max(startShrinking + 1, epochs - 1);
  }

  /** {@return the steps that some batches are for} */
  int steps(int batches) {
    return (batches + accumulation - 1) / accumulation;
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
