package grafs.nas;

import grafs.cell.CellSpace;
import grafs.train.Score;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How a search's result is verified: a short list of functions, the default activation beside it,
 * is trained briefly from scratch on the weights' part of the training set, by the search's
 * optimizer with a learning rate that falls ({@link grafs.train.OptimizerSettings#annealed}), and
 * scored on α's part. After each seed the worse half of the list is dropped (successive halving,
 * Jamieson and Talwalkar 2016). While the list is longer than eight, its trainings are shorter, at
 * least one epoch each, so that a seed costs about as much as with eight. The last function's loss
 * must be lower than the default's by more than two standard errors of the mean over the seeds that
 * come after it was chosen, or over all seeds where fewer than two come after; otherwise the
 * default is kept. Few seeds let some functions pass that are no better: of normally distributed
 * scores, with three functions and three seeds, 16 % of the verifications where all are as good as
 * the default.
 *
 * <p>The loss decides, not the accuracy, since on a few hundred held-out examples the difference of
 * two accuracies varies more, for its size, than that of two losses. But a function whose mean
 * accuracy is lower than the default's is not taken, whatever its loss.
 *
 * @param functions the length of the short list, without the default; 0 turns verification off
 * @param epochs the epochs of each training, or less while the list is longer than eight
 * @param seeds the number of seeds of initial weights and of the order of examples; the first ⌈log₂
 *     n⌉ of them halve a list of n functions to one
 */
public record Verification(int functions, int epochs, int seeds) {

  /** No verification: the function of the chosen epoch is the result, as in the paper. */
  public static final Verification OFF = new Verification(0, 0, 0);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public Verification {
    if (functions < 0) {
      throw new IllegalArgumentException(
          "verification needs a list of 0 or more functions, not " + functions);
    }
    if (functions > 0 && (epochs < 1 || seeds < 2)) {
      throw new IllegalArgumentException(
          "verification needs at least 1 epoch and 2 seeds, for a spread to compare with, but has %d and %d"
              .formatted(epochs, seeds));
    }
  }

  /**
   * Computes the length of trainings.
   *
   * @param listed the number of functions that are left on the list
   * @return the epochs of each function's next training
   */
  int epochs(int listed) {
    return Math.max(1, epochs * ShortList.LONG / Math.max(ShortList.LONG, listed));
  }

  /**
   * Computes the cost of the verification.
   *
   * @param listed the number of functions on the short list, at most {@link #functions}
   * @return the epochs of all trainings, those of the default included
   */
  public int allEpochs(int listed) {
    int all = 0;
    for (int seed = 0, left = listed; seed < seeds; seed++, left = (left + 1) / 2) {
      all += (left + 1) * epochs(left);
    }
    return all;
  }

  /**
   * One training.
   *
   * @param function the function, as {@link CellSpace#parse} reads it; null for the default
   * @param origin why it is on the short list
   * @param seed the number of the seed, from 1
   * @param score on α's part; the loss is infinite if the training diverged
   */
  public record Trial(String function, String origin, int seed, Score score) {

    /** {@return whether the training diverged} */
    boolean diverged() {
      return Double.isInfinite(score.loss());
    }

    /**
     * {@return what is to be maximised: −ln(loss) or −loss}
     *
     * @param logarithms whether to take logarithms of losses
     */
    double value(boolean logarithms) {
      return logarithms ? -Math.log(score.loss()) : -score.loss();
    }

    /** {@return whether all losses are positive, so that their ratios mean something} */
    static boolean logarithms(List<Trial> trials) {
      return trials.stream().allMatch(trial -> trial.score.loss() > 0);
    }
  }

  /**
   * The result of a verification.
   *
   * @param trials the trainings, in their order
   * @param best the best function of the short list
   * @param keptDefault whether it failed to beat the default by two standard errors, or has a lower
   *     accuracy
   */
  public record Outcome(List<Trial> trials, String best, boolean keptDefault) {

    /** A training with the best function and one with the default, of the same seed. */
    private record Pair(Trial own, Trial standard) {

      boolean converged() {
        return !own.diverged() && !standard.diverged();
      }

      /** The number of right answers more; NaN without accuracies. */
      double right() {
        // Rounded, since accuracies were computed in float32: equal numbers would differ a little.
        return Math.rint(own.score.accuracy() * own.score.examples())
            - Math.rint(standard.score.accuracy() * standard.score.examples());
      }
    }

    /**
     * Copies the trials.
     *
     * @throws NullPointerException if one is missing, as in a damaged file
     */
    public Outcome {
      trials = List.copyOf(trials);
      Objects.requireNonNull(best, "the best function");
    }

    /**
     * Decides between a function and the default. On a seed on which one of them diverged there is
     * no difference to average. A function that diverged never replaces the default; where only the
     * default diverged, the other seeds decide, and if there is one of them at most, the function
     * need only not be worse on it. Nor does a function of lower mean accuracy replace it.
     */
    static Outcome of(List<Trial> trials, String best) {
      Outcome undecided = new Outcome(trials, best, true);
      return new Outcome(trials, best, !undecided.beaten());
    }

    private boolean beaten() {
      int all = pairs().size();
      int converged = (int) pairs().stream().filter(Pair::converged).count();
      boolean better =
          converged > 1 || converged == all
              ? gain() > 2 * spread() / Math.sqrt(converged)
              : converged == 0 || gain() >= 0;
      boolean diverged = pairs().stream().anyMatch(pair -> pair.own.diverged());
      return better && !diverged && !(accuracyGain() < 0);
    }

    /**
     * The pairs that decide. The scores of the seeds that chose the function are biased in its
     * favour: those of the seeds after decide, if they are two or more.
     */
    private List<Pair> pairs() {
      int chosen =
          trials.stream()
              .filter(trial -> trial.function != null && !trial.function.equals(best))
              .mapToInt(Trial::seed)
              .max()
              .orElse(0);
      int seeds = trials.stream().mapToInt(Trial::seed).max().orElse(0);
      int first = chosen + 1 < seeds ? chosen + 1 : 1;
      return trials.stream()
          .filter(own -> best.equals(own.function) && own.seed >= first)
          .flatMap(
              own ->
                  trials.stream()
                      .filter(other -> other.function == null && other.seed == own.seed)
                      .map(other -> new Pair(own, other)))
          .toList();
    }

    private double[] gains() {
      boolean logarithms = Trial.logarithms(trials);
      return pairs().stream()
          .filter(Pair::converged)
          .mapToDouble(pair -> pair.own.value(logarithms) - pair.standard.value(logarithms))
          .toArray();
    }

    /**
     * {@return the function's mean advantage over the default, paired by seed, over the seeds on
     * which neither diverged: of −ln(loss), or of −loss if there is a loss that is not positive;
     * NaN if one diverged on each seed}
     */
    public double gain() {
      return Arrays.stream(gains()).average().orElse(Double.NaN);
    }

    /** {@return the standard deviation of the advantage over the seeds; NaN of a single one} */
    public double spread() {
      double mean = gain();
      double[] gains = gains();
      double squares = Arrays.stream(gains).map(g -> (g - mean) * (g - mean)).sum();
      return Math.sqrt(squares / (gains.length - 1));
    }

    /**
     * {@return the function's mean advantage in accuracy over the same seeds, −1 to 1; NaN without
     * accuracies}
     */
    public double accuracyGain() {
      return pairs().stream()
          .filter(Pair::converged)
          .collect(
              Collectors.teeing(
                  Collectors.summingDouble(Pair::right),
                  Collectors.summingLong(pair -> pair.own.score.examples()),
                  (right, examples) -> right / examples));
    }

    /** {@return the verdict in a sentence} */
    @Override
    public String toString() {
      if (trials.isEmpty()) {
        return "kept the default: the search found no other function";
      }
      String who = keptDefault ? "kept the default: the best of the list, %s," : "verified: %s";
      String text = who.formatted(best);
      if (Double.isNaN(gain())) {
        text += " shares no seed with the default on which neither diverged";
      } else {
        String of = Trial.logarithms(trials) ? "−ln(loss)" : "−loss";
        text += String.format(Locale.ROOT, " gained %+.4f", gain());
        text += Double.isNaN(spread()) ? "" : String.format(Locale.ROOT, " ± %.4f", spread());
        text += " of " + of + " over the default";
        if (!Double.isNaN(accuracyGain())) {
          text += String.format(Locale.ROOT, ", accuracy %+.2f points", 100 * accuracyGain());
        }
        if (!Double.isNaN(spread())) {
          text += " (mean and standard deviation over the seeds): ";
          text += (keptDefault ? "not " : "") + "more than two standard errors";
          text += keptDefault && accuracyGain() < 0 ? ", or less accurate" : "";
        }
      }
      return text + diverged(best, best) + diverged(null, "the default");
    }

    /** How often a function diverged, if it did. */
    private String diverged(String function, String name) {
      long times =
          trials.stream()
              .filter(trial -> trial.diverged() && Objects.equals(trial.function(), function))
              .count();
      return times == 0
          ? ""
          : "; %s diverged with %d of its seeds, which the gain leaves out".formatted(name, times);
    }
  }
}
