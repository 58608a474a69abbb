package grafs.study;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.Task;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * Compares activations of one network on one data set, each trained at its own best learning rate.
 * For each activation, trainings at a few rates were scored by their loss on held-out training
 * examples, and the best rate was chosen. Trainings at that rate, with the same seeds for all
 * activations, are scored on the test examples. {@code grafs.sweep.Evidence} runs these trainings
 * and keeps them on disk; this table is made from kept trainings.
 *
 * @param model the network
 * @param data the data set's name; if there are several tables of this network, data set and scale,
 *     the settings in which they differ follow the name
 * @param scale the name of the scale, which is a set of hyperparameters, such as {@code quick}
 * @param metric the test accuracy or the test loss, by which the activations are compared
 * @param rows the activations, the one with the best mean test score first
 */
public record EvidenceTable(
    PaperModel model, String data, String scale, Metric metric, List<Row> rows) {

  private static final Logger LOG = LoggerFactory.getLogger(EvidenceTable.class);

  /**
   * An activation and its scores.
   *
   * @param activation its name in tables; {@code found 3} is the function that the search with seed
   *     3 found. If several functions have the same name, the name is followed by values of this
   *     function that tell it apart from the others
   * @param rate its learning rate
   * @param held the mean loss, in nats, that the trainings which tried this rate had on the
   *     held-out training examples; NaN if it is not known, or if one of these trainings diverged
   * @param merits for each seed the test score of the training at this rate on all training
   *     examples: the accuracy from 0 to 1, or minus the loss in nats, so that more is better; −∞
   *     if the training diverged
   */
  public record Row(
      String activation, double rate, double held, NavigableMap<Long, Double> merits) {

    /** {@return the mean of the merits over the seeds} */
    public double mean() {
      return values().average().orElse(Double.NaN);
    }

    /** {@return whether a search found the activation} */
    public boolean found() {
      return activation.startsWith("found");
    }

    /**
     * {@return the standard deviation of the merits over the seeds; NaN for a single seed, or if a
     * training diverged}
     */
    private double deviation() {
      return merits.size() < 2 ? Double.NaN : MathEx.sd(values().toArray());
    }

    private DoubleStream values() {
      return merits.values().stream().mapToDouble(Double::doubleValue);
    }
  }

  /**
   * {@return the name that a scale has in trainings that choose a learning rate, such as {@code
   * quick, rates}}
   */
  public static String rates(String scale) {
    return scale + ", rates";
  }

  /**
   * {@return the name that a scale has in trainings at the learning rate that was chosen, such as
   * {@code quick, own rate}}
   */
  public static String own(String scale) {
    return scale + RunConfig.OWN_RATE;
  }

  /**
   * Makes the tables of all networks and data sets for which there are trainings of activations at
   * their own best learning rates. Activations are compared by the test accuracy on images, by the
   * test loss on texts.
   *
   * @param kept trainings that were kept on disk: those that tried learning rates at this scale,
   *     and those at the rates that were chosen. Any others are ignored. Trainings with equal
   *     settings, function and seed but different results are left out with a warning
   * @param scale the scale's name, such as {@code quick}
   * @return a table for each combination of network, data and settings
   * @throws IllegalArgumentException if trainings of an activation in one table have different
   *     learning rates
   */
  public static List<EvidenceTable> all(List<KeptTraining> kept, String scale) {
    return all(kept, scale, PaperModel.Family::metric);
  }

  /**
   * Makes the same tables as {@link #all}, but activations are compared by the test loss on images
   * too. With few test examples the loss distinguishes activations better than the accuracy, since
   * it depends on the probability that the network gives to each label.
   *
   * @param kept the trainings, as for {@link #all}
   * @param scale the scale's name, such as {@code quick}
   * @return a table for each combination of network, data and settings
   * @throws IllegalArgumentException if trainings of an activation in one table have different
   *     learning rates
   */
  public static List<EvidenceTable> byLoss(List<KeptTraining> kept, String scale) {
    return all(kept, scale, family -> Metric.LOSS);
  }

  private static List<EvidenceTable> all(
      List<KeptTraining> kept, String scale, Function<PaperModel.Family, Metric> metrics) {
    List<KeptTraining> own =
        kept.stream().filter(t -> t.header().config().scale().name().equals(own(scale))).toList();
    List<EvidenceTable> tables = new ArrayList<>();
    for (TrainingGroup group : TrainingGroup.of(own)) {
      Metric metric = metrics.apply(group.model().family());
      List<Row> rows = new ArrayList<>();
      group.trainings().forEach((title, runs) -> rows.add(row(kept, title, runs, metric)));
      rows.sort(Comparator.comparingDouble(Row::mean).reversed());
      String data = group.data() + group.differing();
      tables.add(new EvidenceTable(group.model(), data, scale, metric, rows));
    }
    return tables;
  }

  private static Row row(
      List<KeptTraining> kept, String title, Map<Long, KeptTraining> own, Metric metric) {
    KeptTraining first = own.values().iterator().next();
    RunConfig config = first.header().config();
    double rate = config.scale().weights().learningRate();
    for (KeptTraining training : own.values()) {
      double other = training.header().config().scale().weights().learningRate();
      if (other != rate) {
        throw new IllegalArgumentException(
            "trainings of %s on %s at its own best learning rate have two rates, %s in %s and %s in %s: delete those at the rate that is not the best"
                .formatted(title, config.data(), rate, first.folder(), other, training.folder()));
      }
    }
    return new Row(
        title, rate, heldOutLoss(kept, title, config), TrainingGroup.merits(own, metric));
  }

  /**
   * {@return the mean loss on held-out training examples, over the trainings that tried the
   * learning rate of {@code config} with the same activation; NaN if it is not known}
   */
  private static double heldOutLoss(List<KeptTraining> kept, String title, RunConfig config) {
    // The trainings that tried the rate have the settings of config, but other names of the scale
    // and the data.
    List<KeptTraining> held =
        kept.stream()
            .filter(
                training -> {
                  RunConfig of = training.header().config();
                  double tried = of.scale().weights().learningRate();
                  return of.model() == config.model()
                      && of.data().equals(Task.heldOutName(config.data()))
                      && TrainingGroup.mayBePart(of.fingerprint(), config.fingerprint())
                      && of.scale().with(config.scale().name(), tried).equals(config.scale())
                      && training.run().activation().equals(config.activation())
                      && Objects.equals(of.values(), config.values());
                })
            .toList();
    if (Tables.groups(held, training -> training.header().config().fingerprint()).size() > 1) {
      LOG.warn(
          "the held-out loss of {} on {} is left out: different images of this name, equal in number, were held out, and it is not known which of them are a part of these data: delete the trainings on the others, of {}",
          title,
          config.data(),
          held.stream().map(KeptTraining::folder).toList());
      return Double.NaN;
    }
    return Tables.groups(held, training -> training.run().seed()).stream()
        .mapToDouble(
            seed ->
                TrainingGroup.agreed(title + ", held out", seed)
                    .map(training -> training.value(Metric.LOSS))
                    .orElse(Double.NaN))
        .average()
        .orElse(Double.NaN);
  }

  /**
   * {@return the found function with the lowest loss on held-out examples; empty if this loss is
   * not known for any found function}
   */
  public Optional<Row> best() {
    return rows.stream()
        .filter(row -> row.found() && !Double.isNaN(row.held))
        .min(Comparator.comparingDouble(Row::held));
  }

  /**
   * {@return one row per activation: its learning rate, the loss on held-out examples, the mean
   * test score (accuracy in percent, or loss in nats), its standard deviation over the seeds, and
   * their number}
   */
  public Table scores() {
    double factor = metric == Metric.LOSS ? -1 : 100;
    return Table.create(
        "%s on %s, %s".formatted(model, data, metric.title() + " in" + metric.unit()),
        Tables.texts("activation", rows, Row::activation),
        column("learning rate", "0.########", Row::rate),
        column("held-out loss, nats", "0.####", Row::held),
        column("test", "0.####", row -> factor * row.mean()),
        column("± sd", "0.####", row -> Math.abs(factor) * row.deviation()),
        IntColumn.create("seeds", rows.stream().mapToInt(row -> row.merits.size()).toArray()));
  }

  /** Makes a column of numbers, printed in a format of {@link DecimalFormat}; NaN is a dash. */
  private DoubleColumn column(String name, String digits, ToDoubleFunction<Row> value) {
    DoubleColumn column = DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    column.setPrintFormatter(
        new DecimalFormat(digits, DecimalFormatSymbols.getInstance(Locale.ROOT)), "–");
    return column;
  }

  /**
   * Compares one activation with every other, in pairs of trainings with the same seed. The
   * p-values are corrected for the number of these comparisons by Holm's procedure.
   *
   * @param activation its name in the table
   * @return a row for each other activation: the number of pairs; the gain over this other
   *     activation, positive if {@code activation} is better: the mean over the pairs, or the
   *     median if a training diverged; the 95 % interval of the gain; the corrected p-value
   * @throws IllegalArgumentException if the table has no activation of that name
   */
  public Table against(String activation) {
    Row one =
        rows.stream()
            .filter(row -> row.activation.equals(activation))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no '%s' among %s"
                            .formatted(activation, rows.stream().map(Row::activation).toList())));
    List<Row> others = rows.stream().filter(row -> row != one).toList();
    List<Comparison> compared =
        others.stream().map(row -> Comparison.of(one.merits, row.merits)).toList();
    double[] p = Comparison.holm(compared.stream().mapToDouble(Comparison::p).toArray());
    return Table.create(
        "%s on %s: what %s gains over others, in%s"
            .formatted(model, data, activation, metric.gainUnit()),
        Tables.texts("over", others, Row::activation),
        IntColumn.create("pairs", compared.stream().mapToInt(Comparison::pairs).toArray()),
        Tables.texts("gain", compared, c -> metric.number(c.gain())),
        Tables.texts("95 % interval", compared, c -> Claims.interval(metric, c, "")),
        Tables.texts("p, corrected", DoubleStream.of(p).boxed().toList(), Claims::p));
  }

  @Override
  public String toString() {
    return scores().printAll()
        + best().map(best -> "\n" + against(best.activation()).printAll()).orElse("");
  }
}
