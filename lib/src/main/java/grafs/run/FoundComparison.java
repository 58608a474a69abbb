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
 * The result of {@link FoundActivation#compare}. A network was trained with the activation function
 * that a search found, and with its default activation, the one that it had before the search. The
 * trained networks were scored on the same test rows, which neither the search nor the choice of a
 * learning rate has used. A row is one example of a data set.
 *
 * @param function the function as text
 * @param kept whether the search kept the default activation; {@code found} and {@code standard}
 *     are then the same trainings
 * @param found the trainings with the found function
 * @param standard the trainings with the default activation
 * @param seeds the seeds; each has one training on either side
 * @param rows the number of rows for each purpose
 */
public record FoundComparison(
    String function, boolean kept, Side found, Side standard, List<Long> seeds, Rows rows) {

  /**
   * The results of the trainings with one of the two activations.
   *
   * @param name {@code found}, or the name of the default activation
   * @param learningRate the learning rate: of those tried, the one with the best score on the rows
   *     that are used for this choice only
   * @param edge whether that rate is the lowest or the highest one that may be tried, so that a
   *     better one may lie beyond
   * @param scores the scores on the test rows, one per seed; NaN if the training diverged
   * @param secondsPerBatch the time in seconds of an epoch, with the scoring after it, divided by
   *     the number of its training batches: the median over epochs and seeds; NaN if all diverged
   */
  public record Side(
      String name, double learningRate, boolean edge, List<Score> scores, double secondsPerBatch) {

    /** Copies the list of scores. */
    public Side {
      scores = List.copyOf(scores);
    }

    private double[] merits() {
      return scores.stream().mapToDouble(FoundComparison::merit).toArray();
    }
  }

  /**
   * The number of rows for each purpose.
   *
   * @param training the number of rows that trained the weights
   * @param rate the number of rows by whose score the learning rate was chosen
   * @param test the number of rows that the networks were scored on
   */
  public record Rows(long training, long rate, long test) {}

  /**
   * Returns the accuracy, or minus the loss if there is no accuracy, so that more is better; −∞ if
   * the loss is NaN or infinite.
   */
  static double merit(Score score) {
    return Double.isFinite(score.loss()) ? score.value() : Double.NEGATIVE_INFINITY;
  }

  /**
   * {@return the statistics of the found function against the default activation, paired by seed.
   * Gains are differences of accuracies, −1 to 1, or reductions of the loss}
   */
  public Comparison statistics() {
    return Comparison.paired(found.merits(), standard.merits());
  }

  /**
   * Whether the networks classify, and are compared by accuracy; otherwise they are compared by
   * loss.
   */
  private boolean classifies() {
    return Stream.of(found, standard)
        .flatMap(side -> side.scores.stream())
        .anyMatch(score -> !Double.isNaN(score.accuracy()));
  }

  /**
   * {@return a table with a row for the found function, unless the search kept the default
   * activation, and a row for the default activation: mean and standard deviation of the score over
   * the seeds, learning rate, and time of a training batch in milliseconds, in which the scoring
   * after each epoch is included}
   */
  public Table table() {
    List<Side> both = kept ? List.of(standard) : List.of(found, standard);
    String score = classifies() ? "test accuracy, %" : "test loss";
    return Table.create(
        verdict(),
        StringColumn.create("activation", both.stream().map(Side::name).toList()),
        column(score, both, side -> StatUtils.mean(values(side))),
        column("± over seeds", both, this::deviation),
        column("learning rate", both, Side::learningRate),
        column("ms a batch", both, side -> 1000 * side.secondsPerBatch));
  }

  private double[] values(Side side) {
    boolean accuracy = classifies();
    return side.scores.stream()
        .mapToDouble(score -> accuracy ? 100 * score.accuracy() : score.loss())
        .toArray();
  }

  /** The standard deviation over the seeds; NaN for a single one. */
  private double deviation(Side side) {
    return seeds.size() == 1 ? Double.NaN : Math.sqrt(StatUtils.variance(values(side)));
  }

  /** Creates a column of numbers with four significant digits. */
  private static DoubleColumn column(String name, List<Side> both, ToDoubleFunction<Side> value) {
    return DoubleColumn.create(
        name,
        both.stream()
            .map(side -> String.format(Locale.ROOT, "%.4g", value.applyAsDouble(side)))
            .mapToDouble(Double::parseDouble)
            .toArray());
  }

  /**
   * Formats a gain with its sign and four significant digits; an infinite gain as ±∞, NaN as a
   * dash.
   */
  private static String number(double gain) {
    return Double.isFinite(gain)
        ? String.format(Locale.ROOT, "%+.4g", gain)
        : Metric.LOSS.number(gain);
  }

  /**
   * {@return a sentence with the gain over the default activation, its confidence interval, the
   * p-value, and the ratio of the times of a training batch; or, if the search kept the default
   * activation, a sentence that says that there is nothing to compare}
   */
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
                .formatted(number(factor * pairs.lower()), number(factor * pairs.upper()));
    String p =
        Double.isNaN(pairs.p())
            ? "one seed gives no interval and no p"
            : String.format(Locale.ROOT, "p = %.2g (%s)", pairs.p(), pairs.test().title());
    String slower =
        Double.isNaN(slower())
            ? ""
            : String.format(Locale.ROOT, "; a batch takes %.2f times as long", slower());
    String diverged = pairs.diverged() > 0 ? "; " + pairs.diverged() + " diverged" : "";
    return "found against %s: %s%s%s, %s%s%s"
        .formatted(
            standard.name, number(factor * pairs.gain()), unit, interval, p, slower, diverged);
  }

  /**
   * {@return the time of a training batch with the found function, divided by that with the default
   * activation}
   */
  public double slower() {
    return found.secondsPerBatch / standard.secondsPerBatch;
  }

  /**
   * {@return a sentence with the number of seeds and of rows for each purpose; it names an
   * activation whose best learning rate is the lowest or highest one that may be tried}
   */
  public String protocol() {
    String edge = found.edge && standard.edge ? "both" : found.edge ? "found" : standard.name;
    String edges =
        found.edge || standard.edge
            ? "; the rate of " + edge + " is the last one tried, a better one may lie beyond"
            : "";
    String trainings = seeds.size() == 1 ? "1 seed" : seeds.size() + " seeds";
    return "%s; %d rows trained the weights, %d chose the learning rates, %d were kept for the scores%s"
        .formatted(trainings, rows.training, rows.rate, rows.test, edges);
  }

  @Override
  public String toString() {
    return table().print() + System.lineSeparator() + protocol();
  }
}
