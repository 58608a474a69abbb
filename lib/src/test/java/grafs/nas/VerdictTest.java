package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.train.Score;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a verification decides from scores, and how it says so. */
class VerdictTest {

  private static final String F = "square(x)";

  private static Verification.Outcome outcome(double[] own, double... standard) {
    List<Verification.Trial> trials = new ArrayList<>();
    for (int seed = 1; seed <= own.length; seed++) {
      trials.add(new Verification.Trial(F, "best", seed, new Score(own[seed - 1], Double.NaN, 4)));
      trials.add(
          new Verification.Trial(null, "", seed, new Score(standard[seed - 1], Double.NaN, 4)));
    }
    return Verifier.outcome(trials, F, 1, 9);
  }

  /** On a seed on which a side diverged there is no difference that a mean could hold. */
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
            .contains("gained -0.4055 of −ln(loss) over the default, not more than two"),
        "" + single);
    assertFalse(outcome(new double[] {3, 3, 3}, never, never, never).keptDefault());
    assertTrue(outcome(new double[] {never, 1, 1}, 2, 2, 2).keptDefault());
    assertTrue(outcome(new double[] {never, 1, 1}, never, 2, 2).keptDefault());
    assertTrue(outcome(new double[] {never, 1, 1}, 2, 2, 2).toString().contains(F + " diverged"));
  }

  @Test
  void theVerdictSaysWhatWasGainedInWhichUnit() {
    List<Verification.Trial> texts =
        List.of(new Verification.Trial("square(x)", "best", 1, new Score(1, Double.NaN, 4)));
    assertEquals(
        "kept the default: the best of the list, square(x), gained +0.0313 ± 0.0926 of −ln(loss) over"
            + " the default (mean and standard deviation over the seeds), not more than two standard errors",
        new Verification.Outcome(texts, "square(x)", true, 0.0313, 0.0926, 9).toString());
    List<Verification.Trial> images =
        List.of(new Verification.Trial("square(x)", "best", 1, new Score(1, 0.5, 4)));
    assertEquals(
        "verified: square(x) gained +0.0200 ± 0.0010 of accuracy over the default (mean and standard"
            + " deviation over the seeds), more than two standard errors",
        new Verification.Outcome(images, "square(x)", false, 0.02, 0.001, 9).toString());
  }

  /** A loss may be negative, as one that is minus a logarithm of a density. */
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
    assertTrue(
        new Verification.Outcome(both, "square(x)", false, 0.75, 0, 9)
            .toString()
            .contains("of −loss over"));
    assertTrue(Verification.Trial.logarithms(List.of(worse)));
    assertEquals(Math.log(4), worse.value(true), 1e-12);
  }
}
