package grafs.run;

import grafs.train.Score;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.StatUtils;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The comparison of a found function with the activation that it replaced, on rows that no choice
 * was made on; {@link FoundActivation#compare} says how they are trained.
 *
 * @param function the function as text
 * @param kept whether the search kept the activation, so that both sides are the same trainings
 * @param found the network with the function
 * @param standard the network with the activation that it had
 * @param seeds the seeds of the pairs
 * @param rows the number of rows for each purpose
 */
public record FoundComparison(
    String function, boolean kept, Side found, Side standard, List<Long> seeds, Rows rows) {

  /**
   * The results of one of the two networks.
   *
   * @param name {@code found}, or the name of the activation
   * @param learningRate the best learning rate, on the rows that are kept for choosing it
   * @param edge whether that is the lowest or the highest rate tried, so that a better one may lie
   *     beyond
   * @param scores the scores on the test rows, in the order of seeds; NaN where a training diverged
   * @param secondsPerStep the time of one step of training, scoring between epochs included: the
   *     median over epochs and seeds
   */
  public record Side(
      String name, double learningRate, boolean edge, List<Score> scores, double secondsPerStep) {

    /** Copies the scores. */
    public Side {
      scores = List.copyOf(scores);
    }

    private double[] merits() {
      return scores.stream().mapToDouble(FoundComparison::merit).toArray();
    }
  }

  /**
   * How many rows there are for each purpose.
   *
   * @param training those that the weights were trained on
   * @param rate those that the learning rate was chosen on
   * @param test those that the networks are scored on
   */
  public record Rows(long training, long rate, long test) {}

  /** The accuracy, or without one minus the loss, so that more is better; −∞ if it diverged. */
  static double merit(Score score) {
    return Double.isNaN(score.loss()) || Double.isInfinite(score.loss())
        ? Double.NEGATIVE_INFINITY
        : score.value();
  }

  /** {@return the statistics of the pairs: of accuracies, 0 to 1, or of losses saved} */
  public Comparison statistics() {
    return Comparison.paired(found.merits(), standard.merits());
  }

  /** {@return whether the networks classify and are compared by accuracy, not by loss} */
  private boolean classifies() {
    return Stream.of(found, standard)
        .flatMap(side -> side.scores.stream())
        .anyMatch(score -> !Double.isNaN(score.accuracy()));
  }

  /**
   * {@return a row for the found function, unless the search kept the activation, and a row for the
   * activation: the mean score over seeds, their standard deviation, the learning rate, the time of
   * a step}
   */
  public Table table() {
    List<Side> both = kept ? List.of(standard) : List.of(found, standard);
    String score = classifies() ? "test accuracy, %" : "test loss";
    return Table.create(
        verdict(),
        StringColumn.create("activation", both.stream().map(Side::name).toList()),
        column(score, both, side -> StatUtils.mean(values(side))),
        column("± over seeds", both, side -> deviation(values(side))),
        column("learning rate", both, Side::learningRate),
        column("ms a step", both, side -> 1000 * side.secondsPerStep));
  }

  private double[] values(Side side) {
    boolean accuracy = classifies();
    return side.scores.stream()
        .mapToDouble(score -> accuracy ? 100 * score.accuracy() : score.loss())
        .toArray();
  }

  /** The standard deviation; NaN for a single value. */
  private static double deviation(double... values) {
    return values.length == 1 ? Double.NaN : Math.sqrt(StatUtils.variance(values));
  }

  private static DoubleColumn column(String name, List<Side> both, ToDoubleFunction<Side> value) {
    return DoubleColumn.create(
        name,
        both.stream()
            .mapToDouble(side -> Double.parseDouble(number(value.applyAsDouble(side), "")))
            .toArray());
  }

  /** Four significant digits. */
  private static String number(double value, String sign) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, "%" + sign + ".4g", value)
        : Double.toString(value);
  }

  /** {@return the difference, its interval and p in a sentence; or that there is none} */
  public String verdict() {
    if (kept) {
      return "kept %s: the search found nothing better, so there is nothing to compare it with"
          .formatted(standard.name);
    }
    Comparison pairs = statistics();
    double factor = classifies() ? 100 : 1;
    String unit = classifies() ? " percentage points of accuracy" : " of loss saved";
    String interval =
        Double.isNaN(pairs.lower())
            ? ""
            : " (95 %% interval %s to %s)"
                .formatted(
                    number(factor * pairs.lower(), "+"), number(factor * pairs.upper(), "+"));
    String p =
        Double.isNaN(pairs.p())
            ? "one seed, which has no interval"
            : String.format(Locale.ROOT, "p = %.2g (%s)", pairs.p(), pairs.test().title());
    String slower = String.format(Locale.ROOT, "a step takes %.2f times as long", slower());
    String diverged = pairs.diverged() > 0 ? "; " + pairs.diverged() + " diverged" : "";
    return "found against %s: %s%s%s, %s; %s%s"
        .formatted(
            standard.name, number(factor * pairs.gain(), "+"), unit, interval, p, slower, diverged);
  }

  /** {@return how many times as long a step of training takes with the found function} */
  public double slower() {
    return found.secondsPerStep / standard.secondsPerStep;
  }

  /** {@return how many seeds and rows there were, and if a learning rate was the last one tried} */
  public String protocol() {
    String edge = found.edge && standard.edge ? "both" : found.edge ? "found" : standard.name;
    String edges =
        found.edge || standard.edge
            ? "; the rate of " + edge + " is the last one tried, a better one may lie beyond"
            : "";
    return "%d %s; %d rows trained the weights, %d chose the learning rates, %d were kept for the scores%s"
        .formatted(
            seeds.size(),
            seeds.size() == 1 ? "seed" : "seeds",
            rows.training,
            rows.rate,
            rows.test,
            edges);
  }

  @Override
  public String toString() {
    return table().print() + System.lineSeparator() + protocol();
  }
}
