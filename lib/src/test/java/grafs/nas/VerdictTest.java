package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.data.ProjectHome;
import grafs.run.KeptSearch;
import grafs.run.RunStore;
import grafs.train.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests what a {@link Verification} decides from the scores of trainings, and the sentence that
 * says so. A verification trains the network with a function that a search has found and with the
 * default activation, and keeps the default unless the function is clearly better. A pair is a
 * training with the function and one with the default, of the same seed.
 */
class VerdictTest {

  private static final String F = "square(x)";

  /**
   * Returns the outcome for given losses.
   *
   * @param own the losses with the function, of seeds 1, 2, …
   * @param standard the losses with the default activation, of the same seeds
   */
  private static Verification.Outcome outcome(double[] own, double... standard) {
    List<Verification.Trial> trials = new ArrayList<>();
    for (int seed = 1; seed <= own.length; seed++) {
      trials.add(new Verification.Trial(F, "best", seed, new Score(own[seed - 1], Double.NaN, 4)));
      trials.add(
          new Verification.Trial(null, "", seed, new Score(standard[seed - 1], Double.NaN, 4)));
    }
    return Verification.Outcome.of(trials, F);
  }

  /**
   * A pair in which one training diverged has no difference that could be averaged, but counts in
   * the decision. The loss of a diverged training is infinite.
   */
  @Test
  void trainingsThatDivergeDecideButAreNotAveraged() {
    double never = Double.POSITIVE_INFINITY;
    Verification.Outcome once = outcome(new double[] {1, 1, 1.01}, never, 2, 2);
    assertFalse(once.keptDefault());
    assertEquals((Math.log(2) + Math.log(2 / 1.01)) / 2, once.gain(), 1e-12);
    assertTrue(
        once.toString()
            .endsWith("; the default diverged with 1 of its seeds, which the gain leaves out"),
        "" + once);
    assertFalse(outcome(new double[] {1, 1, 1}, never, never, 2).keptDefault());
    Verification.Outcome single = outcome(new double[] {3, 3, 3}, never, never, 2);
    assertTrue(single.keptDefault());
    assertTrue(
        single
            .toString()
            .contains("gained -0.4055 of −ln(loss) over the default; the default diverged with 2"),
        "" + single);
    Verification.Outcome alone = outcome(new double[] {3, 3, 3}, never, never, never);
    assertFalse(alone.keptDefault());
    assertTrue(Double.isNaN(alone.spread()));
    assertEquals(
        "verified: square(x) has no gain to compare, since it or the default diverged with every"
            + " seed; the default diverged with 3 of its seeds",
        alone.toString());
    assertTrue(outcome(new double[] {never, 1, 1}, 2, 2, 2).keptDefault());
    assertTrue(outcome(new double[] {never, 1, 1}, never, 2, 2).keptDefault());
  }

  /**
   * The function diverged with one seed and is better with the two others. Then the default is kept
   * because the function diverged, not because its gain is too small.
   */
  @Test
  void theVerdictSaysThatAFunctionIsRefusedBecauseItDiverged() {
    double never = Double.POSITIVE_INFINITY;
    assertEquals(
        "kept the default: the best of the list, square(x), gained +0.6882 ± 0.0070 of −ln(loss)"
            + " over the default (mean and standard deviation over the seeds): more than two"
            + " standard errors; square(x) diverged with 1 of its seeds, which the gain leaves out;"
            + " a function that diverged does not replace the default",
        outcome(new double[] {never, 1, 1.01}, 2, 2, 2).toString());
    assertEquals(
        "kept the default: the best of the list, square(x), has no gain to compare, since it or"
            + " the default diverged with every seed; square(x) diverged with 2 of its seeds;"
            + " a function that diverged does not replace the default",
        outcome(new double[] {never, never}, 2, 2).toString());
  }

  @Test
  void theVerdictSaysWhatWasGainedInWhichUnit() {
    String spread = " (mean and standard deviation over the seeds): ";
    String kept = "kept the default: the best of the list, square(x), gained ";
    assertEquals(
        kept
            + "-0.0012 ± 0.1365 of −ln(loss) over the default"
            + spread
            + "not more than two standard errors",
        outcome(new double[] {1, 2}, 1.1, 1.8138).toString());
    assertEquals(
        "verified: square(x) gained +0.2169 ± 0.0088 of −ln(loss) over the default, accuracy +12.50"
            + " points"
            + spread
            + "more than two standard errors",
        classified(new double[] {0.8, 0.81}, new double[] {0.75, 0.5}).toString());
    assertEquals(
        kept
            + "+0.2169 ± 0.0088 of −ln(loss) over the default, accuracy -12.50 points"
            + spread
            + "more than two standard errors, but less accurate",
        classified(new double[] {0.8, 0.81}, new double[] {0.5, 0.25}).toString());
    assertEquals(
        kept
            + "-0.0196 ± 0.3433 of −ln(loss) over the default, accuracy -12.50 points"
            + spread
            + "not more than two standard errors, and less accurate",
        classified(new double[] {0.8, 1.3}, new double[] {0.5, 0.25}).toString());
    assertEquals(
        "kept the default: the search found no other function",
        new Verification.Outcome(List.of(), F, true).toString());
  }

