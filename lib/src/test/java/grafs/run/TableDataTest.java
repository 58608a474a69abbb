package grafs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import grafs.data.DatasetBatches;
import grafs.train.Progress;
import grafs.train.SquaredError;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DateColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tests {@link TableData}, which makes training and test rows for a network from a table. */
class TableDataTest {

  private static final int ROWS = 100;

  /**
   * A table with columns of every type that is allowed. The columns weight and price increase with
   * the row's number by equal steps.
   */
  private static Table table() {
    Random random = new Random(7);
    return Table.create(
        "things",
        DoubleColumn.create("weight", IntStream.range(0, ROWS).mapToDouble(r -> 5 + 3 * r)),
        IntColumn.create("age", IntStream.range(0, ROWS).map(r -> random.nextInt(80)).toArray()),
        IntColumn.create("constant", IntStream.range(0, ROWS).map(r -> 4).toArray()),
        BooleanColumn.create("new", IntStream.range(0, ROWS).mapToObj(r -> r % 2 == 0).toList()),
        StringColumn.create(
            "colour",
            IntStream.range(0, ROWS)
                .mapToObj(r -> List.of("red", "blue", "green").get(r % 3))
                .toList()),
        DoubleColumn.create("price", IntStream.range(0, ROWS).mapToDouble(r -> 1000 + r)),
        StringColumn.create(
            "kind", IntStream.range(0, ROWS).mapToObj(r -> r < 50 ? "tree" : "bush").toList()));
  }

