package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.notebook.ShownValue;
import grafs.train.Score;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests the verdict and the table of a {@link FoundComparison}, which compares trainings of a
 * network with an activation function that a search found and with its default activation. The
 * scores of the trainings are given.
 */
class FoundComparisonVerdictTest {

  private static FoundComparison of(boolean classes, double[] found, double[] standard) {
    return of(classes, found, standard, 0.004);
  }

  private static FoundComparison of(
      boolean classes, double[] found, double[] standard, double seconds) {
    return new FoundComparison(
        "x·σ(x)",
        false,
        side("found", classes, 0.003, true, found, seconds),
        side("relu", classes, 0.001, false, standard, 0.002),
        List.of(1L, 2L, 3L).subList(0, found.length),
        new FoundComparison.Rows(60, 20, 25));
  }

  private static FoundComparison.Side side(
      String name, boolean classes, double rate, boolean edge, double[] values, double seconds) {
    List<Score> scores = new ArrayList<>();
    for (double value : values) {
      scores.add(classes ? new Score(1, value, 25) : new Score(value, Double.NaN, 25));
    }
    return new FoundComparison.Side(name, rate, edge, scores, seconds);
  }

  @Test
  void theVerdictHasTheDifferenceItsIntervalAndTheTime() {
    FoundComparison classes = of(true, new double[] {0.9, 0.8, 0.85}, new double[] {0.8, 0.8, 0.8});
    // The paired t test of the gains 10, 0 and 5 points: t = √3 with two degrees of freedom.
    assertEquals(
        "found against relu: +5.000 percentage points of accuracy (95 % interval -7.421 to +17.42),"
            + " p = 0.23 (paired t); a batch takes 2.00 times as long",
        classes.verdict());
    assertEquals(85, classes.table().doubleColumn("test accuracy, %").get(0), 1e-9);
    assertEquals(4, classes.table().doubleColumn("ms a batch").get(0), 1e-9);
    assertTrue(
        classes.toString().contains("the rate of found is the last one tried"), "" + classes);
    assertTrue(ShownValue.html(classes).startsWith("<table><caption"), ShownValue.html(classes));
    assertTrue(classes.toString().lines().count() < 12, "" + classes);

    FoundComparison losses = of(false, new double[] {0.2, 0.3}, new double[] {0.1, 0.1});
    assertTrue(
        losses.verdict().startsWith("found against relu: -0.1500 of loss saved"), "" + losses);
    assertEquals(0.25, losses.table().doubleColumn("test loss").get(0), 1e-9);

    FoundComparison one = of(true, new double[] {0.9}, new double[] {0.8});
    assertTrue(
        one.verdict().contains("one seed gives no interval and no p; a batch"), one.verdict());
    FoundComparison diverged =
        of(false, new double[] {Double.NaN, 0.3, 0.2}, new double[] {0.1, 0.2, 0.1});
    assertTrue(diverged.verdict().contains("; 1 diverged"), diverged.verdict());
    double[] never = {Double.NaN, Double.NaN};
    double[] always = {0.1, 0.2};
    infinite(of(false, never, always, Double.NaN), "−∞ of loss saved, p = 0.50 (signed rank); 2 ");
    infinite(of(false, never, new double[] {Double.NaN, 0.2}, 0.004), "−∞ of loss saved, p = 1.0");
    infinite(
        of(false, new double[] {Double.NaN, 0.1}, new double[] {0.1, Double.NaN}, 0.004),
        "– of loss saved, p = 1.0");
    infinite(of(false, always, never, 0.004), "+∞ of loss saved, p = 0.50");
  }

  private static void infinite(FoundComparison comparison, String words) {
    assertTrue(comparison.verdict().contains(words), comparison.verdict());
    assertFalse(comparison.verdict().matches(".*(Infinity|NaN).*"), comparison.verdict());
  }
}
