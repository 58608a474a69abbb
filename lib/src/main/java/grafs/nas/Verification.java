package grafs.nas;

import grafs.cell.CellSpace;
import grafs.train.Score;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How the result of a gradient-based search for an activation function is verified. The search
 * suggests functions for a short list. In a list of eight or more, the search suggests only one
 * half, and the other half is drawn at random from the search space, all functions that the search
 * could find. The network is trained briefly from scratch with each function of the list and with
 * the default activation, the one that it has without a search, and scored. The default is kept
 * unless a function is clearly better.
 *
 * <p>The training set of a search has two parts: one for the network's weights, the other for α,
 * the numbers that rate the candidate operations. The trainings of the verification use the
 * weights' part, and α's part gives the scores. The optimizer has the settings with which the
 * search trains the weights, except that a constant learning rate is replaced by one that falls
 * along half a cosine ({@link grafs.train.OptimizerSettings#annealed}). The schedule of the
 * learning rate spans one training. So a warm-up (first steps in which the learning rate rises), if
 * there is one, takes the same share of the steps as in the search.
 *
 * <p>All functions are trained with the first seed. Then the half of the list with the higher
 * losses is dropped. This is repeated with each further seed, until one function is left
 * (successive halving, Jamieson and Talwalkar 2016). While the list has more than eight functions,
 * the trainings are shorter, but have at least one epoch, so that all trainings of a seed take
 * about as long as with eight functions.
 *
 * <p>The gain of the function that is left is the difference in −ln(loss) by which it is better
 * than the default. If some loss is not positive, the gain is the difference in −loss. The function
 * replaces the default if its mean gain exceeds two standard errors, its mean accuracy is not
 * lower, and it diverged with no seed. The seeds that were used to drop functions do not count for
 * this, unless fewer than two other seeds follow them; then all seeds count. The loss decides, not
 * the accuracy, since on a few hundred held-out examples the difference of two accuracies varies
 * more, relative to its size, than that of two losses.
 *
 * <p>With few seeds, a function that is no better than the default can replace it by chance. With
 * three functions and three seeds, this happens in 16 % of the verifications, if all functions are
 * as good as the default and scores are normally distributed.
 *
 * @param functions the length of the short list, without the default; 0 turns verification off
 * @param epochs the epochs of each training; fewer while the list is longer than eight
 * @param seeds the number of seeds, each for the initial weights and the order of examples; the
 *     first ⌈log₂ n⌉ of them halve a list of n functions to one
 */
public record Verification(int functions, int epochs, int seeds) {

  /**
   * No verification: the result is the function of the epoch that {@link SearchSettings#selection}
   * takes, as in the paper (arXiv 2408.06820).
   */
  public static final Verification OFF = new Verification(0, 0, 0);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if {@code functions} is negative, or is positive with less
   *     than 1 epoch or 2 seeds
   */
  public Verification {
    if (functions < 0) {
      throw new IllegalArgumentException(
          "verification needs a list of 0 or more functions, not " + functions);
    }
    if (functions > 0 && (epochs < 1 || seeds < 2)) {
      throw new IllegalArgumentException(
          "verification needs at least 1 epoch and at least 2 seeds, since it compares a gain with its standard error over seeds, but has %d and %d"
              .formatted(epochs, seeds));
    }
  }

  /**
   * Computes how many epochs the next trainings have.
   *
   * @param listed the number of functions that are left on the list
   * @return the number of epochs of the next training with each of these functions
   */
  int epochs(int listed) {
    return Math.max(1, epochs * ShortList.LONG / Math.max(ShortList.LONG, listed));
  }

  /**
   * Computes the cost of the verification.
   *
   * @param listed the number of functions on the short list, at most {@link #functions}
   * @return the number of epochs of all trainings, those of the default included
   */
  public int allEpochs(int listed) {
    int all = 0;
    for (int seed = 0, left = listed; seed < seeds; seed++, left = (left + 1) / 2) {
      all += (left + 1) * epochs(left);
    }
    return all;
  }

  /**
   * One training with one activation.
   *
   * @param function the function, as text that {@link CellSpace#parse} reads; null for the default
   *     activation
   * @param origin how the function came into the short list; {@code epoch 4} if it was the function
   *     of epoch 4 of the search
   * @param seed the number of the seed, from 1
   * @param score the score on α's part after the training; the loss is infinite if the training
   *     diverged
   */
  public record Trial(String function, String origin, int seed, Score score) {

    /** {@return whether the training diverged} */
    boolean diverged() {
      return Double.isInfinite(score.loss());
    }

    /**
     * {@return the value by which trainings are compared, −ln(loss) or −loss; higher is better}
     *
     * @param logarithms true for −ln(loss), false for −loss
     */
    double value(boolean logarithms) {
      return logarithms ? -Math.log(score.loss()) : -score.loss();
    }

    /** {@return whether the losses of all trainings are positive, so that −ln(loss) is defined} */
    static boolean logarithms(List<Trial> trials) {
      return trials.stream().allMatch(trial -> trial.score.loss() > 0);
    }
  }

  /**
   * The result of a verification. The best function is the one that is left of the short list. Its
   * gain is the difference by which it is better than the default activation. Only some seeds count
   * in the gain: those after the seeds that were used to drop the other functions, or all seeds if
   * fewer than two come after them.
   *
   * @param trials the trainings, in the order in which they were made
   * @param best the best function, as text that {@link CellSpace#parse} reads; the default itself
   *     if the list was empty
   * @param keptDefault whether the default was kept
   */
  public record Outcome(List<Trial> trials, String best, boolean keptDefault) {

    /** A training with the best function and one with the default, of the same seed. */
    private record Pair(Trial own, Trial standard) {

      boolean converged() {
        return !own.diverged() && !standard.diverged();
      }

      /**
       * Returns how many more examples are classified correctly with the best function than with
       * the default; NaN if there are no accuracies, as in a regression.
       */
      double right() {
        // Rounded to a number of examples: accuracies are computed in float32, so the products are
        // not exactly whole numbers.
        return Math.rint(own.score.accuracy() * own.score.examples())
            - Math.rint(standard.score.accuracy() * standard.score.examples());
      }
    }

    /**
     * Copies the trials.
     *
     * @throws NullPointerException if a trial or {@code best} is missing, as in a damaged file
     */
    public Outcome {
      trials = List.copyOf(trials);
      Objects.requireNonNull(best, "the file is damaged: a verification has no 'best'");
    }

    /**
     * Decides between the best function and the default, from the pairs of trainings that count
     * ({@link #pairs}). Each pair has one seed. A pair in which one training diverged has no
     * difference to average and is left out of the mean gain. If two pairs or more are left, or
     * none diverged, the gain must exceed two standard errors. If one pair is left, the function
     * must be no worse than the default in this pair. If no pair is left, the gain is not a
     * condition. A function never replaces the default if it diverged in one of the pairs, or if
     * its mean accuracy is lower.
     */
    static Outcome of(List<Trial> trials, String best) {
      Outcome undecided = new Outcome(trials, best, true);
      return new Outcome(trials, best, !undecided.beaten());
    }

    private boolean beaten() {
      return better() && !divergedInPairs() && !(accuracyGain() < 0);
    }

    /**
     * {@return whether the gain of the best function fulfils the condition that {@link #of}
     * describes}
     */
    private boolean better() {
      int all = pairs().size();
      int converged = (int) pairs().stream().filter(Pair::converged).count();
      return converged > 1 || converged == all
          ? gain() > 2 * spread() / Math.sqrt(converged)
          : converged == 0 || gain() >= 0;
    }

    /** {@return whether the best function diverged in one of the pairs that count} */
    private boolean divergedInPairs() {
      return pairs().stream().anyMatch(pair -> pair.own.diverged());
    }

    /**
     * Returns the pairs that count. The scores of the seeds that were used to drop the other
     * functions are biased in favour of the function that is left. So only pairs of later seeds
     * count, if there are at least two such pairs; otherwise the pairs of all seeds count.
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
     * {@return the best function's mean gain over the default, paired by seed: in −ln(loss), or in
     * −loss if some loss is not positive. The mean is over the seeds that count and with which
     * neither of the two trainings diverged; NaN if there is no such seed}
     */
    public double gain() {
      return Arrays.stream(gains()).average().orElse(Double.NaN);
    }

    /**
     * {@return the standard deviation of the gain, over the same seeds as the mean in {@link
     * #gain}; NaN for fewer than two seeds}
     */
    public double spread() {
      double mean = gain();
      double[] gains = gains();
      double squares = Arrays.stream(gains).map(g -> (g - mean) * (g - mean)).sum();
      return Math.sqrt(squares / Math.max(0, gains.length - 1));
    }

    /**
     * {@return the best function's mean gain in accuracy, over the same seeds as in {@link #gain},
     * −1 to 1; NaN if there are no accuracies, as in a regression}
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

    /** {@return the verdict in a sentence, with the gain and the reason} */
    @Override
    public String toString() {
      if (trials.isEmpty()) {
        return "kept the default: the search found no other function";
      }
      String who = keptDefault ? "kept the default: the best of the list, %s," : "verified: %s";
      String text = who.formatted(best);
      if (Double.isNaN(gain())) {
        text += " has no gain to compare, since it or the default diverged with every seed";
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
          text += (better() ? "" : "not ") + "more than two standard errors";
          text += accuracyGain() < 0 ? (better() ? ", but" : ", and") + " less accurate" : "";
        }
      }
      text += diverged(best, best) + diverged(null, "the default");
      return text
          + (divergedInPairs() ? "; a function that diverged does not replace the default" : "");
    }

    /**
     * Returns a clause that says with how many seeds the training with a function diverged; an
     * empty text if it diverged with no seed.
     */
    private String diverged(String function, String name) {
      long times =
          trials.stream()
              .filter(trial -> trial.diverged() && Objects.equals(trial.function(), function))
              .count();
      return times == 0
          ? ""
          : "; %s diverged with %d of its seeds".formatted(name, times)
              + (Double.isNaN(gain()) ? "" : ", which the gain leaves out");
    }
  }
}
