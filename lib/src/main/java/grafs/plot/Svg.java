package grafs.plot;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * An SVG document as it is drawn. Nothing in it has an identifier or a style sheet: several may
 * stand in one page.
 */
public final class Svg {

  static final String DARK = "#222";
  static final String GREY = "#666";

  private final StringBuilder svg = new StringBuilder();

  /**
   * Begins a document on white.
   *
   * @param width in pixels
   * @param height in pixels
   * @param label what it shows, for those who do not see it
   */
  Svg(double width, double height, String label) {
    String w = number(width);
    String h = number(height);
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" \
        style="max-width:100%%;height:auto" role="img" aria-label="%s" font-family="sans-serif">
        <rect width="100%%" height="100%%" fill="#fff"/>
        """
            .formatted(w, h, w, h, escape(label)));
  }

  /** Draws a line without filling; {@code stroke} holds attributes. */
  void path(String d, String stroke) {
    svg.append(
        "<path d=\"%s\" fill=\"none\" stroke-linejoin=\"round\" %s/>\n".formatted(d, stroke));
  }

  void area(String d, String colour, double opacity) {
    svg.append("<path d=\"%s\" fill=\"%s\" fill-opacity=\"%s\"/>\n".formatted(d, colour, opacity));
  }

  /** Draws a disc; {@code title} is shown where a page lets it be pointed at. */
  void dot(double x, double y, double radius, String colour, String title) {
    svg.append(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\" fill-opacity=\"0.8\"><title>%s</title></circle>\n"
            .formatted(number(x), number(y), number(radius), colour, escape(title)));
  }

  void text(double x, double y, double size, String anchor, String colour, String text) {
    svg.append(
        "<text x=\"%s\" y=\"%s\" font-size=\"%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n"
            .formatted(number(x), number(y), number(size), anchor, colour, escape(text)));
  }

  /** Writes a text that runs upwards, its middle at the point. */
  void upwards(double x, double y, double size, String colour, String text) {
    String at = number(x) + " " + number(y);
    svg.append(
        "<text transform=\"translate(%s) rotate(-90)\" font-size=\"%s\" text-anchor=\"middle\" fill=\"%s\">%s</text>\n"
            .formatted(at, number(size), colour, escape(text)));
  }

  /** Draws an image, a pixel of which becomes a rectangle. */
  void image(double x, double y, double width, double height, BufferedImage image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    svg.append(
        """
        <image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" \
        style="image-rendering:pixelated" href="data:image/png;base64,%s"/>
        """
            .formatted(
                number(x),
                number(y),
                number(width),
                number(height),
                Base64.getEncoder().encodeToString(png.toByteArray())));
  }

  /** {@return the document, ended} */
  String end() {
    return svg + "</svg>";
  }

  /** {@return the number with one decimal, none if it is 0} */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /**
   * Makes text safe between tags and in quoted attributes, of HTML too.
   *
   * @param text any text
   * @return the text, escaped
   */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
