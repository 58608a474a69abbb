package grafs.notebook;

import grafs.notebook.ParsedFigure.Axis;
import grafs.notebook.ParsedFigure.Line;
import grafs.notebook.ParsedFigure.Trace;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import tech.tablesaw.plotly.components.Figure;

/**
 * Draws a figure as SVG, for pages that run no scripts, such as a notebook that GitHub shows. The
 * figure is an object of the Java library Tablesaw, which describes figures for the JavaScript
 * library Plotly. A figure has traces: each is a line, a set of points, a filled area or a heat
 * map. This class draws these four kinds, on linear axes, as the notebooks use no others.
 * Coordinates and sizes in the picture are in pixels, from its upper left corner.
 *
 * @param figure the figure's contents
 */
record FigureSvg(ParsedFigure figure) {

  /** The height of one row of the legend, in pixels. */
  private static final int LEGEND_ROW = 18;

  /**
   * The rectangle of a picture that a figure's axes enclose.
   *
   * @param left the x coordinate of its left side
   * @param top the y coordinate of its upper side
   * @param width its width
   * @param height its height
   * @param ticks the largest number of intervals between the ticks of an axis
   * @param font the font size of the tick labels
   */
  record Frame(double left, double top, double width, double height, int ticks, double font) {}

  /** Parses a figure; {@link #document} draws it. */
  FigureSvg(Figure figure) {
    this(ParsedFigure.of(figure));
  }

  /**
   * Draws the figure.
   *
   * @return the SVG document; empty if the figure is not {@linkplain ParsedFigure#drawable
   *     drawable}
   */
  Optional<String> document() {
    return figure.drawable() ? Optional.of(drawn()) : Optional.empty();
  }

  private HeatMapSvg heatMap() {
    return new HeatMapSvg(
        figure.traces().get(0), "reversed".equals(figure.layout().yaxis().autorange()));
  }

  private String drawn() {
    Svg svg = new Svg();
    boolean map = figure.isHeatMap();
    double left = map ? 110 : 62;
    double width = map ? 226 : 480;
    double right = left + width + (map ? 84 : 18);
    double height = map ? 16 * figure.traces().get(0).y().size() : 270;
    double top = 36 + LEGEND_ROW * legend(svg, left, right - 18, 40);
    svg.text(14, 20, 14, "start", Svg.DARK, figure.title());
    draw(svg, new Frame(left, top, width, height, 6, 11), true, true);
    double bottom = top + height;
    svg.text(
        left + width / 2, bottom + 35, 12, "middle", Svg.DARK, figure.layout().xaxis().title());
    svg.add(
        "<text transform=\"translate(15 %s) rotate(-90)\" font-size=\"12\""
            + " text-anchor=\"middle\" fill=\"%s\">%s</text>",
        top + height / 2, Svg.DARK, Svg.escape(figure.layout().yaxis().title()));
    if (map) {
      heatMap().colourBar(svg, left + width + 14, top, Math.min(160, height));
    }
    return svg.end(right, bottom + 46, figure.title());
  }

  /**
   * Draws the legend in rows: an entry for each trace that has a name, unless the trace or the
   * whole figure sets Plotly's attribute {@code showlegend} to false.
   *
   * @param svg the document to draw in
   * @param left the x coordinate at which each row begins
   * @param right the x coordinate beyond which no entry extends, unless it is alone in its row
   * @param y the y coordinate of the first row's baseline
   * @return the number of rows
   */
  int legend(Svg svg, double left, double right, double y) {
    double x = left;
    int rows = 0;
    for (int i = 0; i < figure.traces().size(); i++) {
      Trace trace = figure.traces().get(i);
      if (!figure.inLegend(trace)) {
        continue;
      }
      double width = 44 + 6.4 * trace.name().length();
      if (rows == 0 || x + width > right) {
        x = left;
        rows++;
      }
      double at = y + LEGEND_ROW * (rows - 1);
      if ("markers".equals(trace.mode())) {
        dot(svg, x + 12, at - 4, 4, trace.colour(i), trace.name());
      } else {
        String sample = "M%s %sh22".formatted(Svg.number(x), Svg.number(at - 4));
        path(svg, sample, trace, i, trace.fill() == null ? 0 : 9);
      }
      svg.text(x + 28, at, 11, "start", Svg.DARK, trace.name());
      x += width;
    }
    return rows;
  }