  private static float[][] inputs(RandomAccessDataset rows) throws Exception {
    float[][] x = new float[(int) rows.size()][];
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int i = 0; i < x.length; i++) {
        Record row = rows.get(manager, i);
        x[i] = row.getData().head().toFloatArray();
      }
    }
    return x;
  }

  private static float[] labels(RandomAccessDataset rows) throws Exception {
    float[] y = new float[(int) rows.size()];
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int i = 0; i < y.length; i++) {
        y[i] = rows.get(manager, i).getLabels().head().toFloatArray()[0];
      }
    }
    return y;
  }

  @Test
  void numbersAreStandardisedByTheTrainingRowsAndTextsAreOneHot() throws Exception {
    Table table = table().rejectColumns("price");
    TableData data = TableData.of(table, "kind", 0.3, 5);
    assertEquals(
        List.of("weight", "age", "constant", "new", "colour=blue", "colour=green", "colour=red"),
        data.inputNames());
    assertEquals(List.of("bush", "tree"), data.classes());
    assertEquals(2, data.outputs());
    assertTrue(data.loss() instanceof SoftmaxCrossEntropyLoss);
    assertEquals(70, data.train().size());
    assertEquals(30, data.test().size());

    float[][] train = inputs(data.train());
    float[][] test = inputs(data.test());
    for (int c = 0; c < 2; c++) {
      int column = c;
      double[] values = IntStream.range(0, 70).mapToDouble(i -> train[i][column]).toArray();
      double mean = IntStream.range(0, 70).mapToDouble(i -> values[i]).average().orElseThrow();
      double square =
          IntStream.range(0, 70).mapToDouble(i -> values[i] * values[i]).average().orElseThrow();
      assertEquals(0, mean, 1e-5);
      assertEquals(1, square, 1e-4);
    }
    // In the column weight, each row has a different value, and the values are evenly spaced. After
    // scaling, the values of both parts together are still evenly spaced if the test rows are
    // scaled as the training rows are, and if no row is in both parts.
    double step = Double.MAX_VALUE;
    TreeSet<Float> weights = new TreeSet<>();
    for (float[][] part : List.of(train, test)) {
      for (float[] row : part) {
        weights.add(row[0]);
        assertEquals(0, row[2], "a constant says nothing");
        assertEquals(1, row[4] + row[5] + row[6], "one colour");
        assertTrue(row[3] == 0 || row[3] == 1);
      }
    }
    assertEquals(ROWS, weights.size());
    Float before = null;
    for (float weight : weights) {
      if (before != null) {
        step = step == Double.MAX_VALUE ? weight - before : step;
        assertEquals(step, weight - before, 1e-5);
      }
      before = weight;
    }
    // Each row must still have its own label: the rows with the 50 smallest values of weight are
    // trees.
    float[] y = labels(data.test());
    float median = weights.stream().skip(50).findFirst().orElseThrow();
    for (int i = 0; i < y.length; i++) {
      assertEquals(test[i][0] < median ? 1 : 0, y[i], "row " + i);
    }
  }

  @Test
  void theLabelsTypeMakesItARegression() throws Exception {
    TableData data = TableData.of(table(), "price");
    assertTrue(data.loss() instanceof SquaredError);
    assertEquals(1, data.outputs());
    assertTrue(data.classes().isEmpty());
    double least = Double.MAX_VALUE;
    for (float y : labels(data.train())) {
      least = Math.min(least, data.label(y));
      assertEquals(Math.rint(data.label(y)), data.label(y), 1e-3, "a price as it was");
    }
    assertTrue(least >= 999.9 && least < 1020, "" + least);

    // Whole numbers in the label are classes, sorted by size.
    Table digits = table();
    digits.addColumns(
        IntColumn.create("digit", IntStream.range(0, ROWS).map(r -> 8 + r % 4).toArray()));
    assertEquals(List.of("8", "9", "10", "11"), TableData.of(digits, "digit").classes());
    assertEquals(List.of("false", "true"), TableData.of(table(), "new").classes());
  }

  @Test
  void whatDiffersByRoundingInTheTrainingRowsIsConstant() throws Exception {
    // Which rows are drawn for the test does not depend on the values in the table. The price of a
    // row is 1000 plus the row's number, so the prices of the test rows tell which rows are drawn.
    TableData rows = TableData.of(table().retainColumns("weight", "price"), "price");
    Set<Integer> tested = new TreeSet<>();
    for (float y : labels(rows.test())) {
      tested.add((int) Math.rint(rows.label(y)) - 1000);
    }
    assertEquals(20, tested.size());
    for (double noise : new double[] {0, Math.ulp(0.1)}) {
      double[] values =
          IntStream.range(0, ROWS)
              .mapToDouble(r -> tested.contains(r) ? 0.2 : 0.1 + r % 3 * noise)
              .toArray();
      Table table = table().retainColumns("kind").addColumns(DoubleColumn.create("v", values));
      TableData data = TableData.of(table, "kind");
      for (float[] x : inputs(data.train())) {
        assertEquals(0, x[0], 1e-12);
      }
      for (float[] x : inputs(data.test())) {
        assertEquals(0.1, x[0], 1e-7);
      }
      refused(table, "v", "the label 'v' is 0.1", "in all training rows");
    }
    // Tiny differences between values around 0, or differences of 1 between values around 1e12, are
    // not rounding errors.
    for (double mean : new double[] {0, 1e12}) {
      double step = mean == 0 ? 1e-30 : 1;
      double[] values = IntStream.range(0, ROWS).mapToDouble(r -> mean + step * r).toArray();
      Table table = table().retainColumns("kind").addColumns(DoubleColumn.create("v", values));
      double square = 0;
      for (float[] x : inputs(TableData.of(table, "kind").train())) {
        square += x[0] * x[0] / 80;
      }
      assertEquals(1, square, 1e-4);
    }
  }

  @Test
  void batchesHaveTheRowsThatAreAskedFor() throws Exception {
    TableData data = TableData.of(table(), "kind");
    float[][] all = inputs(data.train());
    try (NDManager manager = NDManager.newBaseManager()) {
      int first = 0;
      for (Batch batch : DatasetBatches.inOrder(data.train(), 32).epoch(manager, 0)) {
        try (batch) {
          long size = batch.getLabels().head().getShape().get(0);
          assertEquals(new Shape(size, data.inputs()), batch.getData().head().getShape());
          assertArrayEquals(all[first], batch.getData().head().get(0).toFloatArray());
          first += (int) size;
        }
      }
      assertEquals(80, first);
    }
  }

  @Test
  void aSearchAndAComparisonRunOnIt() {
    TableData data = TableData.of(table(), "price");
    FoundActivation found =
        FoundComparisonTest.brief(
                ActivationSearch.in(new Mlp(data.inputs(), 1, new int[] {8}, Activation::tanh)))
            .run(data.train(), data.loss(), 1, Progress.Listener.NONE);
    FoundComparison comparison = found.compare(data.test(), 1, 2);
    assertEquals(new FoundComparison.Rows(60, 20, 20), comparison.rows());
    assertTrue(comparison.table().columnNames().contains("test loss"));
  }

  @Test
  void ofManyClassesTheFirstAreNamed() {
    List<String> letters =
        IntStream.range(0, 100).mapToObj(i -> String.valueOf((char) ('a' + i % 25))).toList();
    Table table =
        Table.create(
            DoubleColumn.create("x", IntStream.range(0, 100).asDoubleStream().toArray()),
            StringColumn.create("letter", letters));
    TableData data = TableData.of(table, "letter");
    assertEquals(25, data.classes().size());
    String said = data.toString();
    assertTrue(said.contains("letter in 25 classes: a, b, c"), said);
    assertTrue(said.endsWith("s, t, …"), said);
  }

  @Test
  void aSearchHasTwoEpochsAtLeast() {
    ActivationSearch search = ActivationSearch.in(new Mlp(2, 1, new int[] {8}, Activation::tanh));
    String said = assertThrows(IllegalArgumentException.class, () -> search.epochs(1)).getMessage();
    assertEquals("a search has at least 2 epochs, not 1", said);
    search.epochs(2);
  }

  @Test
  void whatIsNoDataIsRefusedByName() {
    Table gap = table();
    gap.doubleColumn("weight").setMissing(17);
    gap.doubleColumn("weight").setMissing(40);
    refused(gap, "kind", "'weight' is missing in row 17", "2 of its values", "dropRowsWithMissing");
    Table unlabelled = table();
    unlabelled.stringColumn("kind").setMissing(3); // Tablesaw makes a blank text of it
    refused(unlabelled, "kind", "'kind' is a blank text in row 3", "table.dropRows(3)");
    Table infinite = table();
    infinite.doubleColumn("weight").set(9, Double.NEGATIVE_INFINITY);
    refused(infinite, "kind", "'weight' is infinite in row 9", "table.dropRows(9)");
    TableData.of(infinite.dropRows(9), "kind");
    Table blank = table();
    blank.stringColumn("kind").set(4, " ");
    refused(blank, "kind", "'kind' is a blank text in row 4", "table.dropRows(4)");
    TableData.of(blank.dropRows(4), "kind");
    refused(table(), "sort", "no column 'sort'", "weight, age");
    refused(table(), "constant", "the same in all 100 rows");
    refused(table(), "age", "different whole numbers", "asDoubleColumn", "asStringColumn");
    Table named = table();
    named.addColumns(
        StringColumn.create("name", IntStream.range(0, ROWS).mapToObj(r -> "n" + r).toList()));
    refused(named, "kind", "'name' has 100 different texts", "rejectColumns(\"name\")");
    Table dated = table();
    dated.addColumns(
        DateColumn.create(
            "day", IntStream.range(0, ROWS).mapToObj(r -> LocalDate.EPOCH.plusDays(r)).toList()));
    refused(dated, "kind", "'day' is of type LOCAL_DATE");
    refused(table().retainColumns("kind"), "kind", "no column beside the label");
    assertThrows(IllegalArgumentException.class, () -> TableData.of(table(), "kind", 0, 1));
  }

  private static void refused(Table table, String label, String... words) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> TableData.of(table, label)).getMessage();
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
  }
}
