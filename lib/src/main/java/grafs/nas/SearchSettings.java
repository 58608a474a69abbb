package grafs.nas;

import grafs.train.OptimizerSettings;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The settings of a search by gradient. Each technique can be turned off, and each departure from
 * the paper's code turned on, so that its effect can be measured. Each setting has a method that
 * returns a copy with another value.
 *
 * @param warmStartEpochs the first epochs, in which the weights are trained with the default
 *     activation; 0 for none
 * @param epochs epochs of the search, warm start included
 * @param shrinking when operations are dropped
 * @param batchSize the batch size of both parts of the training set
 * @param accumulation the number of batches whose mean gradient makes one step, of α and of the
 *     weights
 * @param weights the optimizer of the weights
 * @param alphaLearningRate Adam's learning rate for α and β
 * @param alphaShare the share of the training set that α is trained on, between 0 and 1; the rest
 *     is for the weights
 * @param relaxation how α is mapped to mixing weights of operations
 * @param order the order of α's gradient
 * @param levels which batches train what
 * @param fit how the cell is fitted to the default activation at the end of the warm start; with a
 *     fit, α is not trained before, and without a warm start there is no fit. {@link CellFit#OFF}
 *     in the paper
 * @param selection the epoch whose function is the result
 * @param searches the number of searches, each from other initial weights and with other draws. One
 *     verification compares the functions of all; without it, the best by {@code selection} is
 *     taken. DARTS makes four (Liu et al. 2019, section 3.1), the paper one
 * @param verification how the result is compared with the default activation; {@link
 *     Verification#OFF} in the paper
 */
public record SearchSettings(
    int warmStartEpochs,
    int epochs,
    Shrinking shrinking,
    int batchSize,
    int accumulation,
    OptimizerSettings weights,
    double alphaLearningRate,
    double alphaShare,
    Relaxation relaxation,
    Order order,
    Levels levels,
    CellFit fit,
    Selection selection,
    int searches,
    Verification verification) {

  /** The order of α's gradient (Liu et al. 2019, section 2.3). */
  public enum Order {
    /** The weights are constants: one backward pass. */
    FIRST,
    /** The weights take one step of their optimizer first: four backward passes. */
    SECOND;

    /** {@return how many forward and backward passes of a batch α's part of a step takes} */
    public int passes() {
      return this == FIRST ? 1 : 4;
    }
  }

  /** Which batches train what. */
  public enum Levels {
    /** The paper's text: α's batches train α, the weights' batches the weights. */
    BILEVEL,
    /**
     * What the paper's ResNet and ViT scripts do: gradients are not cleared between the two passes,
     * so a step of the weights takes the sum of both passes' gradients, and a step of α that of its
     * own pass and of the weights' pass before it.
     */
    JOINT
  }

  /** The epoch whose function is the result. */
  public enum Selection {
    /** The epoch after the warm start whose discretised network scores best on α's part. */
    BEST_EPOCH,
    /** The last epoch. */
    LAST_EPOCH;

    /** Selects one of the epochs of a search; of equally good ones, the first. */
    SearchResult.Epoch of(List<SearchResult.Epoch> epochs) {
      return this == LAST_EPOCH ? epochs.get(epochs.size() - 1) : ShortList.ranked(epochs).get(0);
    }
  }

  /** The techniques of the paper that make gradient-based search work for activations. */
  public enum Technique {
    /** Training the weights with the default activation first. */
    WARM_START,
    /**
     * Dropping operations during the search; without it, those of largest α are taken at its end.
     */
    SHRINKING,
    /** An independent draw for each cell; without it, one draw for all cells. */
    DRAW_PER_CELL,
    /** Drawing mixing weights from a Dirichlet distribution; without it, the softmax of DARTS. */
    SAMPLING
  }

  /**
   * The settings of the paper's ResNet search, except for the optimizer of the weights.
   *
   * @param weights the optimizer of the weights
   * @return settings with 50 epochs and two batches of 64 in a step
   */
  public static SearchSettings paper(OptimizerSettings weights) {
    return new SearchSettings(
        1,
        50,
        new Shrinking(Shrinking.Unit.EPOCH, 2),
        64,
        2,
        weights,
        6e-4,
        0.25,
        Relaxation.DRNAS,
        Order.FIRST,
        Levels.BILEVEL,
        CellFit.OFF,
        Selection.BEST_EPOCH,
        1,
        Verification.OFF);
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public SearchSettings {
    Objects.requireNonNull(shrinking, "shrinking is missing; Shrinking.OFF turns it off");
    Objects.requireNonNull(weights, "weights, the settings of the weights' optimizer, are missing");
    Objects.requireNonNull(relaxation, "relaxation is missing; Relaxation.SOFTMAX is DARTS");
    Objects.requireNonNull(order, "order, of α's gradient, is missing; DARTS and DrNAS have both");
    Objects.requireNonNull(levels, "levels are missing; the paper's text says BILEVEL");
    Objects.requireNonNull(fit, "fit is missing; CellFit.OFF turns it off");
    Objects.requireNonNull(selection, "selection is missing; the paper takes the BEST_EPOCH");
    Objects.requireNonNull(verification, "verification is missing; Verification.OFF turns it off");
    check(epochs >= 1, "epochs must be at least 1, but is " + epochs);
    check(
        warmStartEpochs >= 0 && warmStartEpochs < epochs,
        "warmStartEpochs must be from 0 (no warm start) to less than the %d epochs of the search, but is %d"
            .formatted(epochs, warmStartEpochs));
    check(searches >= 1, "searches must be at least 1, but is " + searches);
    check(batchSize >= 1, "batchSize must be at least 1, but is " + batchSize);
    check(
        accumulation >= 1, "accumulation must be at least 1 batch a step, but is " + accumulation);
    check(
        alphaLearningRate > 0 && Double.isFinite(alphaLearningRate),
        "alphaLearningRate must be positive, but is " + alphaLearningRate);
    check(
        alphaShare > 0 && alphaShare < 1,
        "alphaShare must be between 0 and 1, but is " + alphaShare);
    check(
        levels == Levels.BILEVEL || order == Order.FIRST,
        "order SECOND unrolls a step of the weights, which BILEVEL has and JOINT has not");
  }

  /** {@return these settings with another warm start} */
  public SearchSettings warmStartEpochs(int n) {
    return with("warmStartEpochs", n);
  }

  /** {@return these settings with another number of epochs} */
  public SearchSettings epochs(int n) {
    return with("epochs", n);
  }

  /** {@return these settings with another shrinking schedule} */
  public SearchSettings shrinking(Shrinking other) {
    return with("shrinking", other);
  }

  /** {@return these settings with another batch size} */
  public SearchSettings batchSize(int n) {
    return with("batchSize", n);
  }

  /** {@return these settings with another number of batches a step} */
  public SearchSettings accumulation(int n) {
    return with("accumulation", n);
  }

  /** {@return these settings with another optimizer of the weights} */
  public SearchSettings weights(OptimizerSettings other) {
    return with("weights", other);
  }

  /** {@return these settings with another learning rate of α and β} */
  public SearchSettings alphaLearningRate(double rate) {
    return with("alphaLearningRate", rate);
  }

  /** {@return these settings with another share of the training set for α} */
  public SearchSettings alphaShare(double share) {
    return with("alphaShare", share);
  }

  /** {@return these settings with another relaxation} */
  public SearchSettings relaxation(Relaxation other) {
    return with("relaxation", other);
  }

  /** {@return these settings with another order of α's gradient} */
  public SearchSettings order(Order other) {
    return with("order", other);
  }

  /** {@return these settings with other levels} */
  public SearchSettings levels(Levels other) {
    return with("levels", other);
  }

  /** {@return these settings with another fit of the cell} */
  public SearchSettings fit(CellFit other) {
    return with("fit", other);
  }

  /** {@return these settings with another selection} */
  public SearchSettings selection(Selection other) {
    return with("selection", other);
  }

  /** {@return these settings with another number of searches} */
  public SearchSettings searches(int n) {
    return with("searches", n);
  }

  /** {@return these settings with another verification} */
  public SearchSettings verification(Verification other) {
    return with("verification", other);
  }

  /**
   * Turns one of the paper's techniques off. Bounding is not among them, since it is a property of
   * the space: {@link grafs.cell.CellSpace#unbounded()}.
   *
   * @param off the technique
   * @return these settings without it
   */
  public SearchSettings without(Technique off) {
    return switch (off) {
      case WARM_START -> warmStartEpochs(0);
      case SHRINKING -> shrinking(Shrinking.OFF);
      case DRAW_PER_CELL -> relaxation(Relaxation.DRNAS_SHARED);
      case SAMPLING -> relaxation(Relaxation.SOFTMAX);
    };
  }

  /**
   * Computes the cost of all searches and of their verification, if the short list is full.
   *
   * @param batches the batches of the weights' part of the training set
   * @return the number of forward and backward passes of a batch through the network; a training
   *     step makes one
   */
  public long passes(int batches) {
    int alphaEpochs = fit.steps() > 0 ? epochs - warmStartEpochs : epochs;
    long searched = (long) searches * (epochs + order.passes() * alphaEpochs);
    return batches * (searched + verification.allEpochs(verification.functions()));
  }

  private SearchSettings with(String name, Object value) {
    try {
      List<Object> values = new ArrayList<>();
      for (RecordComponent own : SearchSettings.class.getRecordComponents()) {
        values.add(own.getName().equals(name) ? value : own.getAccessor().invoke(this));
      }
      return (SearchSettings)
          SearchSettings.class.getDeclaredConstructors()[0].newInstance(values.toArray());
    } catch (ReflectiveOperationException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new AssertionError(e);
    }
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
