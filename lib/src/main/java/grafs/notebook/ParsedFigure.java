package grafs.notebook;

import com.google.common.primitives.Doubles;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.util.List;
import java.util.stream.Stream;
import org.unbescape.html.HtmlEscape;
import tech.tablesaw.plotly.components.Figure;

/**
 * The contents of a figure. The Java library Tablesaw makes figures for Plotly, a plotting library
 * in JavaScript, and gives their contents only as JavaScript. This class parses the JavaScript into
 * records whose components are named like Plotly's attributes. Attributes that the JavaScript does
 * not set are null, except titles, names and axes, which are then empty.
 *
 * @param layout the title, the axes, and whether there is a legend
 * @param traces the lines, areas, sets of points or heat maps
 */
record ParsedFigure(Layout layout, List<Trace> traces) {

  /** Matches a string in double quotes, in which a backslash escapes the next character. */
  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*+\"";

  record Layout(String title, Axis xaxis, Axis yaxis, Boolean showlegend) {
    Layout {
      title = plain(title);
      xaxis = xaxis == null ? Axis.EMPTY : xaxis;
      yaxis = yaxis == null ? Axis.EMPTY : yaxis;
    }
  }

  record Axis(String title, String type, List<String> range, String autorange) {
    static final Axis EMPTY = new Axis("", null, null, null);

    Axis {
      title = plain(title);
    }
  }

  record Line(String color, String width) {}

  /** One line, area, set of points or heat map of the figure. */
  record Trace(
      String type,
      String name,
      String mode,
      List<String> x,
      List<String> y,
      JsonElement z,
      JsonElement text,
      Line line,
      String fill,
      String fillcolor,
      String opacity,
      Boolean showlegend) {
    Trace {
      name = plain(name);
    }

    /**
     * {@return whether the trace is of lines, points or an area, and its coordinates are numbers}
     */
    boolean drawable() {
      return "scatter".equals(type)
          && Stream.of(x, y).flatMap(List::stream).allMatch(v -> Doubles.tryParse(v) != null);
    }

    /**
     * {@return the colour that the trace sets; if it sets none, one of {@link Charts#COLOURS}}
     *
     * @param index the index of the trace in the figure, which chooses the colour
     */
    String colour(int index) {
      return line == null || line.color == null
          ? Charts.COLOURS.get(index % Charts.COLOURS.size())
          : line.color;
    }
  }

  /** Parses a figure. */
  static ParsedFigure of(Figure figure) {
    return new ParsedFigure(
        figure.getLayout() == null
            ? new Layout("", null, null, null)
            : parse(figure.getLayout().asJavascript(), Layout.class),
        Stream.of(figure.getTraces())
            .map(trace -> parse(trace.asJavascript(0), Trace.class))
            .toList());
  }

  /**
   * Parses the right side of a JavaScript assignment, an object literal, as JSON. JSON does not
   * allow commas after the last element, so they are removed first.
   */
  private static <T> T parse(String script, Class<T> type) {
    String literal = script.substring(script.indexOf('{'), script.lastIndexOf('}') + 1);
    String text = "(" + QUOTED + "|'[^']*')";
    String json = escaped(literal).replaceAll(text + "|,(?=\\s*[}\\]])", "$1");
    return new Gson().fromJson(json, type);
  }

  /**
   * Doubles all backslashes outside strings in double quotes. Such backslashes occur only in
   * strings in single quotes, in which Tablesaw does not escape backslashes.
   */
  static String escaped(String script) {
    return script.replaceAll("(" + QUOTED + ")|(\\\\)", "$1$2$2");
  }

  /** Undoes the escaping for HTML that Tablesaw applies to its texts; null becomes empty. */
  private static String plain(String text) {
    return text == null ? "" : HtmlEscape.unescapeHtml(text);
  }

  /**
   * {@return whether {@link FigureSvg} can draw the figure: it is a single heat map, or has only
   * lines, points and areas, on linear axes and with coordinates that are numbers}
   */
  boolean drawable() {
    boolean linear = layout.xaxis.type == null && layout.yaxis.type == null;
    return isHeatMap() || linear && traces.stream().allMatch(Trace::drawable);
  }

  /** {@return whether the figure is a single heat map} */
  boolean isHeatMap() {
    return traces.size() == 1 && "heatmap".equals(traces.get(0).type);
  }

  /** {@return whether the legend has an entry for a trace} */
  boolean inLegend(Trace trace) {
    return !trace.name.isEmpty()
        && !Boolean.FALSE.equals(trace.showlegend)
        && !Boolean.FALSE.equals(layout.showlegend);
  }

  /** {@return the figure's title; empty if it has none} */
  String title() {
    return layout.title;
  }
}
