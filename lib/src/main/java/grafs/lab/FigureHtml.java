package grafs.lab;

import grafs.plot.PlotlyPicture;
import grafs.plot.Svg;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tablesaw.plotly.components.Figure;

/**
 * A Tablesaw figure as an HTML fragment that draws itself with Plotly wherever it is opened: see
 * {@code figure.js}. The fragment holds the data only, so notebooks stay small.
 */
final class FigureHtml {

  /**
   * The release whose figures Tablesaw writes; the root {@code pom.xml} names the same one for
   * {@code environment/lab}.
   */
  static final String PLOTLY_VERSION = "1.54.1";

  private static final String ELSEWHERE =
      "https://cdn.jsdelivr.net/npm/plotly.js@" + PLOTLY_VERSION + "/dist/plotly-cartesian.min.js";

  private static final Pattern SCRIPT_TAG = Pattern.compile("</?script>");
  private static final Pattern TITLE = Pattern.compile("(?m)^\\s*title: '(.*)',$");
  private static final String LOADER = resource("figure.js");

  private FigureHtml() {}

  static String of(Figure figure) {
    return drawn(figure, false, "");
  }

  /** The picture itself stands where the figure will, for pages that run no scripts. */
  static String row(PlotlyPicture... pictures) {
    if (pictures.length == 1) {
      return drawn(pictures[0].figure(), false, still(pictures[0]));
    }
    StringBuilder html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap\">");
    for (PlotlyPicture picture : pictures) {
      html.append("<div style=\"flex:1 1 320px;min-width:0\">")
          .append(drawn(picture.figure(), true, still(picture)))
          .append("</div>");
    }
    return html.append("</div>").toString();
  }

  private static String still(PlotlyPicture picture) {
    return image(picture.title(), picture.svg());
  }

  /** A picture as an element of a page. */
  static String image(String title, String svg) {
    byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
    return "<img alt=\"%s\" style=\"max-width:100%%\" src=\"data:image/svg+xml;base64,%s\">"
        .formatted(Svg.escape(title), Base64.getEncoder().encodeToString(bytes));
  }

  /** The figure's title for where it cannot be drawn. */
  static String title(Figure figure) {
    if (figure.getLayout() == null) {
      return "[figure]";
    }
    Matcher title = TITLE.matcher(figure.getLayout().asJavascript());
    return title.find() ? "[figure: " + unescape(title.group(1)) + "]" : "[figure]";
  }

  private static String drawn(Figure figure, boolean shareWidth, String still) {
    // Fresh identifiers: a cell that is run again, or copied, must not draw into another figure's
    // place.
    String id = "grafs" + UUID.randomUUID().toString().replace("-", "");
    String code = SCRIPT_TAG.matcher(figure.asJavascript(id)).replaceAll("").strip();
    String script =
        LOADER
            .replace("@ID@", id)
            .replace("@SHARE_WIDTH@", Boolean.toString(shareWidth))
            .replace("@REVERSED@", Boolean.toString(!still.isEmpty()))
            .replace("@ELSEWHERE@", ELSEWHERE)
            .replace("@CODE@", code.replace("</", "<\\/"));
    return "<div id=\"" + id + "\">" + still + "</div>\n<script>\n" + script + "</script>";
  }

  /** Undoes the escaping of HTML that Tablesaw's templates do. */
  private static String unescape(String text) {
    return text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static String resource(String name) {
    try (InputStream in = FigureHtml.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
