package grafs.lab;

import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Notation;
import grafs.cell.Operation;
import grafs.cell.Template;
import grafs.cell.Template.Formula;
import grafs.plot.SmallMultiples;
import grafs.plot.SmallMultiples.Curves;
import grafs.plot.SmallMultiples.HeatMap;
import grafs.plot.SmallMultiples.Key;
import grafs.plot.SmallMultiples.Line;
import grafs.plot.SmallMultiples.Panel;
import grafs.plot.SmallMultiples.Stroke;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a search space is made of and what it contains, as small multiples. */
public final class SpacePlots {

  private static final int POINTS = 161;
  private static final int PIXELS = 64;

  private SpacePlots() {}

  /**
   * Draws the unary operations as they are during a search, and unbounded where that differs; β are
   * where they start.
   *
   * @param space the search space
   * @param radius x runs from −radius to radius
   * @return a panel an operation
   */
  public static SmallMultiples unary(CellSpace space, double radius) {
    List<Key> keys =
        List.of(
            new Key(Stroke.MAIN, "in a search, ℓ = " + number(space.bounds().limit())),
            new Key(Stroke.OTHER, "unbounded"));
    List<Panel> panels = new ArrayList<>();
    double[] x = points(POINTS, radius);
    for (Operation op : space.unary()) {
      double[] bounded = values(op, x, space.bounds());
      double[] free = values(op, x, Bounds.NONE);
      List<Line> lines = new ArrayList<>();
      if (IntStream.range(0, x.length).anyMatch(i -> Math.abs(free[i] - bounded[i]) > 1e-6)) {
        lines.add(new Line(Stroke.OTHER, free));
      }
      lines.add(new Line(Stroke.MAIN, bounded));
      String formula = formula(op.formula(Notation.TEXT), "x", null);
      panels.add(new Curves(op.name(), formula, radius, SmallMultiples.height(bounded), lines));
    }
    return new SmallMultiples(panels.size() + " unary operations of x", keys, 6, panels);
  }

  /**
   * Draws the binary operations as they are during a search; β are where they start.
   *
   * @param space the search space
   * @param radius a and b run from −radius to radius
   * @return a panel an operation, a to the right and b upwards, each with colours of its own scale
   */
  public static SmallMultiples binary(CellSpace space, double radius) {
    List<Panel> panels = new ArrayList<>();
    for (Operation op : space.binary()) {
      double[][] values = values(points(PIXELS, radius), op, space.bounds());
      double largest =
          Arrays.stream(values).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElseThrow();
      double scale = Math.max(1, Math.ceil(largest - 1e-9));
      String title = op.name() + ", ±" + number(scale);
      panels.add(
          new HeatMap(title, formula(op.formula(Notation.TEXT), "a", "b"), radius, scale, values));
    }
    String title = panels.size() + " binary operations, a to the right, b upwards";
    return new SmallMultiples(title, List.of(), 6, panels);
  }

  /**
   * Draws functions of a space, all on the same axes. A function is titled by its name if it is a
   * known one, otherwise by its formula, as far as there is room.
   *
   * @param census the functions
   * @param most how many of them to draw, the first ones
   * @param radius x and y run from −radius to radius
   * @return a panel a function
   */
  public static SmallMultiples functions(Census census, int most, double radius) {
    double[] x = points(POINTS, radius);
    List<Panel> panels = new ArrayList<>();
    for (Census.Entry entry : census.entries().stream().limit(most).toList()) {
      Line line = new Line(Stroke.MAIN, entry.function().values(x));
      panels.add(new Curves(entry.label(), "", radius, radius, List.of(line)));
    }
    String title =
        "%d random functions, x and y from −%s to %s"
            .formatted(panels.size(), number(radius), number(radius));
    return new SmallMultiples(title, List.of(), 10, panels);
  }

  /**
   * Draws the functions that searches found over ReLU.
   *
   * @param trials the searches; those that diverged found none
   * @param radius x and y from −radius to radius
   * @return a panel a search: the method, its seed and the mean accuracy of its trainings
   */
  public static SmallMultiples found(List<AblationTrial> trials, double radius) {
    double[] x = points(POINTS, radius);
    Line relu = new Line(Stroke.REFERENCE, Arrays.stream(x).map(v -> Math.max(v, 0)).toArray());
    List<Panel> panels = new ArrayList<>();
    for (AblationTrial trial : trials) {
      if (trial.found() != null) {
        String note = "seed %d, %.1f %%".formatted(trial.seed(), 100 * trial.accuracy());
        List<Line> lines = List.of(relu, new Line(Stroke.MAIN, trial.found().values(x)));
        panels.add(new Curves(trial.method().title(), note, radius, radius, lines));
      }
    }
    List<Key> keys = List.of(new Key(Stroke.MAIN, "found"), new Key(Stroke.REFERENCE, "ReLU"));
    String title =
        "Functions found, x and y from −%s to %s".formatted(number(radius), number(radius));
    return new SmallMultiples(title, keys, 6, panels);
  }

  private static double[] values(Operation op, double[] x, Bounds bounds) {
    return Arrays.stream(x).map(at -> op.value(at, 0, op.beta(), bounds)).toArray();
  }

  /** The values {@code [b][a]}. */
  private static double[][] values(double[] axis, Operation op, Bounds bounds) {
    return Arrays.stream(axis)
        .mapToObj(b -> Arrays.stream(axis).map(a -> op.value(a, b, op.beta(), bounds)).toArray())
        .toArray(double[][]::new);
  }

  private static String formula(Template template, String first, String second) {
    Formula right = second == null ? null : Formula.variable(second);
    return template.fill("β", Formula.variable(first), right).text();
  }

  private static String number(double value) {
    return new BigDecimal(value)
        .setScale(1, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }

  /** {@return that many points, evenly spaced from −radius to radius} */
  static double[] points(int n, double radius) {
    return IntStream.range(0, n).mapToDouble(i -> radius * (2.0 * i / (n - 1) - 1)).toArray();
  }
}
