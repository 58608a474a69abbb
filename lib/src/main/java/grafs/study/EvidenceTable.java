package grafs.study;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import grafs.run.KeptTraining;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.Task;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * Activations compared fairly, each trained at its own best of a few learning rates, which was
 * chosen on held-out training examples, and all with the same seeds.
 *
 * @param model the network
 * @param data the data set's name
 * @param scale the scale's name
 * @param rows the activations, the best mean first
 */
public record EvidenceTable(PaperModel model, String data, String scale, List<Row> rows) {

  /**
   * An activation.
   *
   * @param activation what tables call it; {@code found 3} for what the search with seed 3 found
   * @param rate its learning rate
   * @param held the merit of the training with that rate on held-out training examples: the
   *     accuracy, 0 to 1, or of a text minus the loss in nats
   * @param merits those of its trainings on the test examples, by seed; −∞ for one that diverged
   */
  public record Row(
      String activation, double rate, double held, NavigableMap<Long, Double> merits) {

    /** {@return the mean over the seeds} */
    public double mean() {
      return values().average().orElse(Double.NaN);
    }

    /** {@return whether a search found it} */
    public boolean found() {
      return activation.startsWith("found");
    }

    private DoubleStream values() {
      return merits.values().stream().mapToDouble(Double::doubleValue);
    }
  }

  /** {@return the name of the scale in trainings that choose a learning rate} */
  public static String rates(String scale) {
    return scale + ", rates";
  }

  /** {@return the name of the scale in trainings at the rate that was chosen} */
  public static String own(String scale) {
    return scale + Measurement.OWN_RATE;
  }

  /**
   * Makes the table of a network and its data.
   *
   * @param kept trainings of any kind; those that do not belong to such a table are ignored
   * @param model the network
   * @param data the data set's name
   * @param scale the scale's name
   * @return the table; without rows if there are no such trainings
   */
  public static EvidenceTable of(
      List<KeptTraining> kept, PaperModel model, String data, String scale) {
    Metric metric = model.family().metric();
    Map<String, Row> rows = new LinkedHashMap<>();
    for (KeptTraining training : kept) {
      RunConfig config = training.header().config();
      if (config.model() == model
          && config.data().equals(data)
          && config.scale().name().equals(own(scale))) {
        double rate = config.scale().weights().learningRate();
        Row row =
            rows.computeIfAbsent(
                config.activation(),
                title -> new Row(title, rate, held(kept, config), new TreeMap<>()));
        if (row.rate != rate) {
          throw new IllegalArgumentException(
              "%s on %s is kept at two learning rates, %s and %s, as its own: delete one, such as %s"
                  .formatted(row.activation, data, row.rate, rate, training.folder()));
        }
        row.merits.put(config.seed(), metric.merit(training.measurement().value()));
      }
    }
    List<Row> sorted = new ArrayList<>(rows.values());
    sorted.sort(Comparator.comparingDouble(Row::mean).reversed());
    return new EvidenceTable(model, data, scale, sorted);
  }

  /** The merit on held-out examples with the rate of a training. */
  private static double held(List<KeptTraining> kept, RunConfig own) {
    return kept.stream()
        .filter(training -> training.header().config().model() == own.model())
        .filter(t -> t.header().config().data().equals(Task.heldOutName(own.data())))
        .filter(t -> t.header().config().activation().equals(own.activation()))
        .filter(t -> t.header().config().scale().weights().equals(own.scale().weights()))
        .mapToDouble(t -> own.model().family().metric().merit(t.measurement().value()))
        .findFirst()
        .orElse(Double.NaN);
  }

  /**
   * Makes the tables of all networks and data sets that were compared in this way.
   *
   * @param kept trainings of any kind; those that do not belong to such a table are ignored
   * @param scale the scale's name
   * @return a table for each network and data
   */
  public static List<EvidenceTable> all(List<KeptTraining> kept, String scale) {
    return kept.stream()
        .map(training -> training.header().config())
        .filter(config -> config.scale().name().equals(own(scale)))
        .map(config -> of(kept, config.model(), config.data(), scale))
        .distinct()
        .toList();
  }

  /**
   * Leaves out the trainings for such tables.
   *
   * @param kept trainings
   * @return the trainings in which all activations have the same learning rate, that of the scale
   */
  public static List<KeptTraining> without(List<KeptTraining> kept) {
    return kept.stream()
        .filter(training -> !training.header().config().scale().name().endsWith(rates("")))
        .filter(training -> !training.header().config().scale().name().endsWith(own("")))
        .toList();
  }

  /** {@return the found function that was best on held-out examples, if there is one} */
  public Optional<Row> best() {
    return rows.stream().filter(Row::found).max(Comparator.comparingDouble(Row::held));
  }

  /**
   * {@return one row per activation: its learning rate, the scores on held-out and test examples,
   * and the standard deviation of the latter over the seeds}
   */
  public Table scores() {
    Metric metric = model.family().metric();
    double factor = metric == Metric.LOSS ? -1 : 100;
    return Table.create(
        "%s on %s, %s".formatted(model, data, metric.title() + " in" + metric.unit()),
        Tables.texts("activation", rows, Row::activation),
        column("learning rate", Row::rate),
        column("held out", row -> factor * row.held),
        column("test", row -> factor * row.mean()),
        column("± sd", row -> Math.abs(factor) * MathEx.sd(row.values().toArray())),
        IntColumn.create("seeds", rows.stream().mapToInt(row -> row.merits.size()).toArray()));
  }

  private DoubleColumn column(String name, ToDoubleFunction<Row> value) {
    DoubleColumn column = DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    column.setPrintFormatter(
        new DecimalFormat("0.####", DecimalFormatSymbols.getInstance(Locale.ROOT)), "–");
    return column;
  }

  /**
   * Compares one activation with every other, in pairs of the same seed. The p-values are corrected
   * for all of these comparisons by Holm's procedure.
   *
   * @param activation what tables call it
   * @return a row for each other activation: the mean gain over it, its 95 % interval, p
   * @throws IllegalArgumentException if there is no such row
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
    double[] p = Holm.correct(compared.stream().mapToDouble(Comparison::p).toArray());
    Metric metric = model.family().metric();
    return Table.create(
        "%s on %s: what %s gains over others, in%s"
            .formatted(model, data, activation, metric.unit()),
        Tables.texts("over", others, Row::activation),
        IntColumn.create("pairs", compared.stream().mapToInt(Comparison::pairs).toArray()),
        Tables.texts("gain", compared, c -> metric.number(c.gain())),
        Tables.texts(
            "95 % interval",
            compared, c -> metric.number(c.lower()) + " to " + metric.number(c.upper())),
        Tables.texts(
            "p, corrected",
            DoubleStream.of(p).boxed().toList(),
            each -> each.isNaN() ? "–" : String.format(Locale.ROOT, "%.4f", each)));
  }

  @Override
  public String toString() {
    return scores().printAll()
        + best().map(best -> "\n" + against(best.activation()).printAll()).orElse("");
  }
}
