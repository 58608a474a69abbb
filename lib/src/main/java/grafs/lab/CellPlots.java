package grafs.lab;

import grafs.cell.Operation;
import grafs.plot.Chart;
import grafs.plot.Chart.Axis;
import grafs.plot.SmallMultiples;
import grafs.plot.SmallMultiples.Curves;
import grafs.plot.SmallMultiples.Key;
import grafs.plot.SmallMultiples.Line;
import grafs.plot.SmallMultiples.Panel;
import grafs.plot.SmallMultiples.Stroke;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The figures of relaxed cells. */
public final class CellPlots {

  private static final int POINTS = 161;

  private CellPlots() {}

  /**
   * Draws how softmax(α/T) goes from equal weights, T = ∞, to the operations of largest α, T = 0.
   * Each panel says how far the cell is from there, as the root mean square over x ~ N(0, 1).
   *
   * @param cell the cell
   * @param radius x and y run from −radius to radius
   * @param temperatures the values of T
   * @return a panel a temperature
   */
  public static SmallMultiples sharpening(
      RelaxedFunction cell, double radius, double... temperatures) {
    Map<String, RelaxedFunction> stages = new LinkedHashMap<>();
    for (double t : temperatures) {
      String label = Double.isInfinite(t) ? "∞" : String.valueOf(t).replaceAll("\\.0$", "");
      stages.put("T = " + label, cell.atTemperature(t));
    }
    return stages(
        "A relaxed cell with weights softmax(α/T)",
        stages,
        "the operations of largest α",
        cell.decided()::values,
        radius);
  }

  /**
   * Draws how a cell comes close to the function that it is fitted to. Each panel says how far it
   * is from there, as the root mean square over x ~ N(0, 1).
   *
   * @param stages the cell after each number of steps
   * @param name the function's name
   * @param target the function
   * @param radius x and y run from −radius to radius
   * @return a panel a stage
   */
  public static SmallMultiples fitting(
      Map<Integer, RelaxedFunction> stages, String name, Plots.Curve target, double radius) {
    Map<String, RelaxedFunction> named = new LinkedHashMap<>();
    stages.forEach((steps, cell) -> named.put(steps + " steps", cell));
    return stages("A relaxed cell fitted to " + name, named, name, target, radius);
  }

  private static SmallMultiples stages(
      String title,
      Map<String, RelaxedFunction> stages,
      String goal,
      Plots.Curve target,
      double radius) {
    double[] x = SpacePlots.points(POINTS, radius);
    Line reference = new Line(Stroke.REFERENCE, target.values(x));
    List<Panel> panels = new ArrayList<>();
    stages.forEach(
        (name, stage) -> {
          String error = String.format(Locale.ROOT, "RMS %.2g", stage.error(target));
          List<Line> lines = List.of(reference, new Line(Stroke.MAIN, stage.values(x)));
          panels.add(new Curves(name, error, radius, radius, lines));
        });
    List<Key> keys = List.of(new Key(Stroke.MAIN, "relaxed cell"), new Key(Stroke.REFERENCE, goal));
    return new SmallMultiples(title, keys, Math.min(6, panels.size()), panels);
  }

  /**
   * Draws how the value of a cell moves with α, for the operations of one place whose α moves it
   * most.
   *
   * @param cell the cell
   * @param edge the place, from 0
   * @param most the number of operations, at most seven
   * @param radius x runs from −radius to radius
   * @return the figure
   */
  public static Chart alphaDerivatives(RelaxedFunction cell, int edge, int most, double radius) {
    double[] x = SpacePlots.points(POINTS, radius);
    double[][] derivatives = cell.alphaDerivatives(edge, x);
    List<Operation> operations = cell.space().places().get(edge).candidates();
    List<Chart.Layer> lines = new ArrayList<>();
    IntStream.range(0, derivatives.length)
        .boxed()
        .sorted(Comparator.comparingDouble(o -> -squares(derivatives[o])))
        .limit(most)
        .forEach(
            o ->
                lines.add(
                    new Chart.Line(operations.get(o).name(), rounded(x), rounded(derivatives[o]))));
    return new Chart(
        "How f(x) moves with α of " + cell.space().places().get(edge).name(),
        Axis.of("x"),
        Axis.of("∂f(x)/∂α"),
        lines);
  }

  private static double squares(double[] values) {
    return DoubleStream.of(values).map(v -> v * v).sum();
  }

  /**
   * Draws a cell as it is evaluated exactly and as it is read from its table, over the grid and
   * beyond it.
   *
   * @param profile the comparison
   * @return the figure
   */
  public static Chart tabulated(TableError.Profile profile) {
    double[] x = rounded(profile.x());
    return new Chart(
        "A relaxed cell, " + grid(profile),
        Axis.of("x"),
        Axis.of("f(x)"),
        List.of(
            new Chart.Line("exact", x, rounded(profile.exact())),
            new Chart.Line("tabulated", x, rounded(profile.tabulated()))));
  }

  /**
   * Draws how far a tabulated cell is from the exact one, over the grid and beyond it, on a
   * logarithmic axis.
   *
   * @param profile the comparison
   * @return the figure
   */
  public static Chart error(TableError.Profile profile) {
    double[] x = rounded(profile.x());
    return new Chart(
        "Its absolute error, " + grid(profile),
        Axis.of("x"),
        new Axis("|exact − tabulated|", true),
        List.of(
            new Chart.Line("value f(x)", x, difference(profile.exact(), profile.tabulated())),
            new Chart.Line(
                "slope f′(x)", x, difference(profile.exactSlope(), profile.tabulatedSlope()))));
  }

  private static String grid(TableError.Profile profile) {
    return "grid to ±" + profile.grid().radius();
  }

  /** Absolute differences, at least 1e-8: a logarithmic axis has no place for 0. */
  private static double[] difference(double[] a, double[] b) {
    return rounded(
        IntStream.range(0, a.length)
            .mapToDouble(i -> Math.max(Math.abs(a[i] - b[i]), 1e-8))
            .toArray());
  }

  /** To four digits: more would only make the notebook longer. */
  private static double[] rounded(double[] values) {
    return DoubleStream.of(values)
        .map(v -> new BigDecimal(v).round(new MathContext(4)).doubleValue())
        .toArray();
  }
}
