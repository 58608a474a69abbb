package grafs.plot;

import grafs.plot.Chart.Ground;
import grafs.plot.Chart.Layer;
import grafs.plot.Chart.Line;
import grafs.plot.Chart.Points;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** Draws a chart as SVG. */
final class ChartDrawing {

  private static final int WIDTH = 560;
  private static final int LEFT = 62;
  private static final int RIGHT = 18;
  private static final int PLOT_HEIGHT = 270;
  private static final int ROW = 18;
  private static final int POINTS_MARKED = 60;

  /** About how wide a letter of the legend is. */
  private static final double LETTER = 6.4;

  private final Chart chart;
  private final Scaled x;
  private final Scaled y;
  private final double top;

  ChartDrawing(Chart chart) {
    this.chart = chart;
    top = 36 + ROW * legendRows();
    x = new Scaled(chart.x(), chart.range(true), LEFT, WIDTH - RIGHT);
    y = new Scaled(chart.y(), chart.range(false), top + PLOT_HEIGHT, top);
  }

  private int legendRows() {
    double at = LEFT;
    int rows = 1;
    for (Layer layer : chart.layers()) {
      double width = entryWidth(layer);
      if (at > LEFT && at + width > WIDTH - RIGHT) {
        at = LEFT;
        rows++;
      }
      at += width;
    }
    return rows;
  }

  private static double entryWidth(Layer layer) {
    return 30 + LETTER * layer.name().length() + 14;
  }

  /** {@return the document} */
  String svg() {
    Svg svg = new Svg(WIDTH, top + PLOT_HEIGHT + 46, chart.title());
    svg.text(14, 20, 14, "start", Svg.DARK, chart.title());
    double bottom = top + PLOT_HEIGHT;
    for (double tick : y.ticks()) {
      double at = y.at(tick);
      svg.path(line(LEFT, at, WIDTH - RIGHT, at), "stroke=\"#e4e4e4\"");
      svg.text(LEFT - 6, at + 4, 11, "end", Svg.GREY, y.label(tick));
    }
    for (double tick : x.ticks()) {
      double at = x.at(tick);
      svg.path(line(at, top, at, bottom), "stroke=\"#e4e4e4\"");
      svg.text(at, bottom + 16, 11, "middle", Svg.GREY, x.label(tick));
    }
    svg.text((LEFT + WIDTH - RIGHT) / 2.0, bottom + 36, 12, "middle", Svg.DARK, chart.x().title());
    svg.upwards(15, (top + bottom) / 2, 12, Svg.DARK, chart.y().title());
    for (Layer layer : chart.layers()) {
      if (layer instanceof Ground) {
        draw(svg, layer, Colours.GROUND);
      }
    }
    List<String> colours = new ArrayList<>();
    int colour = 0;
    double across = LEFT;
    double down = 40;
    for (Layer layer : chart.layers()) {
      String own = layer instanceof Ground ? Colours.GROUND : Colours.LINES.get(colour++);
      if (across > LEFT && across + entryWidth(layer) > WIDTH - RIGHT) {
        across = LEFT;
        down += ROW;
      }
      key(svg, layer, own, across, down);
      across += entryWidth(layer);
      colours.add(own);
    }
    // What is named first is what the chart is about: in front, but for grounds, which lie behind.
    for (int i = colours.size() - 1; i >= 0; i--) {
      if (!(chart.layers().get(i) instanceof Ground)) {
        draw(svg, chart.layers().get(i), colours.get(i));
      }
    }
    return svg.end();
  }

  private static void key(Svg svg, Layer layer, String colour, double x, double y) {
    if (layer instanceof Points) {
      svg.dot(x + 12, y - 4, 4, colour, layer.name());
    } else if (layer instanceof Ground) {
      svg.area("M%s %sh22v-10h-22z".formatted(Svg.number(x), Svg.number(y)), colour, 0.5);
    } else {
      svg.path(line(x, y - 4, x + 22, y - 4), stroke(colour));
    }
    svg.text(x + 28, y, 11, "start", Svg.DARK, layer.name());
  }

  private void draw(Svg svg, Layer layer, String colour) {
    if (layer instanceof Ground ground) {
      double[] range = chart.range(false);
      double[] height = ground.between(range[0], range[1]);
      double[] floor = new double[height.length];
      Arrays.fill(floor, range[0]);
      svg.area(band(ground.x(), floor, height), colour, 0.5);
    } else if (layer instanceof Line drawn) {
      if (drawn.banded()) {
        svg.area(band(drawn.x(), drawn.lower(), drawn.upper()), colour, 0.2);
      }
      svg.path(path(drawn.x(), drawn.y()), stroke(colour));
      if (drawn.x().length <= POINTS_MARKED) {
        dots(svg, drawn.x(), drawn.y(), 2.5, colour, i -> drawn.name());
      }
    } else if (layer instanceof Points points) {
      dots(svg, points.x(), points.y(), 4, colour, points.labels()::get);
    }
  }

  private void dots(
      Svg svg, double[] xs, double[] ys, double radius, String colour, IntFunction<String> label) {
    for (int i = 0; i < xs.length; i++) {
      if (Double.isFinite(ys[i])) {
        svg.dot(x.at(xs[i]), y.at(ys[i]), radius, colour, label.apply(i));
      }
    }
  }

  private String path(double[] xs, double[] ys) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (int i = 0; i < xs.length; i++) {
      boolean there = Double.isFinite(ys[i]);
      if (there) {
        path.append(pen ? 'L' : 'M').append(point(xs[i], ys[i]));
      }
      pen = there;
    }
    return path.toString();
  }

  private String band(double[] xs, double[] lower, double[] upper) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < xs.length; i++) {
      path.append(i == 0 ? 'M' : 'L').append(point(xs[i], lower[i]));
    }
    for (int i = xs.length - 1; i >= 0; i--) {
      path.append('L').append(point(xs[i], upper[i]));
    }
    return path.append('z').toString();
  }

  private String point(double px, double py) {
    return Svg.number(x.at(px)) + " " + Svg.number(y.at(py));
  }

  private static String line(double x0, double y0, double x1, double y1) {
    return "M%s %sL%s %s".formatted(Svg.number(x0), Svg.number(y0), Svg.number(x1), Svg.number(y1));
  }

  private static String stroke(String colour) {
    return "stroke=\"%s\" stroke-width=\"2\"".formatted(colour);
  }
}
