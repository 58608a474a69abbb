package grafs.nas;

import grafs.train.OptimizerSettings;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The settings of a gradient-based search for an activation function ({@link Search}). Each
 * technique of the paper, arXiv 2408.06820, can be turned off, and each departure from the paper's
 * code turned on, so that its effect can be measured. Each setting has a method that returns a copy
 * with another value.
 *
 * <p>In a search the network's activations are cells, small graphs of operations such as sin or +.
 * A place is an edge or vertex of the graph, for which the search chooses one of several candidate
 * operations. Until it has chosen, the cell mixes all candidates of a place. The mixing weights are
 * computed or drawn from α, one number for each candidate. β are the learnable scalars that some
 * operations have, as in β·x. The training set is split into two parts: one trains the network's
 * weights, the other α and β. A step updates α and β, then the weights. The default activation is
 * the one that the network has without a search.
 *
 * @param warmStartEpochs the number of epochs at the beginning in which the weights are trained
 *     with the default activation; 0 for none
 * @param epochs the number of epochs of the search, warm start included; in each, the weights' part
 *     is used once
 * @param shrinking when candidate operations are dropped
 * @param batchSize the number of examples in a batch, in both parts
 * @param accumulation the number of batches whose mean gradient makes one step, of α and of the
 *     weights
 * @param weights the optimizer of the weights
 * @param alphaLearningRate Adam's learning rate for α and β
 * @param alphaShare the share of the training set that α and β are trained on, between 0 and 1; the
 *     rest is for the weights
 * @param relaxation how α is mapped to mixing weights
 * @param order whether the gradient of α takes into account that the weights depend on α
 * @param levels which part of the training set trains which parameters
 * @param fit how α is fitted at the end of the warm start, so that the cell approximates the
 *     default activation. Before a fit, α is not trained and no operation is dropped. Without a
 *     warm start there is no fit. {@link CellFit#OFF} in the paper
 * @param selection the epoch whose function is the result of a search without verification; the
 *     function of an epoch has in each place the operation whose α is largest after this epoch
 * @param searches the number of searches, each from other initial weights and with other random
 *     numbers. One verification compares functions of all searches with the default activation.
 *     Without verification, the result is the function of the search whose selected epoch scores
 *     best. DARTS makes four searches (Liu et al. 2019, section 3.1), the paper one
 * @param verification how functions that the searches found are compared with the default
 *     activation; {@link Verification#OFF} in the paper
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

  /**
   * Whether the gradient of α takes into account that the weights depend on α (Liu et al. 2019,
   * section 2.3).
   */
  public enum Order {
    /**
     * First order: no, the weights count as constants. The update of α takes one forward and
     * backward pass for each batch of α's part.
     */
    FIRST,
    /**
     * Second order: yes, α follows the gradient of the loss after the next step of the weights'
     * optimizer. The update of α takes four forward and backward passes for each batch of α's part.
     */
    SECOND;

    /**
     * {@return the number of forward and backward passes that the update of α takes for each batch
     * of α's part, 1 or 4}
     */
    public int passes() {
      return this == FIRST ? 1 : 4;
    }
  }

  /** Which part of the training set trains which parameters. */
  public enum Levels {
    /** As in the paper's text: α's part trains α and β, the weights' part trains the weights. */
    BILEVEL,
    /**
     * As in the paper's scripts for ResNet and ViT, which do not clear the gradients between the
     * pass on α's batches and that on the weights' batches. The weights are updated by the sum of
     * the gradients of both passes. α and β are updated by the sum of the gradients of the pass on
     * their own batches and of the pass on the weights' batches in the step before.
     */
    JOINT
  }

  /** The epoch whose function is the result of a search without verification. */
  public enum Selection {
    /**
     * Of the epochs after the warm start, the one whose discretised network scores best on α's
     * part. In this network the cells compute the function that has in each place the operation
     * whose α is largest after the epoch. The score is the accuracy, or −loss if there is none.
     */
    BEST_EPOCH,
    /** The last epoch. */
    LAST_EPOCH;

    /**
     * Selects one of the epochs of a search. If several have the best score, the first of them is
     * selected.
     */
    SearchResult.Epoch of(List<SearchResult.Epoch> epochs) {
      return this == LAST_EPOCH ? epochs.get(epochs.size() - 1) : ShortList.ranked(epochs).get(0);
    }
  }

  /** The techniques of the paper that make gradient-based search work for activation functions. */
  public enum Technique {
    /** Warm start: the weights are trained with the default activation first. */
    WARM_START,
    /**
     * Shrinking: operations are dropped during the search. Without it, the operation of largest α
     * in each place is taken at the end.
     */
    SHRINKING,
    /**
     * Each cell of the network has its own independent draw of mixing weights. Without it, all
     * cells share one draw.
     */
    DRAW_PER_CELL,
    /**
     * Mixing weights are drawn from a Dirichlet distribution. Without it, they are the softmax of
     * α, as in DARTS.
     */
    SAMPLING
  }

  /**
   * Returns the settings of the search for ResNet in arXiv 2408.06820.
   *
   * @param weights the optimizer of the weights, which the paper's ResNet trains by SGD
   * @return settings with 50 epochs and two batches of 64 examples in a step
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
   * Checks the settings.
   *
   * @throws IllegalArgumentException if a number is out of range, or {@code order} is SECOND and
   *     {@code levels} JOINT; the message names the setting
   * @throws NullPointerException if an object is null; the message names it
   */
  public SearchSettings {
    Objects.requireNonNull(shrinking, "shrinking is missing; Shrinking.OFF turns it off");
    Objects.requireNonNull(weights, "weights, the settings of the weights' optimizer, are missing");
    Objects.requireNonNull(relaxation, "relaxation is missing; Relaxation.SOFTMAX is DARTS");
    Objects.requireNonNull(order, "order is missing; SearchSettings.paper has FIRST");
    Objects.requireNonNull(levels, "levels is missing; SearchSettings.paper has BILEVEL");
    Objects.requireNonNull(fit, "fit is missing; CellFit.OFF turns it off");
    Objects.requireNonNull(selection, "selection is missing; SearchSettings.paper has BEST_EPOCH");
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
        "alphaLearningRate must be positive and finite, but is " + alphaLearningRate);
    check(
        alphaShare > 0 && alphaShare < 1,
        "alphaShare must be between 0 and 1, but is " + alphaShare);
    check(
        levels == Levels.BILEVEL || order == Order.FIRST,
        "order SECOND needs levels BILEVEL, but they are JOINT: set one of the two back");
  }

  /** {@return these settings with another number of warm-start epochs} */
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

  /** {@return these settings with another number of batches in a step} */
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

  /** {@return these settings with other levels, bilevel or joint} */
  public SearchSettings levels(Levels other) {
    return with("levels", other);
  }

  /** {@return these settings with another fit of the cell} */
  public SearchSettings fit(CellFit other) {
    return with("fit", other);
  }

  /** {@return these settings with another choice of the epoch whose function is the result} */
  public SearchSettings selection(Selection other) {
    return with("selection", other);
  }

  /** {@return these settings with another number of searches} */
  public SearchSettings searches(int n) {
    return with("searches", n);
  }

  /** {@return these settings with another verification of the functions found} */
  public SearchSettings verification(Verification other) {
    return with("verification", other);
  }

  /**
   * Turns off one of the paper's techniques. The bounds, which limit the arguments and values of
   * operations, are not among them, since they belong to the search space: {@link
   * grafs.cell.CellSpace#unbounded()}.
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
   * Computes the cost of all searches and of their verification. It assumes that the verification
   * compares as many functions as {@link Verification#functions} allows. Passes that only score the
   * network are not counted. The updates of α can take a few passes more or fewer than computed
   * here. They take more if {@code accumulation} does not divide {@code batches}: the last step of
   * an epoch then has fewer batches for the weights, but {@code accumulation} batches for α. They
   * take fewer if shrinking has left one candidate in every place before the last epoch.
   *
   * @param batches the number of batches in the weights' part of the training set
   * @return the number of forward and backward passes of one batch through the network
   */
  public long passes(int batches) {
    int alphaEpochs = fit.steps() > 0 ? epochs - warmStartEpochs : epochs;
    long searched = (long) searches * (epochs + order.passes() * alphaEpochs);
    return batches * (searched + verification.allEpochs(verification.functions()));
  }

  /** Returns a copy with another value of one record component, which is given by its name. */
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
