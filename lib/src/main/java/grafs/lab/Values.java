package grafs.lab;

import grafs.cell.Expression;
import grafs.nas.SearchResult;
import grafs.plot.Charts;
import grafs.plot.SmallMultiples;
import grafs.plot.Svg;
import java.util.List;
import java.util.Map;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/** What a cell shows when a value stands alone at its end. */
final class Values {

  /** The types whose values are shown by {@link #of}, in HTML and as text. */
  static final List<Class<?>> TYPES =
      List.of(
          Displayable.class,
          Expression.class,
          SearchResult.class,
          Table.class,
          Figure.class,
          SmallMultiples.class);

  /** x runs from minus this to this in a curve. */
  private static final double RADIUS = 4;

  private Values() {}

  /**
   * Shows a value.
   *
   * @param value of one of the {@link #TYPES}
   * @return the content by MIME type
   */
  static Map<String, String> of(Object value) {
    if (value instanceof Displayable own) {
      return both(own.toHtml(), own.toString());
    }
    if (value instanceof Expression function) {
      return both(html(function, ""), "f(x) = " + function.text());
    }
    if (value instanceof SearchResult search) {
      return both(html(search.found(), search.toString()), search.toString());
    }
    if (value instanceof Table table) {
      return Show.content(table);
    }
    return value instanceof SmallMultiples figures
        ? Show.content(figures)
        : Show.content((Figure) value);
  }

  private static Map<String, String> both(String html, String text) {
    return Map.of("text/html", html, "text/plain", text);
  }

  /** A function's curve beside lines of text; without lines, beside its formula. */
  static String html(Expression function, String lines) {
    String said = lines.isEmpty() ? "f(x) = " + function.text() : lines;
    double[] x = Plots.points(RADIUS);
    double[] y = Plots.cut(function.values(x), 2 * RADIUS);
    Figure curve = Charts.of("f(x)", "x", "f(x)", Charts.line("f", x, y));
    return beside(FigureHtml.image(curve), said);
  }

  /** A picture beside lines of text. */
  static String beside(String image, String lines) {
    return "<div style=\"display:flex;align-items:center;flex-wrap:wrap\"><div style=\"width:320px\">%s</div><div style=\"white-space:pre-line\">%s</div></div>"
        .formatted(image, Svg.escape(lines));
  }
}
