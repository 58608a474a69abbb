package grafs.notebook;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.unbescape.html.HtmlEscape;

/**
 * An SVG document while it is drawn. Nothing in it has an identifier or a style sheet, so several
 * documents can stand in one page.
 */
final class Svg {

  static final String DARK = "#222";
  static final String GREY = "#666";

  private final StringBuilder svg = new StringBuilder();

  /**
   * Appends an element as a format whose numbers, {@code %s}, get one decimal.
   *
   * @param element such as {@code <circle cx="%s" …/>}
   * @param values the numbers and texts; texts are taken as they are
   */
  void add(String element, Object... values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] instanceof Double number ? number(number) : values[i];
    }
    svg.append(element.formatted(values)).append('\n');
  }

  /** Adds a text, unless it is empty. */
  void text(double x, double y, double size, String anchor, String colour, String text) {
    if (!text.isEmpty()) {
      add(
          "<text x=\"%s\" y=\"%s\" font-size=\"%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
          x, y, size, anchor, colour, escape(text));
    }
  }

  /** Adds an image that is stretched to a rectangle without smoothing. */
  void image(double x, double y, double width, double height, BufferedImage image) {
    add(
        "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" preserveAspectRatio=\"none\""
            + " style=\"image-rendering:pixelated\" href=\"data:image/png;base64,%s\"/>",
        x, y, width, height, png(image));
  }

  /** {@return a PNG file of an image, in Base64} */
  static String png(BufferedImage image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(png.toByteArray());
  }

  /**
   * Ends the document.
   *
   * @param width in pixels
   * @param height in pixels
   * @param label what it shows, for those who do not see it
   * @return the document, on white
   */
  String end(double width, double height, String label) {
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$s %2$s" width="%1$s" height="%2$s" \
        style="max-width:100%%;height:auto" role="img" aria-label="%3$s" font-family="sans-serif">
        <rect width="100%%" height="100%%" fill="#fff"/>
        %4$s</svg>"""
        .formatted(number(width), number(height), escape(label), svg);
  }

  /** {@return the number with one decimal, without it if it is 0} */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /**
   * Escapes text for use between tags and in quoted attributes, in HTML too.
   *
   * @param text any text
   * @return the text, escaped
   */
  public static String escape(String text) {
    return HtmlEscape.escapeHtml4Xml(text);
  }
}
