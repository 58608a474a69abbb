package grafs.study;

import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.PaperModel;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import smile.math.MathEx;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Test scores of trainings as tables in the form of the paper's (arXiv 2408.06820): a row for each
 * activation, a column for each combination of network, data set and scale (a set of
 * hyperparameters with a name), and in the cells the mean ± standard deviation over seeds.
 * Trainings with different settings are in different columns, and different functions of one name
 * in different rows.
 */
public final class ResultTable {

  /** The mark that follows the best mean of a column. */
  private static final String BEST = " *";

  private ResultTable() {}

  /**
   * Makes the table of a family of networks, such as ResNets.
   *
   * @param trainings trainings that were kept on disk; those of other families are ignored, and
   *     those with equal settings, function and seed but different results are left out with a
   *     warning
   * @param family the family
   * @return the test accuracies in percent, or for language models the test losses in nats per
   *     token. The first row is the family's default activation, which its networks have without a
   *     search. Then come the other known activations with which the paper compares (with the
   *     default they are the family's baselines), then all other activations by name. A star
   *     follows the best mean of each column. A cell without a training is empty; a cell with a
   *     diverged training has the number of diverged trainings in place of a mean.
   */
  public static Table of(List<KeptTraining> trainings, PaperModel.Family family) {
    List<KeptTraining> own =
        trainings.stream()
            .filter(kept -> kept.header().config().model().family() == family)
            .toList();
    List<TrainingGroup> columns = TrainingGroup.of(own);
    List<String> names =
        columns.stream()
            .flatMap(column -> column.trainings().keySet().stream())
            .distinct()
            .sorted(
                Comparator.<String>comparingInt(name -> place(family, name))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    Metric metric = family.metric();
    boolean loss = metric == Metric.LOSS;
    // Accuracies are shown in percent, losses in nats.
    double factor = loss ? 1 : 100;
    Table table =
        Table.create(
            loss ? "Test loss, nats a token" : "Test accuracy, %",
            StringColumn.create("activation", names));
    for (TrainingGroup column : columns) {
      List<double[]> cells =
          names.stream()
              .map(row -> column.trainings().getOrDefault(row, new TreeMap<>()))
              .map(
                  cell ->
                      cell.values().stream().mapToDouble(k -> factor * k.value(metric)).toArray())
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
      String name =
          "%s, %s, %s%s"
              .formatted(column.model(), column.data(), column.scale(), column.differing());
      table.addColumns(StringColumn.create(name, texts));
    }
    return table;
  }

  /**
   * {@return the key by which rows are sorted: the index of an activation among the family's
   * baselines, or the number of baselines for any other activation}
   */
  private static int place(PaperModel.Family family, String activation) {
    int place = family.activations().indexOf(family.nameOf(activation));
    return place < 0 ? family.activations().size() : place;
  }

  /** {@return the text of a cell with one value for each seed; NaN is a diverged training} */
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
   * Writes a table of {@link #of} in Markdown.
   *
   * @param table the table
   * @return the Markdown, with the best value of each column in bold
   */
  public static String markdown(Table table) {
    String rule = "\n" + "|---".repeat(table.columnCount()) + "|\n";
    return written(table, text -> bold(text.replace("|", "\\|"), "**%s**"), "| ", " | ", " |\n")
        .replaceFirst("\n", rule);
  }

  /**
   * Writes a table of {@link #of} in LaTeX.
   *
   * @param table the table
   * @return a {@code tabular} environment, with the best value of each column in bold
   */
  public static String latex(Table table) {
    UnaryOperator<String> cell =
        text ->
            bold(
                text.replace("\\", "\\textbackslash ")
                    .replaceAll("[&%$#_{}]", "\\\\$0")
                    .replaceAll("[\\^~]", "\\\\$0{}")
                    .replace("|", "\\textbar ")
                    .replace("±", "$\\pm$"),
                "\\textbf{%s}");
    return "\\begin{tabular}{l%s}\n\\hline\n".formatted("r".repeat(table.columnCount() - 1))
        + written(table, cell, "", " & ", " \\\\\n").replaceFirst("\n", "\n\\\\hline\n")
        + "\\hline\n\\end{tabular}\n";
  }

  /**
   * {@return the text of a cell; if it ends with {@link #BEST}, without this mark and in a format
   * for bold text}
   */
  private static String bold(String text, String format) {
    return text.endsWith(BEST)
        ? format.formatted(text.substring(0, text.length() - BEST.length()))
        : text;
  }

  /** Joins the cells of each row into a line; the first line has the names of the columns. */
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
