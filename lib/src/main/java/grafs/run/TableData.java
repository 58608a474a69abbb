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
 * Training rows and test rows for a network, from a table in which one column, the label, is to be
 * predicted from the others:
 *
 * <pre>{@code
 * var table = Table.read().csv("penguins.csv").dropRowsWithMissingValues();
 * var data = TableData.of(table, "species");
 * var mlp = new Mlp(data.inputs(), data.outputs(), new int[] {64, 64}, Activation::relu);
 * var found = ActivationSearch.in(mlp).run(data.train(), data.loss(), 1, new ProgressLine());
 * found.compare(data.test(), 1, 2, 3, 4, 5)
 * }</pre>
 *
 * <p>A numeric column is one input, standardised with the mean and the standard deviation of the
 * training rows. A text column is one-hot encoded: it becomes one input of 0 or 1 for each distinct
 * text. A Boolean column is one input of 0 or 1. A label with texts, Booleans or whole numbers
 * makes a classification. A label with floating-point numbers makes a regression and is
 * standardised too.
 */
public final class TableData {

  /**
   * The largest number of distinct whole numbers in a label. A label with more is rejected, since
   * it is not clear whether the numbers are classes or quantities.
   */
  private static final int MOST_NUMBERED_CLASSES = 20;

  private static final Logger LOG = LoggerFactory.getLogger(TableData.class);

  /**
   * If a column has more distinct texts than this, a warning is logged: so many are seldom
   * categories.
   */
  private static final int MANY = 100;

  /** The largest number of classes that {@link #toString} lists. */
  private static final int MOST_SHOWN = 20;

  private final Table table;
  private final String label;
  private final List<String> names = new ArrayList<>();
  private final List<String> classes;

  /** How the label of a regression is standardised; the identity for a classification. */
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
      throw new IllegalArgumentException(
          "there is no column beside the label '%s': add those to predict it from"
              .formatted(label));
    }
    double[] y;
    if (isFraction(labels)) {
      classes = List.of();
      double[] values = ((NumericColumn<?>) labels).asDoubleArray();
      labelScaling = Scaling.of(values, trained);
      if (labelScaling.deviation == 0) {
        throw new IllegalArgumentException(
            "the label '%s' is %s in all training rows: take more rows, or another seed or label"
                .formatted(label, labelScaling.mean));
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
   * Takes a fifth of the rows, drawn with seed 1, for the test, and the rest for training.
   *
   * @param table the table
   * @param label the name of the column to predict
   * @return the data
   * @throws IllegalArgumentException if a value is missing or infinite; if there is no column of
   *     that name, or no other column; if the label has the same value in all rows, or as a
   *     regression in all training rows; if it has more than 20 different whole numbers; if a
   *     column has dates or times; if a text column has more distinct texts than half the number of
   *     rows; or if there are too few rows. The message names the column, and the row of a missing
   *     or infinite value, and says what to do
   */
  public static TableData of(Table table, String label) {
    return of(table, label, 0.2, 1);
  }

  /**
   * Takes a given share of the rows for the test, and the rest for training.
   *
   * @param table the table
   * @param label the name of the column to predict
   * @param testShare the share of the test rows, between 0 and 1
   * @param seed the seed by which the test rows are drawn
   * @return the data
   * @throws IllegalArgumentException as {@link #of(Table, String)}; there must be at least two
   *     training rows and one test row
   */
  public static TableData of(Table table, String label, double testShare, long seed) {
    ValueDisplay.registerAll();
    return new TableData(table, label, testShare, seed);
  }

  /**
   * {@return the training rows, for a search and for trainings: batches have inputs {@code [batch,
   * inputs]} and labels {@code [batch]}, or {@code [batch, 1]} for a regression, all float32}
   */
  public RandomAccessDataset train() {
    return train;
  }

  /**
   * {@return the test rows, for a comparison of trained networks, in the form of {@link #train}}
   */
  public RandomAccessDataset test() {
    return test;
  }

  /** {@return the number of inputs that the network takes} */
  public int inputs() {
    return names.size();
  }

  /** {@return the names of the inputs, such as {@code age} or {@code colour=red}} */
  public List<String> inputNames() {
    return List.copyOf(names);
  }

  /**
   * {@return the number of outputs that the network has: one for each class, or 1 for a regression}
   */
  public int outputs() {
    return Math.max(1, classes.size());
  }

  /**
   * {@return the names of the classes, in the order of the indices that stand for them in the
   * labels; empty for a regression}
   */
  public List<String> classes() {
    return classes;
  }

  /**
   * {@return the loss to train with: softmax cross-entropy, or {@link SquaredError} for a
   * regression}
   */
  public Loss loss() {
    return classes.isEmpty() ? new SquaredError() : Loss.softmaxCrossEntropyLoss();
  }

  /**
   * Converts a network's output to the label's own unit, for a regression.
   *
   * @param output the output for one row, in standard deviations of the label from its mean
   * @return the predicted label
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
          "the label '%s' is the same in all %d rows: take a column whose values differ"
              .formatted(label, table.rowCount()));
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

  /** Whether a column has floating-point numbers, which as a label make a regression. */
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
        String what = infinite ? "infinite" : column.isMissing(row) ? "missing" : "a blank text";
        // Tablesaw counts neither infinite numbers nor blank texts as missing.
        String drop =
            column.isMissing(row) ? "dropRowsWithMissingValues()" : "dropRows(" + row + ")";
        throw new IllegalArgumentException(
            "column '%s' is %s in row %d (counted from 0); %d of its values are missing. Fill in a value, or leave rows out with table.%s, or the column with table.rejectColumns(\"%s\")"
                .formatted(column.name(), what, row, missing, drop, column.name()));
      }
    }
  }

  /** Whether a value is missing. A blank text counts as missing, which it does not in Tablesaw. */
  private static boolean isMissing(Column<?> column, int row) {
    return column.isMissing(row) || column instanceof StringColumn t && t.get(row).isBlank();
  }

  /**
   * Adds the inputs of a column and their names.
   *
   * @param trained the training rows, which standardise a numeric column
   * @param inputs receives the values of each input for all rows of the table
   */
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

  /** Converts each value of a column, taken as text, to a number. */
  private static double[] each(Column<?> column, ToDoubleFunction<String> number) {
    return IntStream.range(0, column.size())
        .mapToDouble(row -> number.applyAsDouble(column.getUnformattedString(row)))
        .toArray();
  }

  /**
   * Returns the distinct values of a column as text, sorted: texts alphabetically, numbers by size.
   */
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
   * Standardisation by a mean and a standard deviation; if the deviation is 0, only the mean is
   * subtracted.
   */
  private record Scaling(double mean, double deviation) {

    /**
     * A deviation of up to this fraction of the mean counts as 0, since rounding errors can cause
     * it. The fraction is some tens of units in the last place of a double.
     */
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
