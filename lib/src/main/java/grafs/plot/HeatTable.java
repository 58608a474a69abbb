package grafs.plot;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Margin;
import tech.tablesaw.plotly.traces.HeatmapTrace;

/**
 * Numbers by row and column, as colours.
 *
 * @param title the title, which says what the numbers are
 * @param x what the columns are
 * @param columns the columns' names
 * @param rows the rows' names, from above
 * @param values the numbers, {@code [rows][columns]}; where one is not finite, the place is blank
 */
public record HeatTable(
    String title, String x, List<String> columns, List<String> rows, double[][] values)
    implements PlotlyPicture {

  private static final int WIDTH = 420;
  private static final int LEFT = 110;
  private static final int TOP = 34;
  private static final int ROW = 16;
  private static final int BAR = 84;

  /** Matplotlib's viridis at every eighth of its way, dark to light. */
  private static final int[] VIRIDIS = {
    0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725
  };

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if names and values do not go together, or there are none
   */
  public HeatTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    int width = columns.size();
    if (values.length != rows.size()
        || rows.isEmpty()
        || Arrays.stream(values).anyMatch(row -> row.length != width)) {
      throw new IllegalArgumentException(
          "'%s' names %d rows of %d columns, which is not the size of its values"
              .formatted(title, rows.size(), width));
    }
  }

  @Override
  public Figure figure() {
    HeatmapTrace trace = HeatmapTrace.builder(columns.toArray(), rows.toArray(), values).build();
    Layout layout =
        Layout.builder()
            .title(title)
            .height(210 + ROW * rows.size())
            .width(WIDTH)
            .margin(Margin.builder().left(LEFT).top(80).bottom(50).right(20).build())
            .xAxis(Axis.builder().title(x).build())
            .yAxis(Axis.builder().autoRange(Axis.AutoRange.REVERSED).build())
            .build();
    return new Figure(layout, trace);
  }

  @Override
  public String svg() {
    double bottom = TOP + ROW * rows.size();
    double width = WIDTH - LEFT - BAR;
    Svg svg = new Svg(WIDTH, bottom + 44, title);
    svg.text(10, 20, 13, "start", Svg.DARK, title);
    double[] finite =
        Arrays.stream(values).flatMapToDouble(DoubleStream::of).filter(Double::isFinite).toArray();
    double low = DoubleStream.of(finite).min().orElse(0);
    double high = DoubleStream.of(finite).max().orElse(1);
    svg.image(LEFT, TOP, width, bottom - TOP, image(values, low, high));
    for (int r = 0; r < rows.size(); r++) {
      svg.text(LEFT - 5, TOP + ROW * (r + 0.5) + 4, 11, "end", Svg.GREY, rows.get(r));
    }
    int apart = (columns.size() + 11) / 12;
    for (int c = 0; c < columns.size(); c += apart) {
      double at = LEFT + (c + 0.5) * width / columns.size();
      svg.text(at, bottom + 15, 11, "middle", Svg.GREY, columns.get(c));
    }
    svg.text(LEFT + width / 2, bottom + 34, 12, "middle", Svg.DARK, x);
    double bar = Math.min(160, bottom - TOP);
    double left = WIDTH - BAR + 14;
    svg.image(left, TOP, 12, bar, image(ramp(), 0, 1));
    svg.text(left + 16, TOP + 10, 11, "start", Svg.GREY, number(high));
    svg.text(left + 16, TOP + bar, 11, "start", Svg.GREY, number(low));
    return svg.end();
  }

  private static double[][] ramp() {
    double[][] ramp = new double[64][1];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i][0] = 1 - i / (ramp.length - 1.0);
    }
    return ramp;
  }

  private static BufferedImage image(double[][] values, double low, double high) {
    BufferedImage image =
        new BufferedImage(values[0].length, values.length, BufferedImage.TYPE_INT_RGB);
    for (int r = 0; r < values.length; r++) {
      for (int c = 0; c < values[r].length; c++) {
        boolean there = Double.isFinite(values[r][c]);
        image.setRGB(
            c, r, there ? colour((values[r][c] - low) / Math.max(high - low, 1e-300)) : 0xFFFFFF);
      }
    }
    return image;
  }

  private static int colour(double share) {
    double at = Math.max(0, Math.min(1, share)) * (VIRIDIS.length - 1);
    int below = Math.min((int) at, VIRIDIS.length - 2);
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = VIRIDIS[below] >> shift & 0xFF;
      int b = VIRIDIS[below + 1] >> shift & 0xFF;
      colour |= (int) Math.round(a + (at - below) * (b - a)) << shift;
    }
    return colour;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value)
        .replaceAll("(\\.\\d*?)0+$", "$1")
        .replaceAll("\\.$", "");
  }
}
