package grafs.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tech.tablesaw.plotly.components.Figure;

/**
 * A figure of Tablesaw Plotly drawn as SVG, for pages that run no scripts, such as a notebook on a
 * code host. It draws what the kit's notebooks use: lines, points, filled areas and heat maps on
 * linear axes. Tablesaw gives a figure's contents only as JavaScript, so this class parses that.
 */
final class FigureSvg {

  private static final int LEGEND_ROW = 18;

  private final JsonObject layout;
  private final List<JsonObject> traces;

  FigureSvg(Figure figure) {
    layout =
        figure.getLayout() == null ? new JsonObject() : parse(figure.getLayout().asJavascript());
    traces = Stream.of(figure.getTraces()).map(trace -> parse(trace.asJavascript(0))).toList();
  }

  /** Reads the object literal of a JavaScript assignment. */
  private static JsonObject parse(String script) {
    String literal = script.substring(script.indexOf('{'), script.lastIndexOf('}') + 1);
    return JsonParser.parseString(
            literal.replaceAll("\\\\(?![\"\\\\])", "").replaceAll(",\\s*([}\\]])", "$1"))
        .getAsJsonObject();
  }

  /**
   * Draws a figure.
   *
   * @param figure a figure
   * @return the SVG document; empty if a trace is of another kind, or an axis is not linear
   */
  public static Optional<String> of(Figure figure) {
    FigureSvg drawing = new FigureSvg(figure);
    return drawing.drawable() ? Optional.of(drawing.document()) : Optional.empty();
  }

  /**
   * Returns a figure's title.
   *
   * @param figure a figure
   * @return its title; empty if it has none
   */
  public static String title(Figure figure) {
    return new FigureSvg(figure).text("title");
  }

  private boolean drawable() {
    return text("xaxis", "type").isEmpty()
            && text("yaxis", "type").isEmpty()
            && !traces.isEmpty()
            && traces.stream().map(trace -> text(trace, "type")).allMatch("scatter"::equals)
        || isHeatMap();
  }

  private boolean isHeatMap() {
    return traces.size() == 1 && text(traces.get(0), "type").equals("heatmap");
  }

  /** {@return a text of the layout; empty if there is none} */
  String text(String... path) {
    return text(layout, path);
  }

