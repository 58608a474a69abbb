package grafs.notebook;

import grafs.data.PartFile;
import grafs.run.RunStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.lang3.ArrayUtils;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Margin;
import tech.tablesaw.plotly.traces.HeatmapTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Fill;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.ScatterTrace.ScatterBuilder;
import tech.tablesaw.plotly.traces.Trace;

/**
 * Factory methods for figures, as the notebooks use them. A figure is an object of Tablesaw, a
 * library for tables; Plotly, a JavaScript library, draws it in a page. A figure has a layout
 * (title and axes) and traces: each trace is one line, one filled area, one set of points or one
 * heat map. A trace without a colour of its own takes a colour of {@link #COLOURS}: the first trace
 * of the figure takes the first colour, and so on. Each trace is drawn over the traces before it.
 *
 * <pre>{@code
 * // y and z are the values of the two functions at the points x
 * Show.figure(
 *     Charts.of(
 *         "Two functions", "x", "f(x)", Charts.line("relu", x, y), Charts.line("silu", x, z)));
 * }</pre>
 */
public final class Charts {

  /** Okabe and Ito's colours, which people with any kind of colour vision can tell apart. */
  public static final List<String> COLOURS =
      List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000");

  /** The colour of a reference curve, with which the other curves of a figure are compared. */
  public static final String GREY = "#b0b0b0";

  /** A line of more points than this has no markers at its points. */
  private static final int MOST_MARKERS = 60;

  private Charts() {}

  /**
   * Makes a figure with linear axes.
   *
   * @param title the title
   * @param x the title of the horizontal axis, with its unit
   * @param y the title of the vertical axis, with its unit
   * @param traces the traces, from back to front
   * @return the figure, 560 × 380 pixels, with a legend
   */
  public static Figure of(String title, String x, String y, Trace... traces) {
    return new Figure(
        Layout.builder()
            .title(title)
            .width(560)
            .height(380)
            .xAxis(Axis.builder().title(x).build())
            .yAxis(Axis.builder().title(y).build())
            .showLegend(true)
            .build(),
        traces);
  }

  /**
   * Makes one of the small figures that {@link SmallMultiples} puts together in one picture. The
   * axes of the small figure have fixed ranges with 0 in the middle, and no titles.
   *
   * @param title the title; {@code <br>} separates a second line
   * @param radius x runs from −radius to radius
   * @param height y runs from −height to height; {@link SmallMultiples#height} chooses it from the
   *     y coordinates
   * @param traces the traces, from back to front
   * @return the figure
   */
  public static Figure panel(String title, double radius, double height, Trace... traces) {
    return new Figure(
        Layout.builder()
            .title(title)
            .xAxis(Axis.builder().range(-radius, radius).build())
            .yAxis(Axis.builder().range(-height, height).build())
            .build(),
        traces);
  }

  /**
   * Makes a line through points.
   *
   * @param name the name in the legend
   * @param x the x coordinates
   * @param y the y coordinates; the line has a gap where a y coordinate is not finite
   * @return the trace, with markers if it has at most 60 points
   * @throws IllegalArgumentException if there are not as many y as x
   */
  public static ScatterTrace line(String name, double[] x, double[] y) {
    return scatter(name, x, y)
        .mode(x.length > MOST_MARKERS ? Mode.LINE : Mode.LINE_AND_MARKERS)
        .build();
  }

  private static ScatterBuilder scatter(String name, double[] x, double[] y) {
    requireLength(name, x, "y coordinates", y.length);
    return ScatterTrace.builder(x, y).name(name);
  }

  /**
   * Makes a wide grey line, for a reference curve with which other curves are compared.
   *
   * @param name the name in the legend
   * @param x the x coordinates
   * @param y the y coordinates
   * @return the trace
   * @throws IllegalArgumentException if there are not as many y as x
   */
  public static ScatterTrace reference(String name, double[] x, double[] y) {
    return scatter(name, x, y)
        .mode(Mode.LINE)
        .line(Line.builder().color(GREY).width(3).build())
        .build();
  }

  /**
   * Makes points that are not joined by a line.
   *
   * @param name the name of the whole trace in the legend
   * @param x the x coordinates
   * @param y the y coordinates
   * @param labels a label for each point, shown while the pointer is on it
   * @return the trace
   * @throws IllegalArgumentException if there are not as many y, or labels, as x
   */
  public static ScatterTrace points(String name, double[] x, double[] y, List<String> labels) {
    requireLength(name, x, "labels", labels.size());
    return scatter(name, x, y).mode(Mode.MARKERS).text(labels.toArray(String[]::new)).build();
  }

