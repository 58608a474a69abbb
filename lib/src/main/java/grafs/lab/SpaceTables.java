package grafs.lab;

import grafs.cell.CellSpace;
import grafs.cell.Place;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables of a search space, of what it contains, and of its relaxed cells. */
public final class SpaceTables {

  private SpaceTables() {}

  /**
   * How large search spaces are.
   *
   * @param spaces the spaces
   * @return a row a space: the graph, the parameters of a cell, the number of functions
   */
  public static Table spaces(List<CellSpace> spaces) {
    return Table.create(
        "Search spaces",
        IntColumn.create("core units", spaces.stream().mapToInt(s -> s.units()).toArray()),
        IntColumn.create("edges", spaces.stream().mapToInt(s -> 2 * s.units()).toArray()),
        IntColumn.create("vertices", spaces.stream().mapToInt(CellSpace::units).toArray()),
        IntColumn.create("α", spaces.stream().mapToInt(SpaceTables::alphas).toArray()),
        IntColumn.create("β", spaces.stream().mapToInt(CellSpace::betas).toArray()),
        StringColumn.create(
            "functions",
            spaces.stream().map(s -> String.format(Locale.ROOT, "%,d", s.size())).toList()));
  }

  private static int alphas(CellSpace space) {
    return space.places().stream().mapToInt(place -> place.candidates().size()).sum();
  }

  /**
   * The operations of largest weight in a relaxed cell.
   *
   * @param cell the cell
   * @param most how many of each edge and vertex
   * @return a row an edge and vertex
   */
  public static Table weights(RelaxedFunction cell, int most) {
    Table table = Table.create("Largest weights", StringColumn.create("place"));
    for (int rank = 1; rank <= most; rank++) {
      table.addColumns(StringColumn.create(rank + "."));
    }
    List<Place> places = cell.space().places();
    double[][] weights = cell.weights();
    for (int p = 0; p < places.size(); p++) {
      addWeights(table, places.get(p), weights[p]);
    }
    return table;
  }

  private static void addWeights(Table table, Place place, double[] weights) {
    List<Integer> order =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(Comparator.comparingDouble(o -> -weights[o]))
            .toList();
    String kind = place.operands().size() == 1 ? "edge " : "vertex ";
    table.stringColumn(0).append(kind + place.name());
    for (int c = 1; c < table.columnCount(); c++) {
      int o = order.get(c - 1);
      table.stringColumn(c).append("%s %.2f".formatted(place.candidates().get(o), weights[o]));
    }
  }

  /**
   * How far tabulated cells are from exact ones.
   *
   * @param errors several cells'
   * @return a row a quantity: the median and the largest error
   */
  public static Table errors(List<TableError> errors) {
    Table table =
        Table.create(
            "Read from the table against exact, %d random cells".formatted(errors.size()),
            StringColumn.create("what"),
            StringColumn.create("median"),
            StringColumn.create("largest"));
    addErrors(table, "f(x), absolute", errors, TableError::value);
    addErrors(table, "gradient to x, relative", errors, TableError::x);
    addErrors(table, "gradient to the weights, relative", errors, TableError::weights);
    addErrors(table, "gradient to β, relative", errors, TableError::beta);
    return table;
  }

  private static void addErrors(
      Table table, String what, List<TableError> errors, ToDoubleFunction<TableError> quantity) {
    double[] values = errors.stream().mapToDouble(quantity).sorted().toArray();
    table.stringColumn(0).append(what);
    table.stringColumn(1).append("%.1e".formatted(smile.math.MathEx.median(values.clone())));
    table.stringColumn(2).append("%.1e".formatted(values[values.length - 1]));
  }

  /**
   * What a sample of functions consists of.
   *
   * @param census the sample
   * @return a row a kind, with how many are of it and which share
   */
  public static Table kinds(Census census) {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("a known activation", 0L);
    counts.put("constant", 0L);
    counts.put("neither", 0L);
    for (Census.Entry entry : census.entries()) {
      String kind =
          entry.known().isEmpty()
              ? "neither"
              : entry.known().get().equals(Census.CONSTANT) ? "constant" : "a known activation";
      counts.merge(kind, 1L, Long::sum);
    }
    return counted("What they are", "kind", counts, census.entries().size());
  }

  /**
   * How short the functions of a sample become.
   *
   * @param census the sample
   * @return a row for each number of operations in the simplified formula
   */
  public static Table operations(Census census) {
    Map<String, Long> counts =
        census.entries().stream()
            .map(e -> e.simplified().operations().count())
            .sorted()
            .collect(
                Collectors.groupingBy(String::valueOf, LinkedHashMap::new, Collectors.counting()));
    return counted("How long they are", "operations", counts, census.entries().size());
  }

  /**
   * The functions that a sample has most often, those equal in value to a known one counted as one.
   *
   * @param census the sample
   * @param most the number of rows
   * @return a row a function
   */
  public static Table frequent(Census census, int most) {
    Map<String, Long> counts =
        census.entries().stream()
            .collect(Collectors.groupingBy(Census.Entry::label, Collectors.counting()));
    Map<String, Long> largest = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .forEach(e -> largest.put(e.getKey(), e.getValue()));
    return counted("The most frequent", "function", largest, census.entries().size());
  }

  private static Table counted(String title, String what, Map<String, Long> counts, int of) {
    return Table.create(
        title,
        StringColumn.create(what, counts.keySet()),
        IntColumn.create("of " + of, counts.values().stream().mapToInt(Long::intValue).toArray()),
        DoubleColumn.create(
            "%",
            counts.values().stream().mapToDouble(n -> Tables.round(100.0 * n / of, 1)).toArray()));
  }
}
