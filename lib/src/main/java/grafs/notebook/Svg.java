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
 * Builds an SVG document, element by element. Its elements have no identifiers and there is no
 * style sheet, so several documents can be in one HTML page without conflict. Coordinates and sizes
 * are in pixels, from the upper left corner.
 */
final class Svg {

  /** The colour of titles and legends. */
  static final String DARK = "#222";

  /** The colour of tick labels. */
  static final String GREY = "#666";

  private final StringBuilder svg = new StringBuilder();

  /**
   * Appends an element.
   *
   * @param element a format such as {@code <circle cx="%s" …/>}
   * @param values the values of the format: a {@code Double} is written by {@link #number}, any
   *     other value as it is, so texts must be escaped already
   */
  void add(String element, Object... values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] instanceof Double number ? number(number) : values[i];
    }
    svg.append(element.formatted(values)).append('\n');
  }

  /**
   * Appends a text, unless it is empty.
   *
   * @param x the x coordinate of the anchor
   * @param y the y coordinate of the baseline
   * @param size the font size
   * @param anchor the part of the text that is at x: {@code start}, {@code middle} or {@code end}
   * @param colour the colour
   * @param text the text, which this method escapes
   */
  void text(double x, double y, double size, String anchor, String colour, String text) {
    if (!text.isEmpty()) {
      add(
          "<text x=\"%s\" y=\"%s\" font-size=\"%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
          x, y, size, anchor, colour, escape(text));
    }
  }

  /** Appends an image, stretched to a rectangle without smoothing. */
  void image(double x, double y, double width, double height, BufferedImage image) {
    add(
        "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" preserveAspectRatio=\"none\""
            + " style=\"image-rendering:pixelated\" href=\"data:image/png;base64,%s\"/>",
        x, y, width, height, png(image));
  }

  /** {@return an image as a PNG file in Base64} */
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
   * @param width the width of the picture
   * @param height the height of the picture
   * @param label the picture described in words, for screen readers
   * @return the document, on a white background
   */
  String end(double width, double height, String label) {
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$s %2$s" width="%1$s" height="%2$s" \
        style="max-width:100%%;height:auto" role="img" aria-label="%3$s" font-family="sans-serif">
        <rect width="100%%" height="100%%" fill="#fff"/>
        %4$s</svg>"""
        .formatted(number(width), number(height), escape(label), svg);
  }

  /** {@return the number with one decimal, or with none if that decimal is 0} */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /**
   * Escapes text for use between tags and in quoted attributes of SVG and of HTML.
   *
   * @param text any text
   * @return the text, escaped
   */
  public static String escape(String text) {
    return HtmlEscape.escapeHtml4Xml(text);
  }
}