  /**
   * Makes a filled area between two curves.
   *
   * @param name the name in the legend; empty if the area has no entry there
   * @param colour the colour, such as {@link #GREY}
   * @param x the x coordinates of both curves, ascending
   * @param lower the y coordinates of the lower curve
   * @param upper the y coordinates of the upper curve
   * @return the trace, three tenths opaque
   * @throws IllegalArgumentException if there are not as many y as x in both curves
   */
  public static ScatterTrace area(
      String name, String colour, double[] x, double[] lower, double[] upper) {
    requireLength(name, x, "y coordinates", lower.length);
    requireLength(name, x, "y coordinates", upper.length);
    return ScatterTrace.builder(thereAndBack(x, x), thereAndBack(lower, upper))
        .name(name)
        .showLegend(!name.isEmpty())
        .mode(Mode.LINE)
        .fill(Fill.TO_SELF)
        .fillColor(colour)
        .opacity(0.3)
        .line(Line.builder().color(colour).width(0).build())
        .build();
  }

  private static void requireLength(String name, double[] x, String what, int length) {
    if (x.length != length) {
      throw new IllegalArgumentException(
          "'%s' has %d x coordinates but %d %s: give as many of both"
              .formatted(name, x.length, length, what));
    }
  }

  /**
   * Appends the coordinates of one curve, in reverse, to those of another: together they are the
   * outline of the area between both.
   */
  private static double[] thereAndBack(double[] there, double[] back) {
    double[] reversed = back.clone();
    ArrayUtils.reverse(reversed);
    return ArrayUtils.addAll(there, reversed);
  }

  /**
   * Makes a heat map: a grid of cells, each coloured by its number.
   *
   * @param title the title, which says what the numbers are
   * @param x the title of the horizontal axis
   * @param columns the names of the columns, from left to right
   * @param rows the names of the rows, from top to bottom
   * @param values the numbers, {@code [rows][columns]}; a cell is blank if its number is not finite
   * @return the figure, 420 pixels wide and 210 pixels high, plus 16 for each row
   * @throws IllegalArgumentException if there is no row or no column, or if {@code values} does not
   *     have a number for each row and column
   */
  public static Figure heatMap(
      String title, String x, List<String> columns, List<String> rows, double[][] values) {
    boolean full = values.length == rows.size() && !rows.isEmpty() && !columns.isEmpty();
    if (!full || Stream.of(values).anyMatch(row -> row.length != columns.size())) {
      throw new IllegalArgumentException(
          "the heat map '%s' has names of %d rows and %d columns, but rows of %s numbers: give a number for each row and column, at least one"
              .formatted(
                  title,
                  rows.size(),
                  columns.size(),
                  Stream.of(values).map(r -> r.length).toList()));
    }
    return new Figure(
        Layout.builder()
            .title(title)
            .width(420)
            .height(210 + 16 * rows.size())
            .margin(Margin.builder().left(110).top(80).bottom(50).right(20).build())
            .xAxis(Axis.builder().title(x).build())
            .yAxis(Axis.builder().autoRange(Axis.AutoRange.REVERSED).build())
            .build(),
        HeatmapTrace.builder(columns.toArray(), rows.toArray(), values).build());
  }

  /**
   * Saves a figure as SVG in the folder {@code figures/} of the results folder, which is {@code
   * results/} of the project, or the folder that the environment variable {@code GRAFS_RESULTS}
   * names.
   *
   * @param figure lines, points, filled areas, or one heat map, on linear axes
   * @param name the file name without {@code .svg}: letters, digits, '-', '_' and '.', but not '.'
   *     at its beginning
   * @return the file
   * @throws IllegalArgumentException if the name does not have this form, or if the figure has
   *     other traces or axes than these
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static Path save(Figure figure, String name) {
    if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "a figure cannot be saved as '%s': name it with letters, digits, '-', '_' and '.', but no '.' at the beginning"
              .formatted(name));
    }
    Path file = RunStore.here().root().resolve("figures").resolve(name + ".svg");
    FigureSvg drawing = new FigureSvg(figure);
    String svg =
        drawing
            .document()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the figure '%s' cannot be saved: only lines, points, areas or one heat map on linear axes can be drawn as SVG"
                            .formatted(drawing.figure().title())));
    PartFile.write(file, part -> Files.writeString(part, svg));
    return file;
  }
}
