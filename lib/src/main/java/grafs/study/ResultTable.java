package grafs.study;

import grafs.notebook.Tables;
import grafs.run.KeptTraining;
import grafs.run.Measurement;
import grafs.run.Metric;
import grafs.run.PaperModel;
import grafs.run.RunConfig;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import smile.math.MathEx;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The paper's form of a table: activations in rows; network, data set and scale in columns; mean ±
 * standard deviation over seeds. A column never mixes data sets, scales or settings; a cell never
 * mixes functions that share a name.
 */
public final class ResultTable {

  /** The suffix of the best value of a column. */
  private static final String BEST = " *";

  private ResultTable() {}

  /**
   * Makes the table of a family.
   *
   * @param trainings kept trainings; those of other families are ignored; those with equal
   *     settings, function and seed but different results are left out with a warning
   * @param family the family
   * @return the test accuracies in percent, or of texts the losses in nats a token: the default
   *     activation first, then the baselines, then what was found. A star follows the best value of
   *     each column; cells without a training are empty, and those with one that diverged say so.
   */
  public static Table of(List<KeptTraining> trainings, PaperModel.Family family) {
    List<KeptTraining> own =
        trainings.stream()
            .filter(kept -> kept.header().config().model().family() == family)
            .toList();
    Map<KeptTraining, String> columns = columns(own);
    Map<KeptTraining, String> rows = rows(own, columns);
    List<KeptTraining> clear =
        Tables.groups(own, k -> List.of(rows.get(k), columns.get(k), k.run().seed())).stream()
            .filter(
                same -> {
                  KeptTraining one = same.get(0);
                  return Claims.agree(
                      "%s with seed %d, %s"
                          .formatted(rows.get(one), one.run().seed(), columns.get(one)),
                      same.stream().map(ResultTable::value).toList(),
                      same.stream().map(KeptTraining::folder).toList());
                })
            .map(same -> same.get(0))
            .toList();
    List<String> names =
        clear.stream()
            .map(rows::get)
            .distinct()
            .sorted(
                Comparator.<String>comparingInt(name -> place(family, name))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    boolean loss = family.metric() == Metric.LOSS;
    Table table =
        Table.create(
            loss ? "Test loss, nats a token" : "Test accuracy, %",
            StringColumn.create("activation", names));
    for (List<KeptTraining> column : Tables.groups(clear, columns::get)) {
      List<double[]> cells =
          names.stream()
              .map(row -> column.stream().filter(kept -> rows.get(kept).equals(row)))
              .map(cell -> cell.mapToDouble(ResultTable::value).toArray())
              .toList();
      double best =
          cells.stream()
              .mapToDouble(MathEx::mean)
              .filter(Double::isFinite)
              .reduce(loss ? Math::min : Math::max)
              .orElse(Double.NaN);
      Stream<String> texts =
          cells.stream()
              .map(c -> text(c, loss ? "%.4f" : "%.2f") + (MathEx.mean(c) == best ? BEST : ""));
      table.addColumns(StringColumn.create(columns.get(column.get(0)), texts));
    }
    return table;
  }

  /**
   * Names the column of each training: network, data set and scale; if trainings at that scale had
   * different settings, followed by those that differ.
   */
  private static Map<KeptTraining, String> columns(List<KeptTraining> trainings) {
    Map<KeptTraining, String> columns = new HashMap<>();
    for (List<KeptTraining> same : Tables.groups(trainings, ResultTable::place)) {
      var settings = same.stream().map(kept -> kept.measurement().settings()).toList();
      for (int i = 0; i < same.size(); i++) {
        String name = SettingNames.named(place(same.get(i)), settings.get(i), settings);
        columns.put(same.get(i), name);
      }
    }
    return columns;
  }

  private static String place(KeptTraining kept) {
    RunConfig config = kept.header().config();
    return "%s, %s, %s".formatted(config.model(), config.data(), config.scale().name());
  }

  /**
   * Names the row of each training by its activation, and by its function too if the activation's
   * name is ambiguous: if trainings in one column with one seed have different functions.
   */
  private static Map<KeptTraining, String> rows(
      List<KeptTraining> trainings, Map<KeptTraining, String> columns) {
    Map<KeptTraining, String> rows = new HashMap<>();
    for (List<KeptTraining> same : Tables.groups(trainings, kept -> kept.run().activation())) {
      List<String> all = functions(same);
      boolean clear =
          Tables.groups(same, kept -> List.of(columns.get(kept), kept.run().seed())).stream()
              .allMatch(seed -> functions(seed).size() == 1);
      for (KeptTraining kept : same) {
        String own = clear ? "" : " with value " + SettingNames.telling(function(kept), all);
        rows.put(kept, kept.run().activation() + own);
      }
    }
    return rows;
  }

  private static List<String> functions(List<KeptTraining> trainings) {
    return trainings.stream().map(ResultTable::function).distinct().toList();
  }

  /** {@return what tells the functions of one name apart: their values} */
  static String function(KeptTraining kept) {
    return String.valueOf(kept.header().config().values());
  }

  private static double value(KeptTraining kept) {
    Measurement own = kept.measurement();
    return own.metric() == Metric.LOSS ? own.value() : 100 * own.value();
  }

  /**
   * The row of an activation: its index among the family's baselines, or their number for others.
   */
  private static int place(PaperModel.Family family, String activation) {
    int place = family.activations().indexOf(family.nameOf(activation));
    return place < 0 ? family.activations().size() : place;
  }

  private static String text(double[] values, String number) {
    if (values.length == 0) {
      return "";
    }
    long diverged = DoubleStream.of(values).filter(Double::isNaN).count();
    if (diverged > 0) {
      return diverged == values.length
          ? "diverged"
          : "%d of %d diverged".formatted(diverged, values.length);
    }
    String mean = String.format(Locale.ROOT, number, MathEx.mean(values));
    return values.length == 1
        ? mean
        : mean + " ± " + String.format(Locale.ROOT, number, MathEx.sd(values));
  }

  /**
   * Writes such a table in Markdown.
   *
   * @param table the table
   * @return its text, the best of each column in bold
   */
  public static String markdown(Table table) {
    String rule = "\n" + "|---".repeat(table.columnCount()) + "|\n";
    return written(table, text -> bold(text, "**%s**"), "| ", " | ", " |\n")
        .replaceFirst("\n", rule);
  }

  /**
   * Writes such a table in LaTeX.
   *
   * @param table the table
   * @return a {@code tabular}, the best of each column in bold
   */
  public static String latex(Table table) {
    UnaryOperator<String> cell =
        text ->
            bold(text.replaceAll("([&%$#_{}])", "\\\\$1"), "\\textbf{%s}").replace("±", "$\\pm$");
    return "\\begin{tabular}{l%s}\n\\hline\n".formatted("r".repeat(table.columnCount() - 1))
        + written(table, cell, "", " & ", " \\\\\n").replaceFirst("\n", "\n\\\\hline\n")
        + "\\hline\n\\end{tabular}\n";
  }

  private static String bold(String text, String format) {
    return text.endsWith(BEST)
        ? format.formatted(text.substring(0, text.length() - BEST.length()))
        : text;
  }

  private static String written(
      Table table, UnaryOperator<String> cell, String start, String between, String end) {
    Stream<List<String>> rows =
        IntStream.range(0, table.rowCount())
            .mapToObj(row -> table.columns().stream().map(c -> c.getString(row)).toList());
    return Stream.concat(Stream.of(table.columnNames()), rows)
        .map(row -> row.stream().map(cell).collect(Collectors.joining(between, start, end)))
        .collect(Collectors.joining());
  }
}
