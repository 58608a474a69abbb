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
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * Activations compared fairly, each trained at its own best of a few learning rates, which was
 * chosen by the loss on held-out training examples, and all with the same seeds.
 *
 * @param model the network
 * @param data the data set's name, with the settings that differ if there are several tables of it
 * @param scale the scale's name
 * @param metric by what they are compared
 * @param rows the activations, the best mean first
 */
public record EvidenceTable(
    PaperModel model, String data, String scale, Metric metric, List<Row> rows) {

  /**
   * An activation.
   *
   * @param activation what tables call it; {@code found 3} for what the search with seed 3 found;
   *     with values that tell it apart if several functions have one name
   * @param rate its learning rate
   * @param held the mean loss of trainings with that rate on held-out training examples, by which
   *     it was chosen, in nats; NaN if it is not known
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

    private double deviation() {
      return merits.size() < 2 ? Double.NaN : MathEx.sd(values().toArray());
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
    return scale + RunConfig.OWN_RATE;
  }

  /**
   * Makes the tables of all networks and data sets that were compared in this way, images by the
   * test accuracy and texts by the test loss.
   *
   * @param kept trainings of any kind; those that do not belong to such a table are ignored, and
   *     those with equal settings, function and seed but different results are left out with a
   *     warning
   * @param scale the scale's name
   * @return a table for each network, data and settings
   * @throws IllegalArgumentException if an activation has two learning rates
   */
  public static List<EvidenceTable> all(List<KeptTraining> kept, String scale) {
    return all(kept, scale, PaperModel.Family::metric);
  }

  /**
   * Makes the same tables by the test loss, which tells more with few test examples: it counts how
   * sure the network is of each.
   *
   * @param kept the trainings, as for {@link #all}
   * @param scale the scale's name
   * @return a table for each network, data and settings
   * @throws IllegalArgumentException if an activation has two learning rates
   */
  public static List<EvidenceTable> byLoss(List<KeptTraining> kept, String scale) {
    return all(kept, scale, family -> Metric.LOSS);
  }

  private static List<EvidenceTable> all(
      List<KeptTraining> kept, String scale, Function<PaperModel.Family, Metric> metrics) {
    List<KeptTraining> own =
        kept.stream().filter(t -> t.header().config().scale().name().equals(own(scale))).toList();
    List<EvidenceTable> tables = new ArrayList<>();
    for (TrainingGroup group : TrainingGroup.of(own, metrics)) {
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
    RunConfig config = own.values().iterator().next().header().config();
    double rate = config.scale().weights().learningRate();
    for (KeptTraining training : own.values()) {
      double other = training.header().config().scale().weights().learningRate();
      if (other != rate) {
        throw new IllegalArgumentException(
            "%s on %s is kept at two learning rates, %s and %s, as its own: delete one, such as %s"
                .formatted(title, config.data(), rate, other, training.folder()));
      }
    }
    // The settings are the same as at the chosen rate; only the scale's name differs.
    List<KeptTraining> held =
        kept.stream()
            .filter(
                training -> {
                  RunConfig of = training.header().config();
                  double tried = of.scale().weights().learningRate();
                  return of.model() == config.model()
                      && of.data().equals(Task.heldOutName(config.data()))
                      && of.scale().with(config.scale().name(), tried).equals(config.scale())
                      && training.run().activation().equals(config.activation())
                      && Objects.equals(of.values(), config.values());
                })
            .toList();
    double loss =
        Tables.groups(held, training -> training.run().seed()).stream()
            .mapToDouble(
                seed ->
                    TrainingGroup.agreed(title + ", held out", seed, Metric.LOSS)
                        .map(training -> training.value(Metric.LOSS))
                        .orElse(Double.NaN))
            .average()
            .orElse(Double.NaN);
    return new Row(title, rate, loss, TrainingGroup.merits(own, metric));
  }

  /** {@return the found function that was best on held-out examples, if there is one} */
  public Optional<Row> best() {
    return rows.stream()
        .filter(row -> row.found() && !Double.isNaN(row.held))
        .min(Comparator.comparingDouble(Row::held));
  }

  /**
   * {@return one row per activation: its learning rate, the loss on held-out examples, the score on
   * test examples, and its standard deviation over the seeds}
   */
  public Table scores() {
    double factor = metric == Metric.LOSS ? -1 : 100;
    return Table.create(
        "%s on %s, %s".formatted(model, data, metric.title() + " in" + metric.unit()),
        Tables.texts("activation", rows, Row::activation),
        column("learning rate", "0.########", Row::rate),
        column("held-out loss", "0.####", Row::held),
        column("test", "0.####", row -> factor * row.mean()),
        column("± sd", "0.####", row -> Math.abs(factor) * row.deviation()),
        IntColumn.create("seeds", rows.stream().mapToInt(row -> row.merits.size()).toArray()));
  }

  private DoubleColumn column(String name, String digits, ToDoubleFunction<Row> value) {
    DoubleColumn column = DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    column.setPrintFormatter(
        new DecimalFormat(digits, DecimalFormatSymbols.getInstance(Locale.ROOT)), "–");
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
    double[] p = Comparison.holm(compared.stream().mapToDouble(Comparison::p).toArray());
    return Table.create(
        "%s on %s: what %s gains over others, in%s"
            .formatted(model, data, activation, metric.gainUnit()),
        Tables.texts("over", others, Row::activation),
        IntColumn.create("pairs", compared.stream().mapToInt(Comparison::pairs).toArray()),
        Tables.texts("gain", compared, c -> metric.number(c.gain())),
        Tables.texts(
            "95 % interval",
            compared, c -> metric.number(c.lower()) + " to " + metric.number(c.upper())),
        Tables.texts("p, corrected", DoubleStream.of(p).boxed().toList(), Claims::p));
  }

  @Override
  public String toString() {
    return scores().printAll()
        + best().map(best -> "\n" + against(best.activation()).printAll()).orElse("");
  }
}