  /**
   * Draws the axes and the traces, or the heat map.
   *
   * @param svg the document to draw in
   * @param frame the rectangle that the axes enclose
   * @param labelY whether the ticks of the vertical axis have labels; a heat map always has the
   *     names of its rows
   * @param labelX whether the ticks of the horizontal axis have labels; a heat map always has the
   *     names of its columns
   */
  void draw(Svg svg, Frame frame, boolean labelY, boolean labelX) {
    if (figure.isHeatMap()) {
      heatMap().draw(svg, frame);
      return;
    }
    Ticks x = axis(figure.layout().xaxis(), Trace::x, frame.ticks);
    Ticks y = axis(figure.layout().yaxis(), Trace::y, frame.ticks);
    StringBuilder grid = new StringBuilder();
    for (double tick : y.values()) {
      double at = frame.top + frame.height * (1 - y.share(tick));
      grid.append(line(frame.left, at, 'h', frame.width));
      String label = labelY ? y.label(tick) : "";
      svg.text(frame.left - 5, at + frame.font / 3, frame.font, "end", Svg.GREY, label);
    }
    double below = frame.top + frame.height + 1.4 * frame.font;
    for (double tick : x.values()) {
      double at = frame.left + frame.width * x.share(tick);
      grid.append(line(at, frame.top, 'v', frame.height));
      svg.text(at, below, frame.font, "middle", Svg.GREY, labelX ? x.label(tick) : "");
    }
    svg.add("<path d=\"%s\" stroke=\"#e4e4e4\"/>", grid);
    // A nested SVG element clips what is drawn outside of it.
    svg.add(
        "<svg x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\">",
        frame.left, frame.top, frame.width, frame.height);
    for (int i = 0; i < figure.traces().size(); i++) {
      draw(svg, i, x, y, frame);
    }
    svg.add("</svg>");
  }

  private static String line(double x, double y, char direction, double length) {
    return "M%s %s%s%s".formatted(Svg.number(x), Svg.number(y), direction, Svg.number(length));
  }

  /**
   * {@return an axis with ticks} Its range is the fixed range of {@code axis}; if there is none, it
   * is the range of the values of all traces, extended by 4 % on each side.
   */
  private Ticks axis(Axis axis, Function<Trace, List<String>> values, int ticks) {
    if (axis.range() != null) {
      double[] ends = axis.range().stream().mapToDouble(Double::parseDouble).toArray();
      return new Ticks(ends[0], ends[1], ticks);
    }
    DoubleSummaryStatistics range =
        Ticks.range(figure.traces().stream().map(values).flatMapToDouble(FigureSvg::numbers));
    double wide = range.getMax() - range.getMin();
    // If all values are equal, the margin is 0.5, or 4 % of a value above 12.5: beside a value such
    // as 1e20, a margin of 0.5 would be lost in rounding.
    double margin = wide > 0 ? 0.04 * wide : Math.max(0.5, 0.04 * Math.abs(range.getMax()));
    return new Ticks(range.getMin() - margin, range.getMax() + margin, ticks);
  }

  private static DoubleStream numbers(List<String> values) {
    return values.stream().mapToDouble(Double::parseDouble);
  }

  private void draw(Svg svg, int index, Ticks x, Ticks y, Frame frame) {
    Trace trace = figure.traces().get(index);
    double[] xs = numbers(trace.x()).toArray();
    double[] ys = numbers(trace.y()).toArray();
    StringBuilder path = new StringBuilder();
    char move = 'M';
    for (int i = 0; i < xs.length; i++) {
      if (!Double.isFinite(xs[i]) || !Double.isFinite(ys[i])) {
        move = 'M';
        continue;
      }
      // Points are drawn at most one width or height of the frame beyond it: programs that render
      // SVG fail on huge coordinates.
      double across = frame.width * Math.max(-1, Math.min(2, x.share(xs[i])));
      double down = frame.height * (1 - Math.max(-1, Math.min(2, y.share(ys[i]))));
      path.append(move).append(Svg.number(across)).append(' ').append(Svg.number(down));
      move = 'L';
      if (trace.mode().contains("markers")) {
        boolean named = trace.text() == null;
        String label = named ? trace.name() : trace.text().getAsJsonArray().get(i).getAsString();
        dot(svg, across, down, named ? 2.5 : 4, trace.colour(index), label);
      }
    }
    if (!trace.mode().equals("markers")) {
      path(svg, path.toString(), trace, index, 0);
    }
  }

  private static void dot(Svg svg, double x, double y, double radius, String colour, String title) {
    svg.add(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\" fill-opacity=\"0.8\"><title>%s</title>"
            + "</circle>",
        x, y, radius, colour, Svg.escape(title));
  }

  /**
   * Draws a path in the colour and opacity of a trace. If {@code width} is 0, the line has the
   * trace's own width, and the path is filled if the trace is an area. Otherwise the line is {@code
   * width} pixels wide, and nothing is filled.
   */
  private static void path(Svg svg, String path, Trace trace, int index, int width) {
    Line line = trace.line() == null ? new Line(null, "2") : trace.line();
    svg.add(
        "<path d=\"%s\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\""
            + " fill=\"%s\" opacity=\"%s\"/>",
        path,
        trace.colour(index),
        width > 0 ? width : line.width(),
        trace.fill() != null && width == 0
            ? Objects.requireNonNullElse(trace.fillcolor(), trace.colour(index))
            : "none",
        trace.opacity() == null ? "1" : trace.opacity());
  }
}
