package grafs.search;

import grafs.train.OptimizerSettings;
import java.util.Objects;

/**
 * The numbers of a bilevel search. Each of the paper's techniques can be turned off, so that its
 * worth can be measured: {@link #without}.
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
 * @param order the order of α's gradient
 * @param accumulation the batches whose mean gradient one step takes, of α and of the weights; the
 *     last step of an epoch takes those that are left
 */
public record SearchSettings(
    int warmStartEpochs,
    int epochs,
    Shrinking shrinking,
    int batchSize,
    OptimizerSettings weights,
    double alphaLearningRate,
    CellWarmStart cellWarmStart,
    Relaxation relaxation,
    Architect.Order order,
    int accumulation) {

  /** The techniques of the paper that make gradient-based search work for activations. */
  public enum Technique {
    /** Training the weights with the default activation first. */
    WEIGHT_WARM_START,
    /** Fitting the cell to the default activation before it takes that one's place. */
    CELL_WARM_START,
    /** Dropping operations during the search; without, one cut at its end. */
    SHRINKING,
    /** Drawing the cells' weights from a Dirichlet distribution; without, DARTS' softmax. */
    SAMPLING
  }

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
    Objects.requireNonNull(order, "order, of α's gradient, is missing; DARTS and DrNAS have both");
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
        accumulation >= 1, "accumulation must be at least 1 batch a step, but is " + accumulation);
    check(
        alphaLearningRate > 0 && Double.isFinite(alphaLearningRate),
        "alphaLearningRate must be positive, but is " + alphaLearningRate);
  }

  /**
   * Turns one of the paper's techniques off. The one that is not here, bounding, belongs to the
   * space: {@link grafs.cell.CellSpace#unbounded()}.
   *
   * @param off the technique
   * @return these settings without it
   */
  public SearchSettings without(Technique off) {
    return new SearchSettings(
        off == Technique.WEIGHT_WARM_START ? 0 : warmStartEpochs,
        epochs,
        off == Technique.SHRINKING ? Shrinking.OFF : shrinking,
        batchSize,
        weights,
        alphaLearningRate,
        off == Technique.CELL_WARM_START ? CellWarmStart.OFF : cellWarmStart,
        off == Technique.SAMPLING ? Relaxation.SOFTMAX : relaxation,
        order,
        accumulation);
  }

  /**
   * Changes how α becomes weights.
   *
   * @param other the relaxation
   * @param fit how its cell is fitted to the default activation
   * @param rate Adam's learning rate for α, which is on another scale with another relaxation
   * @return these settings with it
   */
  public SearchSettings with(Relaxation other, CellWarmStart fit, double rate) {
    return new SearchSettings(
        warmStartEpochs,
        epochs,
        shrinking,
        batchSize,
        weights,
        rate,
        fit,
        other,
        order,
        accumulation);
  }

  /**
   * Changes the order of α's gradient.
   *
   * @param other the order
   * @return these settings with it
   */
  public SearchSettings with(Architect.Order other) {
    return new SearchSettings(
        warmStartEpochs,
        epochs,
        shrinking,
        batchSize,
        weights,
        alphaLearningRate,
        cellWarmStart,
        relaxation,
        other,
        accumulation);
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
