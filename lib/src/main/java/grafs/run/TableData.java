package grafs.run;

import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import grafs.train.SquaredError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A table with a label column as training and test rows for a network:
 *
 * <pre>{@code
 * var table = Table.read().csv("penguins.csv").dropRowsWithMissingValues();
 * var data = TableData.of(table, "species");
 * var mlp = new Mlp(data.inputs(), data.outputs(), new int[] {64, 64}, Activation::relu);
 * var found = ActivationSearch.in(mlp).run(data.train(), data.loss(), 1, new ProgressLine());
 * found.compare(data.test(), 1, 2, 3, 4, 5)
 * }</pre>
 *
 * <p>Numeric columns are standardised with the mean and the standard deviation of the training
 * rows. Text columns are one-hot encoded: one input of 0 or 1 for each distinct text. A Boolean
 * column is one input of 0 or 1. A label of texts, Booleans or whole numbers makes a
 * classification; a label of floating-point numbers makes a regression and is standardised too.
 */
public final class TableData {

  /** A label with more distinct whole numbers is rejected: they may be classes or quantities. */
  private static final int MOST_NUMBERED_CLASSES = 20;

  private static final Logger LOG = LoggerFactory.getLogger(TableData.class);

  /** A column with more distinct texts is warned about, since they are seldom categories. */
  private static final int MANY = 100;

  /** The largest number of classes that {@link #toString} lists. */
  private static final int MOST_SHOWN = 20;

  private final Table table;
  private final String label;
  private final List<String> names = new ArrayList<>();
  private final List<String> classes;
  private final Scaling labelScaling;
  private final TableRows train;
  private final TableRows test;

  private TableData(Table table, String label, double testShare, long seed) {
    this.table = table;
    this.label = label;
    Column<?> labels = labels();
    table.columns().forEach(this::requireComplete);
    List<Integer> order = new ArrayList<>(IntStream.range(0, table.rowCount()).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    int tested = (int) Math.round(testShare * order.size());
    if (tested < 1 || order.size() - tested < 2) {
      throw new IllegalArgumentException(
          "%d rows and a test share of %s leave %d rows for training and %d for the test: at least 2 and 1 are needed"
              .formatted(order.size(), testShare, order.size() - tested, tested));
    }
    List<Integer> trained = order.subList(tested, order.size());

    List<double[]> inputs = new ArrayList<>();
    table.columns().stream()
        .filter(column -> column != labels)
        .forEach(column -> addInputs(column, trained, inputs));
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("there is no column beside the label '" + label + "'");
    }
    double[] y;
    if (isFraction(labels)) {
      classes = List.of();
      double[] values = ((NumericColumn<?>) labels).asDoubleArray();
      labelScaling = Scaling.of(values, trained);
      if (labelScaling.deviation == 0) {
        throw new IllegalArgumentException(
            "the label '%s' is %s in all training rows".formatted(label, labelScaling.mean));
      }
      y = labelScaling.apply(values);
    } else {
      classes = categories(labels);
      labelScaling = new Scaling(0, 1);
      y = each(labels, classes::indexOf);
    }
    train = new TableRows(inputs, y, trained, !classes.isEmpty());
    test = new TableRows(inputs, y, order.subList(0, tested), !classes.isEmpty());
  }

  /**
   * Takes a fifth of the rows, drawn with seed 1, for the test, and the others for training.
   *
   * @param table the table
   * @param label the name of the column to predict
   * @return the data
   * @throws IllegalArgumentException if a value is missing or infinite, which is named with its row
   *     and column; if there is no such label; if a column is of dates or times, or if a text
   *     column has more distinct texts than half the number of rows
   */
  public static TableData of(Table table, String label) {
    return of(table, label, 0.2, 1);
  }

  /**
   * Takes a share of the rows for the test.
   *
   * @param table the table
   * @param label the name of the column to predict
   * @param testShare the share of the test rows, between 0 and 1
   * @param seed the seed by which they are drawn
   * @return the data
   * @throws IllegalArgumentException as {@link #of(Table, String)}, or if a part has too few rows
   */
  public static TableData of(Table table, String label, double testShare, long seed) {
    ValueDisplay.registerAll();
    return new TableData(table, label, testShare, seed);
  }

  /** {@return the rows to search and to train on: inputs {@code [batch, inputs]}} */
  public RandomAccessDataset train() {
    return train;
  }

  /** {@return the test rows, which no search or training uses} */
  public RandomAccessDataset test() {
    return test;
  }

  /** {@return the number of inputs of a network} */
  public int inputs() {
    return names.size();
  }

  /** {@return the names of the inputs, such as {@code age} or {@code colour=red}} */
  public List<String> inputNames() {
    return List.copyOf(names);
  }

  /** {@return the number of outputs of a network: one for each class; 1 for a regression} */
  public int outputs() {
    return Math.max(1, classes.size());
  }

  /** {@return the classes in the order of their indices; empty for a regression} */
  public List<String> classes() {
    return classes;
  }

  /** {@return softmax cross-entropy, or for a regression {@link SquaredError}} */
  public Loss loss() {
    return classes.isEmpty() ? new SquaredError() : Loss.softmaxCrossEntropyLoss();
  }

  /**
   * {@return the label, in its own unit, that an output of a regression's network stands for}
   *
   * @param output the output
   */
  public double label(double output) {
    return labelScaling.mean + labelScaling.deviation * output;
  }