  /**
   * For a classifier, a function with a lower loss does not replace the default if its mean
   * accuracy is lower. The mean is over seeds; both accuracies of a seed are on the same examples.
   */
  @Test
  void aClassifiersLossDecidesUnlessItsAccuracyIsLower() {
    Verification.Outcome both = classified(new double[] {0.8, 0.81}, new double[] {0.75, 0.5});
    assertFalse(both.keptDefault());
    assertEquals((Math.log(1 / 0.8) + Math.log(1 / 0.81)) / 2, both.gain(), 1e-12);
    assertEquals(0.125, both.accuracyGain(), 1e-12);
    assertFalse(classified(new double[] {0.8, 0.81}, new double[] {0.75, 0.25}).keptDefault());
    assertTrue(classified(new double[] {0.8, 0.81}, new double[] {0.5, 0.25}).keptDefault());
    assertTrue(classified(new double[] {0.8, 1.3}, new double[] {0.75, 0.75}).keptDefault());
  }

  /**
   * Accuracies are computed in float32. The correct answers for 960 examples with three seeds, 668
   * + 687 + 686 with the function and 671 + 681 + 689 with the default, have equal sums. So the
   * accuracy gain must be exactly 0.
   */
  @Test
  void equalNumbersOfRightAnswersAreEqual() {
    List<Verification.Trial> trials = new ArrayList<>();
    int[] own = {668, 687, 686};
    int[] standard = {671, 681, 689};
    for (int s = 0; s < own.length; s++) {
      Score score = new Score(0.5 + 0.01 * s, own[s] / 960f, 960);
      trials.add(new Verification.Trial(F, "best", s + 1, score));
      trials.add(new Verification.Trial(null, "", s + 1, new Score(1, standard[s] / 960f, 960)));
    }
    Verification.Outcome outcome = Verification.Outcome.of(trials, F);
    assertEquals(0, outcome.accuracyGain());
    assertFalse(outcome.keptDefault());
  }

  @Test
  void onlySeedsAfterTheChoiceDecideIfTheyAreTwo() {
    List<Verification.Trial> trials = new ArrayList<>();
    double[] own = {0.1, 1.1, 1.2, 1.3};
    for (int seed = 1; seed <= own.length; seed++) {
      if (seed <= 2) {
        trials.add(new Verification.Trial("x", "runner-up", seed, new Score(2, Double.NaN, 4)));
      }
      trials.add(new Verification.Trial(F, "best", seed, new Score(own[seed - 1], Double.NaN, 4)));
      trials.add(new Verification.Trial(null, "", seed, new Score(1, Double.NaN, 4)));
    }
    double late = -(Math.log(1.2) + Math.log(1.3)) / 2;
    assertEquals(late, Verification.Outcome.of(trials, F).gain(), 1e-12);
    List<Verification.Trial> three = trials.stream().filter(t -> t.seed() <= 3).toList();
    double all = -(Math.log(0.1) + Math.log(1.1) + Math.log(1.2)) / 3;
    assertEquals(all, Verification.Outcome.of(three, F).gain(), 1e-12);
  }

  @Test
  void keptSearchesEndedAsTheirTrainingsSay() {
    Path reference = ProjectHome.path().resolve("results/reference");
    List<KeptSearch> searches = new RunStore(reference).searches();
    assertEquals(15, searches.size());
    for (KeptSearch search : searches) {
      Verification.Outcome kept = search.result().verified();
      assertEquals(kept, Verification.Outcome.of(kept.trials(), kept.best()), search.title());
    }
  }

  /**
   * Returns the outcome for given losses and accuracies of the function. The default has the loss 1
   * and the accuracy 0.5 with every seed.
   *
   * @param losses the losses with the function, of seeds 1, 2, …
   * @param accuracies the accuracies with the function, of the same seeds
   */
  private static Verification.Outcome classified(double[] losses, double[] accuracies) {
    List<Verification.Trial> trials = new ArrayList<>();
    for (int seed = 1; seed <= losses.length; seed++) {
      Score own = new Score(losses[seed - 1], accuracies[seed - 1], 4);
      trials.add(new Verification.Trial(F, "best", seed, own));
      trials.add(new Verification.Trial(null, "", seed, new Score(1, 0.5, 4)));
    }
    return Verification.Outcome.of(trials, F);
  }

  /**
   * A loss can be negative, such as minus the logarithm of a density. Then −loss is compared, since
   * −ln(loss) is not defined.
   */
  @Test
  void lossesThatAreNotPositiveAreComparedAsTheyAre() {
    Score negative = new Score(-0.5, Double.NaN, 4);
    Score positive = new Score(0.25, Double.NaN, 4);
    Verification.Trial better = new Verification.Trial("square(x)", "best", 1, negative);
    Verification.Trial worse = new Verification.Trial(null, "", 1, positive);
    List<Verification.Trial> both = List.of(better, worse);
    assertFalse(Verification.Trial.logarithms(both));
    assertEquals(0.5, better.value(false));
    assertEquals(-0.25, worse.value(false));
    Verification.Outcome outcome = Verification.Outcome.of(both, F);
    assertEquals(0.75, outcome.gain());
    assertTrue(outcome.toString().contains("of −loss over"), outcome.toString());
    assertTrue(Verification.Trial.logarithms(List.of(worse)));
    assertEquals(Math.log(4), worse.value(true), 1e-12);
  }
}
