package grafs.notebook;

import com.google.gson.Gson;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.LinearGradientPaint;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Draws a heat map, a grid of cells coloured by their numbers, as a part of an SVG picture, for
 * {@link FigureSvg}. Its colours are those of viridis, the colour map of the Python library
 * Matplotlib, from dark for the smallest number to light for the largest.
 *
 * @param trace the heat map: z has the numbers, {@code [rows][columns]}, x the names of the
 *     columns, y those of the rows
 * @param reversed whether the first row is at the top, not at the bottom
 */
record HeatMapSvg(ParsedFigure.Trace trace, boolean reversed) {

  /** The colours as an image of 1 × ({@link #STEPS} + 1) pixels, light at the top. */
  private static final BufferedImage VIRIDIS = viridis();

  /** The number of steps from the darkest colour to the lightest one. */
  private static final int STEPS = 256;

  private static BufferedImage viridis() {
    Color[] dark =
        Stream.of(
                "#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962",
                "#ADDC30", "#FDE725")
            .map(Color::decode)
            .toArray(Color[]::new);
    float[] distances = {0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f, 1};
    BufferedImage image = new BufferedImage(1, STEPS + 1, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setPaint(new LinearGradientPaint(0, STEPS, 0, 1, distances, dark));
    graphics.fillRect(0, 0, 1, STEPS + 1);
    return image;
  }

  private double[][] values() {
    return new Gson().fromJson(trace.z(), double[][].class);
  }

  private static DoubleSummaryStatistics range(double[][] values) {
    return Ticks.range(Arrays.stream(values).flatMapToDouble(DoubleStream::of));
  }

  /**
   * Draws an image with one pixel for each number, stretched to fill the frame. A number that is
   * not finite is white. The names of the rows are on the left of the image, those of the columns
   * below it.
   */
  void draw(Svg svg, FigureSvg.Frame frame) {
    double[][] values = values();
    DoubleSummaryStatistics range = range(values);
    double unit = STEPS / Math.max(range.getMax() - range.getMin(), 1e-300);
    int last = values.length - 1;
    BufferedImage image =
        new BufferedImage(values[0].length, values.length, BufferedImage.TYPE_INT_RGB);
    for (int r = 0; r <= last; r++) {
      for (int c = 0; c < values[r].length; c++) {
        double value = values[r][c];
        int down = STEPS - (int) Math.round((value - range.getMin()) * unit);
        int colour = Double.isFinite(value) ? VIRIDIS.getRGB(0, down) : 0xFFFFFF;
        image.setRGB(c, reversed ? r : last - r, colour);
      }
    }
    svg.image(frame.left(), frame.top(), frame.width(), frame.height(), image);
    double font = frame.font();
    List<String> rows = trace.y();
    // If the names of all rows do not fit, at most three of them are drawn.
    int every = frame.height() / rows.size() >= font ? 1 : Math.max(1, rows.size() / 2);
    for (int r = 0; r < rows.size(); r += every) {
      double share = ((reversed ? r : last - r) + 0.5) / rows.size();
      double at = frame.top() + frame.height() * share + font / 3;
      svg.text(frame.left() - 5, at, font, "end", Svg.GREY, rows.get(r));
    }
    List<String> columns = trace.x();
    // At most 2·ticks names of columns are drawn, at equal distances.
    int apart = (columns.size() + 2 * frame.ticks() - 1) / (2 * frame.ticks());
    double below = frame.top() + frame.height() + 1.4 * font;
    for (int c = 0; c < columns.size(); c += apart) {
      double at = frame.left() + (c + 0.5) * frame.width() / columns.size();
      svg.text(at, below, font, "middle", Svg.GREY, columns.get(c));
    }
  }

  /**
   * Draws the scale of colours as a vertical bar, 12 pixels wide, labelled with the smallest and
   * the largest number.
   */
  void colourBar(Svg svg, double left, double top, double height) {
    svg.image(left, top, 12, height, VIRIDIS);
    DoubleSummaryStatistics range = range(values());
    svg.text(left + 16, top + height, 11, "start", Svg.GREY, label(range.getMin()));
    svg.text(left + 16, top + 10, 11, "start", Svg.GREY, label(range.getMax()));
  }

  /**
   * {@return the number with three significant digits, without zeros at the end of its decimals}
   */
  private static String label(double value) {
    String label = String.format(Locale.ROOT, "%.3g", value);
    return label.matches("[^e]*\\.[^e]*") ? label.replaceAll("\\.?0+$", "") : label;
  }
}
