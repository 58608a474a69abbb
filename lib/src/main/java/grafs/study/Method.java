package grafs.study;

import grafs.nas.CellFit;
import grafs.nas.Relaxation;
import grafs.nas.SearchSettings;
import grafs.nas.SearchSettings.Levels;
import grafs.nas.SearchSettings.Order;
import grafs.nas.SearchSettings.Technique;
import grafs.nas.Shrinking;
import grafs.nas.Verification;
import java.util.function.UnaryOperator;

/**
 * The search methods that {@link PlantedSuite} compares on regressions whose best activation is
 * known, since a random network with this activation computed the targets. The methods are: the
 * full method, the full method without one of its techniques, DARTS and DrNAS, and black-box
 * searches, which train a network with one function after another. DARTS and DrNAS are the
 * gradient-based searches for architectures with which the paper compares its own method (arXiv
 * 2408.06820, section 4). The default activation is the one that a network has without a search,
 * here ReLU.
 *
 * <p>A gradient-based search replaces each activation of a network by a relaxed cell. This is a
 * formula with places for operations, in each of which it mixes all candidate operations. The
 * mixing weights depend on parameters α, one for each candidate. The search alternates steps that
 * train α and steps that train the network's weights. α's gradient is of first order if the
 * network's weights are constants in it, of second order if it is taken through one step of the
 * weights. The paper's techniques are: a warm start (the first epochs train the network's weights
 * with the default activation), bounds on the values of operations, shrinking (operations of low α
 * are dropped during the search), and mixing weights that are drawn from a Dirichlet distribution,
 * for each cell its own. This library adds verification: after the search, networks are trained
 * from scratch with its best functions and with the default activation, which is kept unless a
 * function is clearly better.
 */
public enum Method {
  /** No search: the default activation, ReLU. */
  NONE("ReLU"),
  /** DrNAS with all of the paper's techniques, with verification and α's first-order gradient. */
  FULL("full method"),
  /** The full method without the warm start. */
  NO_WARM_START("− warm start", full -> full.without(Technique.WARM_START)),
  /** The full method without bounds on the values of operations. */
  UNBOUNDED("− bounding"),
  /** The full method without shrinking: the operations of largest α are taken at the end. */
  NO_SHRINKING("− shrinking", full -> full.without(Technique.SHRINKING)),
  /** The full method with one draw of the mixing weights for all cells, as in DrNAS. */
  SHARED_DRAW("− a draw for each cell", full -> full.without(Technique.DRAW_PER_CELL)),
  /** The full method with mixing weights that are the softmax of α, as in DARTS, not drawn. */
  SOFTMAX("− sampling (DARTS' softmax)", full -> full.without(Technique.SAMPLING)),
  /**
   * The full method without verification, as in the paper: the result is the function of the epoch
   * that scored best.
   */
  UNVERIFIED("− verification", full -> full.verification(Verification.OFF)),
  /**
   * The full method, but α practically stays at its random initial values near 0 and no operation
   * is dropped: functions chosen by chance are verified as in the full method.
   */
  UNTRAINED("− training of α", full -> full.alphaLearningRate(1e-12).shrinking(Shrinking.OFF)),
  /**
   * The full method, with α fitted at the end of the warm start so that the relaxed cell
   * approximates the default activation ({@link CellFit}), which the paper does not do.
   */
  FITTED("+ fit of the cell", full -> full.fit(CellFit.DRNAS)),
  /**
   * The full method, but gradients are not cleared between the pass that trains α and the pass that
   * trains the weights, so that the gradients of each pass change both, as in the paper's scripts.
   */
  JOINT("joint levels", full -> full.levels(Levels.JOINT)),
  /** The full method with α's second-order gradient. */
  SECOND_ORDER(
      "full method, second order", full -> full.levels(Levels.BILEVEL).order(Order.SECOND)),
  /**
   * DARTS of first order: mixing weights are the softmax of α. It has none of the paper's
   * techniques and no verification.
   */
  DARTS("DARTS, first order", full -> bare(full).relaxation(Relaxation.SOFTMAX)),
  /** DARTS of second order, otherwise as {@link #DARTS}. */
  DARTS_SECOND_ORDER(
      "DARTS, second order", full -> bare(full).relaxation(Relaxation.SOFTMAX).order(Order.SECOND)),
  /**
   * DrNAS of first order: mixing weights are drawn from a Dirichlet distribution, with one draw for
   * all cells. It has none of the paper's other techniques and no verification.
   */
  DRNAS("DrNAS", full -> bare(full).relaxation(Relaxation.DRNAS_SHARED)),
  /** Random search: trains networks briefly with functions drawn at random, and takes the best. */
  RANDOM("random search"),
  /**
   * Regularised evolution: as random search, but most functions are changed copies of earlier
   * functions that were good.
   */
  EVOLUTION("regularised evolution");

  private final String title;
  private final UnaryOperator<SearchSettings> change;

  Method(String title) {
    this(title, full -> full);
  }

  Method(String title, UnaryOperator<SearchSettings> change) {
    this.title = title;
    this.change = change;
  }

  /** {@return the settings without warm start, shrinking and verification} */
  private static SearchSettings bare(SearchSettings full) {
    return full.without(Technique.WARM_START)
        .without(Technique.SHRINKING)
        .verification(Verification.OFF);
  }

  /** {@return the name of a group of similar methods, for figures that give each group a colour} */
  public String kind() {
    return switch (this) {
      case NONE, FULL, SECOND_ORDER, RANDOM, EVOLUTION -> title;
      case DARTS, DARTS_SECOND_ORDER, DRNAS -> "DARTS and DrNAS as they were";
      default -> "full method without a technique";
    };
  }

  /** {@return the name of the method in tables} */
  public String title() {
    return title;
  }

  /**
   * Derives the settings of this method from those of the full method.
   *
   * @param scale the settings of the full method; their relaxation (how α is mapped to mixing
   *     weights) is ignored, since the full method always has {@link Relaxation#DRNAS}
   * @return the settings of this method; a black-box search with these settings takes as many
   *     forward and backward passes as a gradient-based search with them
   */
  public SearchSettings settings(SearchSettings scale) {
    return change.apply(scale.relaxation(Relaxation.DRNAS));
  }

  /** {@return whether the method bounds the values of operations} */
  public boolean bounded() {
    return this != UNBOUNDED && this != DARTS && this != DARTS_SECOND_ORDER && this != DRNAS;
  }
}
