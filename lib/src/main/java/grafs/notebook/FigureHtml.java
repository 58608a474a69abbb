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
 * Writes a figure as an HTML fragment for the output of a notebook's cell. The figure is an object
 * of the Java library Tablesaw, which describes it in JavaScript for Plotly, a plotting library.
 * The fragment holds a static picture ({@link FigureSvg}) and a script, made from the resource
 * {@code figure.js}. When a page with the fragment is opened, the script loads Plotly and replaces
 * the picture by the interactive figure. Plotly itself is not in the fragment, so notebook files
 * stay small.
 */
final class FigureHtml {

  /**
   * The release of Plotly whose format Tablesaw writes. The {@code pom.xml} in the project's folder
   * names the same release, which the project's command {@code environment/lab} downloads for
   * notebooks: change both together.
   */
  static final String PLOTLY_VERSION = "1.54.1";

  /** The address from which the script loads Plotly if the Jupyter server does not have it. */
  private static final String ELSEWHERE =
      "https://cdn.jsdelivr.net/npm/plotly.js@" + PLOTLY_VERSION + "/dist/plotly-cartesian.min.js";

  private static final Pattern SCRIPT_TAG = Pattern.compile("</?script>");

  /**
   * Matches a number that has more digits than the fragment keeps. Of a number between −1 and 1 the
   * fragment keeps six significant digits, of any other number five decimals. The number is in
   * double quotes, as Tablesaw writes coordinates. Group 1 is the part that is kept, group 2 the
   * exponent; the digits between them are dropped.
   */
  private static final Pattern LONG_NUMBER =
      Pattern.compile("\"(-?(?:0\\.0*[1-9]\\d{5}|[1-9]\\d*\\.\\d{5}))\\d+(E-?\\d+)?\"");

  /** The text of {@code figure.js}, with placeholders such as {@code @ID@}. */
  private static final String LOADER = resource("figure.js");

  private FigureHtml() {}

  /** {@return the fragment of one figure, or one fragment of several figures side by side} */
  static String row(Figure... figures) {
    if (figures.length == 1) {
      return drawn(figures[0], false);
    }
    return Arrays.stream(figures)
        .map(
            figure -> "<div style=\"flex:1 1 320px;min-width:0\">" + drawn(figure, true) + "</div>")
        .collect(Collectors.joining("", "<div style=\"display:flex;flex-wrap:wrap\">", "</div>"));
  }

  /** {@return an HTML image of a figure; empty if {@link FigureSvg} cannot draw the figure} */
  static String image(Figure figure) {
    String element =
        "<img alt=\"%s\" style=\"max-width:100%%\" src=\"data:image/svg+xml;base64,%s\">";
    FigureSvg drawing = new FigureSvg(figure);
    return drawing
        .document()
        .map(svg -> Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8)))
        .map(svg -> element.formatted(Svg.escape(drawing.figure().title()), svg))
        .orElse("");
  }

  /** {@return a text in place of a figure, for terminals, such as {@code [figure: Test loss]}} */
  static String inWords(Figure figure) {
    String title = ParsedFigure.of(figure).title();
    return title.isEmpty() ? "[figure]" : "[figure: " + title + "]";
  }

  private static String drawn(Figure figure, boolean shareWidth) {
    // Each call makes a new identifier: if a notebook's cell, or a copy of it, is run again, the
    // script in the new output must not draw into the element of an earlier output.
    String id = "grafs" + UUID.randomUUID().toString().replace("-", "");
    String code = ParsedFigure.escaped(figure.asJavascript(id));
    code = SCRIPT_TAG.matcher(code).replaceAll("").strip();
    // Drops digits that a screen cannot show.
    code = LONG_NUMBER.matcher(code).replaceAll("\"$1$2\"");
    String script =
        LOADER
            .replace("@ID@", id)
            .replace("@SHARE_WIDTH@", Boolean.toString(shareWidth))
            .replace("@COLOURS@", String.join(" ", Charts.COLOURS))
            .replace("@ELSEWHERE@", ELSEWHERE)
            .replace("@CODE@", code.replace("</", "<\\/"));
    // The script replaces the static picture; a page that runs no scripts keeps the picture.
    return "<div id=\"" + id + "\">" + image(figure) + "</div>\n<script>\n" + script + "</script>";
  }

  private static String resource(String name) {
    try (InputStream in = FigureHtml.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