  private Column<?> labels() {
    if (table.columnNames().stream().noneMatch(label::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "the table has no column '%s'; its columns are %s".formatted(label, table.columnNames()));
    }
    Column<?> labels = table.column(label);
    if (labels.countUnique() < 2) {
      throw new IllegalArgumentException(
          "the label '%s' is the same in all %d rows".formatted(label, table.rowCount()));
    }
    if (labels instanceof NumericColumn
        && !isFraction(labels)
        && labels.countUnique() > MOST_NUMBERED_CLASSES) {
      throw new IllegalArgumentException(
          "the label '%s' has %d different whole numbers: if they are to be predicted as numbers, take table.replaceColumn(table.numberColumn(\"%s\").asDoubleColumn()); if they are classes, asStringColumn()"
              .formatted(label, labels.countUnique(), label));
    }
    return labels;
  }

  private static boolean isFraction(Column<?> column) {
    return column instanceof DoubleColumn || column instanceof FloatColumn;
  }

  private void requireComplete(Column<?> column) {
    boolean known =
        column instanceof NumericColumn
            || column instanceof StringColumn
            || column instanceof BooleanColumn;
    if (!known) {
      throw new IllegalArgumentException(
          "column '%s' is of type %s, which no network takes: make numbers of it, or leave it out with table.rejectColumns(\"%s\")"
              .formatted(column.name(), column.type(), column.name()));
    }
    for (int row = 0; row < column.size(); row++) {
      boolean infinite =
          column instanceof NumericColumn<?> numbers && Double.isInfinite(numbers.getDouble(row));
      if (isMissing(column, row) || infinite) {
        long missing = IntStream.range(0, column.size()).filter(r -> isMissing(column, r)).count();
        String what = infinite ? "infinite" : "missing";
        throw new IllegalArgumentException(
            "column '%s' is %s in row %d (counted from 0); %d of its values are missing. Fill them in, or leave rows out with table.dropRowsWithMissingValues(), or the column with table.rejectColumns(\"%s\")"
                .formatted(column.name(), what, row, missing, column.name()));
      }
    }
  }

  /** A blank text counts as missing too; Tablesaw does not count it as missing. */
  private static boolean isMissing(Column<?> column, int row) {
    return column.isMissing(row) || column instanceof StringColumn t && t.get(row).isBlank();
  }

  private void addInputs(Column<?> column, List<Integer> trained, List<double[]> inputs) {
    if (column instanceof NumericColumn<?> numbers) {
      names.add(column.name());
      double[] values = numbers.asDoubleArray();
      inputs.add(Scaling.of(values, trained).apply(values));
    } else if (column instanceof BooleanColumn yes) {
      names.add(column.name());
      inputs.add(yes.asDoubleArray());
    } else {
      for (String category : categories(column)) {
        names.add(column.name() + "=" + category);
        inputs.add(each(column, text -> text.equals(category) ? 1 : 0));
      }
    }
  }

  /** Maps each value of a column, as text, to a number. */
  private static double[] each(Column<?> column, ToDoubleFunction<String> number) {
    return IntStream.range(0, column.size())
        .mapToDouble(row -> number.applyAsDouble(column.getUnformattedString(row)))
        .toArray();
  }

  /** The distinct values as text, sorted: texts alphabetically, numbers by size. */
  private static List<String> categories(Column<?> column) {
    int different = column.countUnique();
    if (column instanceof StringColumn && 2 * different > column.size()) {
      throw new IllegalArgumentException(
          "column '%s' has %d different texts in %d rows, so they are no categories: leave it out with table.rejectColumns(\"%s\")"
              .formatted(column.name(), different, column.size(), column.name()));
    }
    if (column instanceof StringColumn && different > MANY) {
      LOG.warn(
          "column '{}' has {} different texts in {} rows, each a number 0 or 1 or a class of its own; if that is not meant, leave it out with table.rejectColumns(\"{}\")",
          column.name(),
          different,
          column.size(),
          column.name());
    }
    Column<?> unique = column.unique();
    unique.sortAscending();
    return IntStream.range(0, unique.size()).mapToObj(unique::getUnformattedString).toList();
  }

  /**
   * Standardises by a mean and a standard deviation; a deviation of 0 leaves the scale as it is.
   */
  private record Scaling(double mean, double deviation) {

    /** The largest deviation, relative to the mean, that rounding explains: some tens of ulp. */
    private static final double ROUNDING = 1e-14;

    static Scaling of(double[] values, List<Integer> rows) {
      double mean = rows.stream().mapToDouble(r -> values[r]).average().orElseThrow();
      double variance =
          rows.stream().mapToDouble(r -> Math.pow(values[r] - mean, 2)).average().orElseThrow();
      double deviation = Math.sqrt(variance);
      return new Scaling(mean, deviation > ROUNDING * Math.abs(mean) ? deviation : 0);
    }

    double[] apply(double... values) {
      double scale = deviation > 0 ? deviation : 1;
      return Arrays.stream(values).map(value -> (value - mean) / scale).toArray();
    }
  }

  @Override
  public String toString() {
    String first = String.join(", ", classes.subList(0, Math.min(MOST_SHOWN, classes.size())));
    String more = classes.size() > MOST_SHOWN ? ", …" : "";
    String what =
        classes.isEmpty()
            ? "a regression of " + label
            : "%s in %d classes: %s%s".formatted(label, classes.size(), first, more);
    return "%d training rows and %d test rows of %d inputs; %s"
        .formatted(train.size(), test.size(), inputs(), what);
  }
}
