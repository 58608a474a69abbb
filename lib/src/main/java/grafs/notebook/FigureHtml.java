package grafs.notebook;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tech.tablesaw.plotly.components.Figure;

/**
 * A Tablesaw figure as an HTML fragment that Plotly draws when the page is opened: see {@code
 * figure.js}. The fragment holds the data only, so notebooks stay small.
 */
final class FigureHtml {

  /**
   * The Plotly release that Tablesaw writes figures for; the root {@code pom.xml} names the same
   * one for {@code environment/lab}.
   */
  static final String PLOTLY_VERSION = "1.54.1";

  private static final String ELSEWHERE =
      "https://cdn.jsdelivr.net/npm/plotly.js@" + PLOTLY_VERSION + "/dist/plotly-cartesian.min.js";

  private static final Pattern SCRIPT_TAG = Pattern.compile("</?script>");

  /** A number with more than five decimals, or below 1 more than six digits: group 1 has those. */
  private static final Pattern LONG_NUMBER =
      Pattern.compile("\"(-?(?:0\\.0*[1-9]\\d{5}|[1-9]\\d*\\.\\d{5}))\\d+(E-?\\d+)?\"");

  private static final String LOADER = resource("figure.js");

  private FigureHtml() {}

  /** {@return the figures side by side} */
  static String row(Figure... figures) {
    if (figures.length == 1) {
      return drawn(figures[0], false);
    }
    return Arrays.stream(figures)
        .map(
            figure -> "<div style=\"flex:1 1 320px;min-width:0\">" + drawn(figure, true) + "</div>")
        .collect(Collectors.joining("", "<div style=\"display:flex;flex-wrap:wrap\">", "</div>"));
  }

  /** {@return a figure's static picture as an element of a page; empty if it has none} */
  static String image(Figure figure) {
    String element =
        "<img alt=\"%s\" style=\"max-width:100%%\" src=\"data:image/svg+xml;base64,%s\">";
    FigureSvg drawing = new FigureSvg(figure);
    return drawing
        .document()
        .map(svg -> Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8)))
        .map(svg -> element.formatted(Svg.escape(drawing.title()), svg))
        .orElse("");
  }

  /** {@return a figure's title, for where it cannot be drawn} */
  static String inWords(Figure figure) {
    String title = new FigureSvg(figure).title();
    return title.isEmpty() ? "[figure]" : "[figure: " + title + "]";
  }

  private static String drawn(Figure figure, boolean shareWidth) {
    // Fresh identifiers: a cell that is run again, or copied, must not draw into another figure's
    // place.
    String id = "grafs" + UUID.randomUUID().toString().replace("-", "");
    String code = SCRIPT_TAG.matcher(figure.asJavascript(id)).replaceAll("").strip();
    // Six significant digits are more than a screen shows.
    code = LONG_NUMBER.matcher(code).replaceAll("\"$1$2\"");
    String script =
        LOADER
            .replace("@ID@", id)
            .replace("@SHARE_WIDTH@", Boolean.toString(shareWidth))
            .replace("@COLOURS@", String.join(" ", Charts.COLOURS))
            .replace("@ELSEWHERE@", ELSEWHERE)
            .replace("@CODE@", code.replace("</", "<\\/"));
    // The static picture stands where the figure will be, for pages that run no scripts.
    String still = image(figure);
    return "<div id=\"" + id + "\">" + still + "</div>\n<script>\n" + script + "</script>";
  }

  private static String resource(String name) {
    try (InputStream in = FigureHtml.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
