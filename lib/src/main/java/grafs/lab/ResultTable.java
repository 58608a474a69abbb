package grafs.lab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import smile.math.MathEx;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The paper's form of a table: activations in rows; network, data set and scale in columns; mean ±
 * standard deviation over seeds, the best of each column marked. Trainings of another data set or
 * scale are never in one column.
 *
 * @param family of the networks
 * @param columns what the columns are
 * @param rows the activations' names
 * @param cells by activation, then by column; a cell that has no training is missing
 */
public record ResultTable(
    Model.Family family,
    List<Column> columns,
    List<String> rows,
    Map<String, Map<Column, Cell>> cells) {

  /**
   * Of what a column's figures are.
   *
   * @param model the network
   * @param data the data set's name
   * @param scale the scale's name
   */
  public record Column(Model model, String data, String scale) {

    @Override
    public String toString() {
      return model + ", " + data + ", " + scale;
    }
  }

  /**
   * Figures of some trainings that differ in their seeds.
   *
   * @param mean their mean: test accuracy in percent, or of a text the test loss in nats
   * @param deviation their standard deviation, NaN of one alone
   * @param seeds how many there are
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
   * @param trainings what is kept; those of other families are left out
   * @param family the family
   * @return the table, the default activation first, then the baselines, then what was found
   */
  public static ResultTable of(List<KeptTraining> trainings, Model.Family family) {
    Map<Column, Map<String, List<Double>>> values = new LinkedHashMap<>();
    List<KeptTraining> own =
        trainings.stream()
            .filter(kept -> kept.header().config().model().family() == family)
            .toList();
    for (KeptTraining kept : own) {
      RunConfig config = kept.header().config();
      Column column = new Column(config.model(), config.data(), config.scale().name());
      values
          .computeIfAbsent(column, c -> new LinkedHashMap<>())
          .computeIfAbsent(kept.run().activation(), a -> new ArrayList<>())
          .add(family == Model.Family.GPT ? kept.run().test().loss() : 100 * kept.run().accuracy());
    }
    Map<String, Map<Column, Cell>> cells = new LinkedHashMap<>();
    values.forEach(
        (column, byActivation) ->
            byActivation.forEach(
                (activation, each) ->
                    cells
                        .computeIfAbsent(activation, a -> new LinkedHashMap<>())
                        .put(
                            column,
                            Cell.of(each.stream().mapToDouble(Double::doubleValue).toArray()))));
    List<String> rows =
        cells.keySet().stream()
            .sorted(
                Comparator.<String>comparingInt(name -> place(family, name))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    return new ResultTable(family, List.copyOf(values.keySet()), rows, cells);
  }

  /** Where an activation stands; what is no baseline comes last. */
  private static int place(Model.Family family, String activation) {
    int place = family.activations().indexOf(family.nameOf(activation));
    return place < 0 ? family.activations().size() : place;
  }

  /** {@return the name of the figures and their unit} */
  public String title() {
    return family == Model.Family.GPT ? "Test loss, nats a token" : "Test accuracy, %";
  }

  private int digits() {
    return family == Model.Family.GPT ? 4 : 2;
  }

  /** Whether a cell's mean is the best of its column. */
  private boolean best(Column column, Cell cell) {
    return cells.values().stream()
        .filter(row -> row.containsKey(column))
        .mapToDouble(row -> row.get(column).mean())
        .filter(Double::isFinite)
        .noneMatch(mean -> family == Model.Family.GPT ? mean < cell.mean() : mean > cell.mean());
  }

  /** A row's texts, the best ones as a function says. */
  private List<String> texts(String row, String plusMinus, Function<String, String> best) {
    BiFunction<Column, Cell, String> text =
        (column, cell) -> {
          String plain = cell.text(digits(), plusMinus);
          return best(column, cell) ? best.apply(plain) : plain;
        };
    return columns.stream()
        .map(
            column -> {
              Cell cell = cells.get(row).get(column);
              return cell == null ? "" : text.apply(column, cell);
            })
        .toList();
  }

  /**
   * {@return the table for Tablesaw and {@link Show}: of the best of each column a star follows;
   * where there is no training the cell is empty}
   */
  public Table table() {
    Table table = Table.create(title(), StringColumn.create("activation", rows));
    for (int c = 0; c < columns.size(); c++) {
      int column = c;
      table.addColumns(
          StringColumn.create(
              columns.get(c).toString(),
              rows.stream().map(row -> texts(row, " ± ", t -> t + " *").get(column)).toList()));
    }
    return table;
  }

  /** {@return the table in Markdown, the best of each column in bold} */
  public String markdown() {
    StringBuilder text = new StringBuilder("| activation |");
    columns.forEach(column -> text.append(' ').append(column).append(" |"));
    text.append("\n|---|").append("---|".repeat(columns.size()));
    for (String row : rows) {
      text.append("\n| ").append(row).append(" | ");
      text.append(String.join(" | ", texts(row, " ± ", t -> "**" + t + "**"))).append(" |");
    }
    return text.append('\n').toString();
  }

  /** {@return the table as a LaTeX {@code tabular}, the best of each column in bold} */
  public String latex() {
    StringBuilder text =
        new StringBuilder("\\begin{tabular}{l" + "r".repeat(columns.size()) + "}\n\\hline\n");
    text.append("activation & ");
    text.append(
        columns.stream().map(c -> escaped(c.toString())).collect(Collectors.joining(" & ")));
    text.append(" \\\\\n\\hline\n");
    for (String row : rows) {
      text.append(escaped(row)).append(" & ");
      text.append(String.join(" & ", texts(row, " $\\pm$ ", t -> "\\textbf{" + t + "}")));
      text.append(" \\\\\n");
    }
    return text.append("\\hline\n\\end{tabular}\n").toString();
  }

  private static String escaped(String text) {
    return text.replaceAll("([&%$#_{}])", "\\\\$1");
  }

  /** {@return the table as CSV: a line for each activation and column, with the number of seeds} */
  public String csv() {
    StringBuilder text = new StringBuilder("activation,network,data,scale,mean,std,seeds\n");
    for (String row : rows) {
      cells
          .get(row)
          .forEach(
              (column, cell) ->
                  text.append(
                      String.format(
                          Locale.ROOT,
                          "%s,%s,%s,%s,%s,%s,%d%n",
                          quoted(row),
                          column.model(),
                          quoted(column.data()),
                          quoted(column.scale()),
                          cell.mean(),
                          Double.isNaN(cell.deviation()) ? "" : cell.deviation(),
                          cell.seeds())));
    }
    return text.toString();
  }

  private static String quoted(String field) {
    return field.matches("[^,\"\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