  private static String text(JsonObject object, String... path) {
    JsonElement element = object;
    for (String name : path) {
      element = element == null ? null : element.getAsJsonObject().get(name);
    }
    String text =
        element == null
            ? ""
            : element.isJsonPrimitive() ? element.getAsString() : element.toString();
    return text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static double[] numbers(JsonObject object, String name) {
    return numbers(object.getAsJsonArray(name));
  }

  static double[] numbers(JsonArray array) {
    return elements(array).mapToDouble(JsonElement::getAsDouble).toArray();
  }

  static Stream<JsonElement> elements(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static String colour(JsonObject trace, int index) {
    String own = text(trace, "line", "color");
    return own.isEmpty() ? Charts.COLOURS.get(index % Charts.COLOURS.size()) : own;
  }

  private String document() {
    Svg svg = new Svg();
    boolean map = isHeatMap();
    double left = map ? 110 : 62;
    double width = map ? 226 : 480;
    double right = left + width + (map ? 84 : 18);
    double height = map ? 16 * traces.get(0).getAsJsonArray("y").size() : 270;
    double top = 36 + (map ? 0 : LEGEND_ROW * legend(svg, traces, left, right - 18, 40));
    svg.text(14, 20, 14, "start", Svg.DARK, text("title"));
    draw(svg, left, top, width, height, 6, 11, true, true);
    double bottom = top + height;
    svg.text(left + width / 2, bottom + 35, 12, "middle", Svg.DARK, text("xaxis", "title"));
    svg.add(
        "<text transform=\"translate(15 %s) rotate(-90)\" font-size=\"12\""
            + " text-anchor=\"middle\" fill=\"%s\">%s</text>",
        top + height / 2, Svg.DARK, Svg.escape(text("yaxis", "title")));
    if (map) {
      new HeatMapSvg(this).colourBar(svg, left + width + 14, top, Math.min(160, height));
    }
    return svg.end(right, bottom + 46, text("title"));
  }

  /**
   * Draws the legend of traces.
   *
   * @param svg what to draw on
   * @param traces the traces; those without a name are left out
   * @param left where it begins
   * @param right where a row ends
   * @param y the base line of the first row
   * @return the number of rows
   */
  static int legend(Svg svg, List<JsonObject> traces, double left, double right, double y) {
    double x = left;
    int rows = 1;
    for (int i = 0; i < traces.size(); i++) {
      JsonObject trace = traces.get(i);
      String name = text(trace, "name");
      if (name.isEmpty()) {
        continue;
      }
      double width = 44 + 6.4 * name.length();
      if (x > left && x + width > right) {
        x = left;
        rows++;
      }
      double at = y + LEGEND_ROW * (rows - 1);
      if (text(trace, "mode").equals("markers")) {
        dot(svg, x + 12, at - 4, 4, colour(trace, i), name);
      } else {
        boolean area = trace.has("fill");
        path(svg, "M%s %sh22".formatted(Svg.number(x), Svg.number(at - 4)), trace, i, area ? 9 : 0);
      }
      svg.text(x + 28, at, 11, "start", Svg.DARK, name);
      x += width;
    }
    return rows;
  }

  List<JsonObject> traces() {
    return traces;
  }

  /**
   * Draws the axes and the traces.
   *
   * @param ticks about how many ticks an axis has
   * @param font the size of their labels
   * @param labelY whether the vertical axis has labels
   * @param labelX whether the horizontal axis has labels
   */
  void draw(
      Svg svg,
      double left,
      double top,
      double width,
      double height,
      int ticks,
      double font,
      boolean labelY,
      boolean labelX) {
    if (isHeatMap()) {
      new HeatMapSvg(this).draw(svg, left, top, width, height, ticks, font);
      return;
    }
    Ticks x = axis("x", ticks);
    Ticks y = axis("y", ticks);
    StringBuilder grid = new StringBuilder();
    for (double tick : y.values()) {
      double at = top + height * (1 - y.share(tick));
      grid.append("M%s %sh%s".formatted(Svg.number(left), Svg.number(at), Svg.number(width)));
      svg.text(left - 5, at + font / 3, font, "end", Svg.GREY, labelY ? y.label(tick) : "");
    }
    for (double tick : x.values()) {
      double at = left + width * x.share(tick);
      grid.append("M%s %sv%s".formatted(Svg.number(at), Svg.number(top), Svg.number(height)));
      svg.text(
          at, top + height + 1.4 * font, font, "middle", Svg.GREY, labelX ? x.label(tick) : "");
    }
    svg.add("<path d=\"%s\" stroke=\"#e4e4e4\"/>", grid);
    // A nested SVG clips what is outside of it.
    svg.add("<svg x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\">", left, top, width, height);
    for (int i = 0; i < traces.size(); i++) {
      draw(svg, i, x, y, width, height);
    }
    svg.add("</svg>");
  }

  private Ticks axis(String name, int ticks) {
    JsonObject axis = layout.getAsJsonObject(name + "axis");
    if (axis != null && axis.has("range")) {
      double[] range = numbers(axis, "range");
      return new Ticks(range[0], range[1], ticks);
    }
    double[] values =
        traces.stream()
            .flatMapToDouble(trace -> DoubleStream.of(numbers(trace, name)))
            .filter(Double::isFinite)
            .toArray();
    double low = DoubleStream.of(values).min().orElse(0);
    double high = DoubleStream.of(values).max().orElse(1);
    double margin = low < high ? 0.04 * (high - low) : 0.5;
    return new Ticks(low - margin, high + margin, ticks);
  }

  private void draw(Svg svg, int index, Ticks x, Ticks y, double width, double height) {
    JsonObject trace = traces.get(index);
    double[] xs = numbers(trace, "x");
    double[] ys = numbers(trace, "y");
    String mode = text(trace, "mode");
    JsonArray labels = trace.getAsJsonArray("text");
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < xs.length; i++) {
      if (!Double.isFinite(ys[i])) {
        continue;
      }
      double across = width * x.share(xs[i]);
      // Points far outside are drawn just outside, since renderers fail on huge coordinates.
      double down = height * (1 - Math.max(-1, Math.min(2, y.share(ys[i]))));
      boolean joined = i > 0 && Double.isFinite(ys[i - 1]);
      path.append(joined ? 'L' : 'M').append(Svg.number(across)).append(' ');
      path.append(Svg.number(down));
      if (mode.contains("markers")) {
        String label = labels == null ? text(trace, "name") : labels.get(i).getAsString();
        dot(svg, across, down, labels == null ? 2.5 : 4, colour(trace, index), label);
      }
    }
    if (!mode.equals("markers")) {
      path(svg, path.toString(), trace, index, 0);
    }
  }

  private static void dot(Svg svg, double x, double y, double radius, String colour, String title) {
    svg.add(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\" fill-opacity=\"0.8\"><title>%s</title>"
            + "</circle>",
        x, y, radius, colour, Svg.escape(title));
  }

  /** Draws a line, or fills it if the trace is an area; a width that is not 0 overrides its own. */
  private static void path(Svg svg, String path, JsonObject trace, int index, double width) {
    boolean area = trace.has("fill") && width == 0;
    String own = text(trace, "line", "width");
    String stroke = width > 0 ? Svg.number(width) : own.isEmpty() ? "2" : own;
    svg.add(
        "<path d=\"%s\" stroke=\"%s\" stroke-width=\"%s\"%s stroke-linejoin=\"round\""
            + " fill=\"%s\" opacity=\"%s\"/>",
        path,
        colour(trace, index),
        stroke,
        text(trace, "line", "dash").startsWith("da") ? " stroke-dasharray=\"5 3\"" : "",
        area ? text(trace, "fillcolor") : "none",
        trace.has("opacity") ? text(trace, "opacity") : "1");
  }
}
