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
 * The search methods that are compared: the full method, the method without each of its techniques
 * in turn, plain DARTS and DrNAS, and black-box searches. The paper compares with DARTS and DrNAS
 * (arXiv 2408.06820, section 4).
 */
public enum Method {
  /** ReLU, without a search. */
  NONE("ReLU"),
  /** DrNAS with all of the paper's techniques, first order. */
  FULL("full method"),
  /** Without training the weights with the default activation first. */
  NO_WARM_START("− warm start", full -> full.without(Technique.WARM_START)),
  /** Without bounds on the operations' outputs. */
  UNBOUNDED("− bounding"),
  /** Without dropping operations during the search: the best ones are chosen at its end. */
  NO_SHRINKING("− shrinking", full -> full.without(Technique.SHRINKING)),
  /** With one draw of operation weights shared by all cells, as in DrNAS. */
  SHARED_DRAW("− a draw for each cell", full -> full.without(Technique.DRAW_PER_CELL)),
  /** With DARTS' softmax instead of draws from a Dirichlet distribution. */
  SOFTMAX("− sampling (DARTS' softmax)", full -> full.without(Technique.SAMPLING)),
  /** The function of the best epoch, not verified, as in the paper. */
  UNVERIFIED("− verification", full -> full.verification(Verification.OFF)),
  /** α stays as it was initialised, near 0: a random short list, verified like any other. */
  UNTRAINED("− training of α", full -> full.alphaLearningRate(1e-12).shrinking(Shrinking.OFF)),
  /** With the cell fitted to the default activation, which the paper does not do. */
  FITTED("+ fit of the cell", full -> full.fit(CellFit.DRNAS)),
  /** Both passes train both levels, as the paper's scripts do. */
  JOINT("joint levels", full -> full.levels(Levels.JOINT)),
  /** With α's second-order gradient, through one unrolled step of the weights. */
  SECOND_ORDER(
      "full method, second order", full -> full.levels(Levels.BILEVEL).order(Order.SECOND)),
  /** DARTS without any of the techniques. */
  DARTS("DARTS, first order", full -> bare(full).relaxation(Relaxation.SOFTMAX)),
  /** DARTS of second order without any of the techniques. */
  DARTS_SECOND_ORDER(
      "DARTS, second order", full -> bare(full).relaxation(Relaxation.SOFTMAX).order(Order.SECOND)),
  /** DrNAS without any of the techniques. */
  DRNAS("DrNAS", full -> bare(full).relaxation(Relaxation.DRNAS_SHARED)),
  /** Functions drawn at random, each trained for an epoch. */
  RANDOM("random search"),
  /** Functions by regularised evolution, each trained for an epoch. */
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

  private static SearchSettings bare(SearchSettings full) {
    return full.without(Technique.WARM_START)
        .without(Technique.SHRINKING)
        .verification(Verification.OFF);
  }

  /** {@return the name of its group of methods, which has one colour in figures} */
  public String kind() {
    return switch (this) {
      case NONE, FULL, SECOND_ORDER, RANDOM, EVOLUTION -> title;
      case DARTS, DARTS_SECOND_ORDER, DRNAS -> "DARTS and DrNAS as they were";
      default -> "full method without a technique";
    };
  }

  /** {@return its name in tables} */
  public String title() {
    return title;
  }

  /**
   * Derives the settings of a gradient-based search.
   *
   * @param scale the settings of the full method
   * @return the settings of this method
   */
  public SearchSettings settings(SearchSettings scale) {
    return change.apply(scale.relaxation(Relaxation.DRNAS));
  }

  /** {@return whether the operations' outputs are bounded} */
  public boolean bounded() {
    return this != UNBOUNDED && this != DARTS && this != DARTS_SECOND_ORDER && this != DRNAS;
  }
}
