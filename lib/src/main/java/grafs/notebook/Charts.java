package grafs.notebook;

import grafs.data.PartFile;
import grafs.run.RunStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Margin;
import tech.tablesaw.plotly.traces.HeatmapTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Fill;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/**
 * Short ways to make figures of Tablesaw Plotly. Traces without a colour of their own take those of
 * {@link #COLOURS}, in order; the last trace is in front.
 *
 * <pre>{@code
 * Show.figure(Charts.of("Two functions", "x", "f(x)", Charts.line("relu", x, y), Charts.line("silu", x, z)));
 * }</pre>
 */
public final class Charts {

  /** Okabe and Ito's colours, which people with any kind of colour vision can tell apart. */
  public static final List<String> COLOURS =
      List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000");

  /** The colour of a reference that others are compared with. */
  public static final String GREY = "#b0b0b0";

  /** A line of more points is drawn without markers. */
  private static final int MOST_MARKERS = 60;

  private Charts() {}

  /**
   * Makes a figure with linear axes.
   *
   * @param title the title
   * @param x the title of the horizontal axis, with its unit
   * @param y the title of the vertical axis, with its unit
   * @param traces what is drawn
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
   * Makes a panel of small multiples: both axes are centred at 0.
   *
   * @param title the title; {@code <br>} separates a second line
   * @param radius x runs from −radius to radius
   * @param height y runs from −height to height
   * @param traces what is drawn
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
   * @param y the values; the line has a gap where one is not finite
   * @return the trace, with markers if it has at most 60 points
   */
  public static ScatterTrace line(String name, double[] x, double[] y) {
    requireLength(name, x, "values", y.length);
    return ScatterTrace.builder(x, y)
        .name(name)
        .mode(x.length > MOST_MARKERS ? Mode.LINE : Mode.LINE_AND_MARKERS)
        .build();
  }

  /**
   * Makes a wide grey line, for a reference that others are compared with.
   *
   * @param name the name in the legend
   * @param x the x coordinates
   * @param y the values
   * @return the trace
   */
  public static ScatterTrace reference(String name, double[] x, double[] y) {
    requireLength(name, x, "values", y.length);
    return ScatterTrace.builder(x, y)
        .name(name)
        .mode(Mode.LINE)
        .line(Line.builder().color(GREY).width(3).build())
        .build();
  }

  /**
   * Makes points.
   *
   * @param name the name in the legend of all of them
   * @param x the x coordinates
   * @param y the values
   * @param labels the name of each, shown when the pointer is on it
   * @return the trace
   */
  public static ScatterTrace points(String name, double[] x, double[] y, List<String> labels) {
    requireLength(name, x, "values", y.length);
    requireLength(name, x, "labels", labels.size());
    return ScatterTrace.builder(x, y)
        .name(name)
        .mode(Mode.MARKERS)
        .text(labels.toArray(String[]::new))
        .build();
  }

  /**
   * Makes a filled area between two curves.
   *
   * @param name the name in the legend; empty if the area has no entry there
   * @param colour the colour, such as {@link #GREY}
   * @param x the x coordinates, ascending
   * @param lower the lower curve
   * @param upper the upper curve
   * @return the trace
   */
  public static ScatterTrace area(
      String name, String colour, double[] x, double[] lower, double[] upper) {
    requireLength(name, x, "values", lower.length);
    requireLength(name, x, "values", upper.length);
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
          "'%s' has %d x and %d %s".formatted(name, x.length, length, what));
    }
  }

  private static double[] thereAndBack(double[] there, double[] back) {
    int n = there.length;
    return IntStream.range(0, 2 * n)
        .mapToDouble(i -> i < n ? there[i] : back[2 * n - 1 - i])
        .toArray();
  }

  /**
   * Makes a heat map.
   *
   * @param title the title, which says what the numbers are
   * @param x the title of the horizontal axis
   * @param columns the columns' names
   * @param rows the rows' names, from above
   * @param values the numbers, {@code [rows][columns]}; blank where one is not finite
   * @return the figure
   */
  public static Figure heatMap(
      String title, String x, List<String> columns, List<String> rows, double[][] values) {
    boolean full = values.length == rows.size() && !rows.isEmpty() && !columns.isEmpty();
    if (!full || Stream.of(values).anyMatch(row -> row.length != columns.size())) {
      throw new IllegalArgumentException(
          "'%s' needs %d rows of %d values, at least one of one"
              .formatted(title, rows.size(), columns.size()));
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
   * Saves a figure as SVG in the folder {@code figures/} of the results.
   *
   * @param figure the figure: lines, points or heat maps on linear axes
   * @param name the file's name, without an ending: letters, digits, '-', '_' and '.', of which the
   *     last does not begin it
   * @return the file
   * @throws IllegalArgumentException if the name is not of this form, or the figure is of another
   *     kind
   */
  public static Path save(Figure figure, String name) {
    if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "'%s' is no name for a figure: take letters, digits, '-', '_' and '.'".formatted(name));
    }
    Path file = RunStore.here().root().resolve("figures").resolve(name + ".svg");
    FigureSvg drawing = new FigureSvg(figure);
    String svg =
        drawing
            .document()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' has no static picture: only lines, points and heat maps on linear axes do"
                            .formatted(drawing.title())));
    PartFile.write(file, part -> Files.writeString(part, svg));
    return file;
  }
}
