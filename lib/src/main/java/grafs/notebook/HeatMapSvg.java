package grafs.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Draws the only trace of a figure, a heat map, in viridis. */
final class HeatMapSvg {

  /** Matplotlib's viridis at equal distances, dark to light. */
  private static final int[] VIRIDIS = {
    0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725
  };

  private final FigureSvg figure;
  private final JsonObject trace;

  HeatMapSvg(FigureSvg figure) {
    this.figure = figure;
    trace = figure.traces().get(0);
  }

  /** Draws the cells, as pixels of an image, and the names of rows and columns. */
  void draw(Svg svg, double left, double top, double width, double height, int ticks, double font) {
    double[][] values = values();
    boolean down = figure.text("yaxis", "autorange").equals("reversed");
    double[] range = range(values);
    BufferedImage image =
        new BufferedImage(values[0].length, values.length, BufferedImage.TYPE_INT_RGB);
    for (int r = 0; r < values.length; r++) {
      for (int c = 0; c < values[r].length; c++) {
        double share = (values[r][c] - range[0]) / Math.max(range[1] - range[0], 1e-300);
        image.setRGB(c, down ? r : values.length - 1 - r, colour(share));
      }
    }
    svg.image(left, top, width, height, image);
    List<String> rows =
        FigureSvg.elements(trace.getAsJsonArray("y")).map(JsonElement::getAsString).toList();
    List<String> columns =
        FigureSvg.elements(trace.getAsJsonArray("x")).map(JsonElement::getAsString).toList();
    // The names of all rows if they fit, otherwise of two or three.
    int every = height / rows.size() >= font ? 1 : rows.size() / 2;
    for (int r = 0; r < rows.size(); r += every) {
      double share = (r + 0.5) / rows.size();
      svg.text(
          left - 5,
          top + height * (down ? share : 1 - share) + font / 3,
          font,
          "end",
          Svg.GREY,
          rows.get(r));
    }
    int apart = (columns.size() + 2 * ticks - 1) / (2 * ticks);
    for (int c = 0; c < columns.size(); c += apart) {
      double at = left + (c + 0.5) * width / columns.size();
      svg.text(at, top + height + 1.4 * font, font, "middle", Svg.GREY, columns.get(c));
    }
  }

  private double[][] values() {
    return FigureSvg.elements(trace.getAsJsonArray("z"))
        .map(row -> FigureSvg.numbers(row.getAsJsonArray()))
        .toArray(double[][]::new);
  }

  private static double[] range(double[][] values) {
    double[] finite =
        Arrays.stream(values).flatMapToDouble(DoubleStream::of).filter(Double::isFinite).toArray();
    return new double[] {
      DoubleStream.of(finite).min().orElse(0), DoubleStream.of(finite).max().orElse(1)
    };
  }

  /** Draws the colour bar, labelled with the least and the largest value. */
  void colourBar(Svg svg, double left, double top, double height) {
    BufferedImage ramp = new BufferedImage(1, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      ramp.setRGB(0, i, colour(1 - i / 63.0));
    }
    svg.image(left, top, 12, height, ramp);
    double[] range = range(values());
    for (int end = 0; end < 2; end++) {
      String label = String.format(Locale.ROOT, "%.3g", range[end]);
      label = label.contains("e") ? label : label.replaceAll("\\.?0+$", "");
      svg.text(left + 16, top + (end == 0 ? height : 10), 11, "start", Svg.GREY, label);
    }
  }

  /** {@return the colour of a share of the range, 0 to 1; white if it is not finite} */
  private static int colour(double share) {
    if (!Double.isFinite(share)) {
      return 0xFFFFFF;
    }
    double at = Math.max(0, Math.min(1, share)) * (VIRIDIS.length - 1);
    int below = Math.min((int) at, VIRIDIS.length - 2);
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = VIRIDIS[below] >> shift & 0xFF;
      int to = VIRIDIS[below + 1] >> shift & 0xFF;
      colour |= (int) Math.round(from + (at - below) * (to - from)) << shift;
    }
    return colour;
  }
}
