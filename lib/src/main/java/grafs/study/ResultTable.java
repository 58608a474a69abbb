package grafs.study;

import grafs.notebook.Show;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import grafs.run.RunSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import smile.math.MathEx;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The paper's form of a table: activations in rows; network, data set and scale in columns; mean ±
 * standard deviation over seeds, the best of each column marked. A column never mixes data sets,
 * scales or settings; a cell never mixes functions that share a name.
 *
 * @param family the family of networks
 * @param columns the columns, left to right
 * @param rows the activations' names
 * @param cells the cells by activation, then by column; no entry where there is no training
 */
public record ResultTable(
    PaperModel.Family family,
    List<Column> columns,
    List<String> rows,
    Map<String, Map<Column, Cell>> cells) {

  private static final Logger LOG = LoggerFactory.getLogger(ResultTable.class);

  /**
   * One column: a network, a data set and a scale.
   *
   * @param model the network
   * @param data the data set's name
   * @param scale the scale's name; if trainings at that scale had different settings, followed by
   *     those that differ
   */
  public record Column(PaperModel model, String data, String scale) {

    @Override
    public String toString() {
      return model + ", " + data + ", " + scale;
    }
  }

  /**
   * Mean and standard deviation over trainings that differ only in their seed.
   *
   * @param mean the mean: test accuracy in percent, or for a text the test loss in nats per token
   * @param deviation the standard deviation; NaN for one training
   * @param seeds the number of trainings
   */
  public record Cell(double mean, double deviation, int seeds) {

    private static Cell of(double[] values) {
      double deviation = values.length > 1 ? MathEx.sd(values) : Double.NaN;
      return new Cell(MathEx.mean(values), deviation, values.length);
    }

    private String text(int digits, String plusMinus) {
      String mean = String.format(Locale.ROOT, "%." + digits + "f", this.mean);
      return seeds == 1
          ? mean
          : mean + plusMinus + String.format(Locale.ROOT, "%." + digits + "f", deviation);
    }
  }

  /**
   * Makes the table of a family.
   *
   * @param trainings kept trainings; those of other families are ignored; those with equal
   *     settings, function and seed but different results are left out with a warning
   * @param family the family
   * @return the table, the default activation first, then the baselines, then what was found
   */
  public static ResultTable of(List<KeptTraining> trainings, PaperModel.Family family) {
    List<KeptTraining> own =
        trainings.stream()
            .filter(kept -> kept.header().config().model().family() == family)
            .toList();
    Map<KeptTraining, Column> columns = columns(own);
    Map<String, Map<Column, Cell>> cells =
        new TreeMap<>(
            Comparator.<String>comparingInt(name -> place(family, name))
                .thenComparing(Comparator.naturalOrder()));
    own.stream()
        .collect(groups(kept -> kept.run().activation()))
        .forEach(
            (activation, each) ->
                rows(activation, each, columns)
                    .forEach((row, members) -> addRow(row, members, columns, cells)));
    List<Column> shown =
        columns.values().stream()
            .distinct()
            .filter(column -> cells.values().stream().anyMatch(row -> row.containsKey(column)))
            .toList();
    return new ResultTable(family, shown, List.copyOf(cells.keySet()), cells);
  }

  private static void addRow(
      String row,
      List<KeptTraining> members,
      Map<KeptTraining, Column> columns,
      Map<String, Map<Column, Cell>> cells) {
    members.stream()
        .collect(groups(columns::get))
        .forEach(
            (column, same) -> {
              double[] values = values(row, column, same);
              if (values.length > 0) {
                cells.computeIfAbsent(row, r -> new LinkedHashMap<>()).put(column, Cell.of(values));
              }
            });
  }

  private static <K> Collector<KeptTraining, ?, Map<K, List<KeptTraining>>> groups(
      Function<KeptTraining, K> key) {
    return Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList());
  }

  /** Maps each training to its column, in the order of the trainings. */
  private static Map<KeptTraining, Column> columns(List<KeptTraining> trainings) {
    Map<Column, List<Map<String, String>>> settings =
        trainings.stream()
            .collect(
                Collectors.groupingBy(
                    ResultTable::column,
                    Collectors.mapping(
                        kept -> kept.measurement().settings(), Collectors.toList())));
    Map<KeptTraining, Column> columns = new LinkedHashMap<>();
    for (KeptTraining kept : trainings) {
      Column plain = column(kept);
      Map<String, String> own = kept.measurement().settings();
      columns.put(
          kept,
          new Column(
              plain.model, plain.data, RunSettings.named(plain.scale, own, settings.get(plain))));
    }
    return columns;
  }

  private static Column column(KeptTraining kept) {
    RunConfig config = kept.header().config();
    return new Column(config.model(), config.data(), config.scale().name());
  }

  /**
   * Splits the trainings of one activation name by function if the name is ambiguous: if trainings
   * in one column with one seed have different functions.
   */
  private static Map<String, List<KeptTraining>> rows(
      String activation, List<KeptTraining> trainings, Map<KeptTraining, Column> columns) {
    record Place(Column column, long seed) {}
    boolean clear =
        trainings.stream()
            .collect(groups(kept -> new Place(columns.get(kept), kept.run().seed())))
            .values()
            .stream()
            .allMatch(same -> same.stream().map(ResultTable::function).distinct().count() == 1);
    if (clear) {
      return Map.of(activation, trainings);
    }
    List<String> all = trainings.stream().map(ResultTable::function).distinct().toList();
    return trainings.stream()
        .collect(
            groups(kept -> activation + " with value " + RunSettings.telling(function(kept), all)));
  }

  private static String function(KeptTraining kept) {
    return String.valueOf(kept.header().config().values());
  }

  /**
   * The values of a cell, one per seed; a seed with different values is left out with a warning.
   */
  private static double[] values(String row, Column column, List<KeptTraining> trainings) {
    List<Double> values = new ArrayList<>();
    trainings.stream()
        .collect(groups(kept -> kept.run().seed()))
        .forEach(
            (seed, same) -> {
              List<Double> own = same.stream().map(ResultTable::value).distinct().toList();
              if (own.size() == 1) {
                values.add(own.get(0));
              } else {
                LOG.warn(
                    "left out: {} runs of {} with seed {}, {}: of the same settings, but with {}: {}",
                    own.size(),
                    row,
                    seed,
                    column,
                    own,
                    same.stream().map(KeptTraining::folder).toList());
              }
            });
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double value(KeptTraining kept) {
    return kept.header().config().model().family() == PaperModel.Family.GPT
        ? kept.run().test().loss()
        : 100 * kept.run().accuracy();
  }

  /**
   * The row of an activation: its index among the family's baselines, or their number for others.
   */
  private static int place(PaperModel.Family family, String activation) {
    int place = family.activations().indexOf(family.nameOf(activation));
    return place < 0 ? family.activations().size() : place;
  }

  /** {@return the measured quantity and its unit} */
  public String title() {
    return family == PaperModel.Family.GPT ? "Test loss, nats a token" : "Test accuracy, %";
  }

  /** Whether a cell's mean is the best of its column. */
  private boolean best(Column column, Cell cell) {
    return cells.values().stream()
        .filter(row -> row.containsKey(column))
        .mapToDouble(row -> row.get(column).mean())
        .filter(Double::isFinite)
        .noneMatch(
            mean -> family == PaperModel.Family.GPT ? mean < cell.mean() : mean > cell.mean());
  }

  /**
   * The texts of a row; {@code best} is the format of a column's best value, such as {@code
   * **%s**}.
   */
  private List<String> texts(String row, String plusMinus, String best) {
    int digits = family == PaperModel.Family.GPT ? 4 : 2;
    return columns.stream()
        .map(
            column -> {
              Cell cell = cells.get(row).get(column);
              String text = cell == null ? "" : cell.text(digits, plusMinus);
              return cell != null && best(column, cell) ? best.formatted(text) : text;
            })
        .toList();
  }

  /**
   * {@return the table for Tablesaw and {@link Show}: a star follows the best value of each column;
   * cells without a training are empty}
   */
  public Table table() {
    Table table = Table.create(title(), StringColumn.create("activation", rows));
    for (int c = 0; c < columns.size(); c++) {
      int column = c;
      Stream<String> texts = rows.stream().map(row -> texts(row, " ± ", "%s *").get(column));
      table.addColumns(StringColumn.create(columns.get(c).toString(), texts));
    }
    return table;
  }

  /** {@return the table in Markdown, the best of each column in bold} */
  public String markdown() {
    return written(UnaryOperator.identity(), "| ", " | ", " |\n", " ± ", "**%s**")
        .replaceFirst("\n", "\n" + "|---".repeat(columns.size() + 1) + "|\n");
  }

  /** {@return the table as a LaTeX {@code tabular}, the best of each column in bold} */
  public String latex() {
    return "\\begin{tabular}{l%s}\n\\hline\n".formatted("r".repeat(columns.size()))
        + written(ResultTable::escaped, "", " & ", " \\\\\n", " $\\pm$ ", "\\textbf{%s}")
            .replaceFirst("\n", "\n\\\\hline\n")
        + "\\hline\n\\end{tabular}\n";
  }

  private String written(
      UnaryOperator<String> name,
      String start,
      String between,
      String end,
      String pm,
      String best) {
    String head =
        columns.stream()
            .map(column -> name.apply(column.toString()))
            .collect(Collectors.joining(between, start + "activation" + between, end));
    return rows.stream()
        .map(row -> start + name.apply(row) + between + String.join(between, texts(row, pm, best)))
        .collect(Collectors.joining(end, head, rows.isEmpty() ? "" : end));
  }

  private static String escaped(String text) {
    return text.replaceAll("([&%$#_{}])", "\\\\$1");
  }
}
