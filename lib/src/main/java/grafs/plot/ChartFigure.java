package grafs.plot;

import grafs.plot.Chart.Axis;
import grafs.plot.Chart.Ground;
import grafs.plot.Chart.Layer;
import grafs.plot.Chart.Line;
import grafs.plot.Chart.Points;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.stream.DoubleStream;
import tech.tablesaw.plotly.components.Axis.AxisBuilder;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Fill;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.ScatterTrace.ScatterBuilder;
import tech.tablesaw.plotly.traces.Trace;

/** A chart as a figure of Tablesaw's. */
final class ChartFigure {

  /** A line of more points shows none of them. */
  private static final int MARKED = 60;

  private ChartFigure() {}

  static Figure of(Chart chart) {
    // Plotly draws the last one in front; pages are told to turn the legend round.
    LinkedList<Trace> traces = new LinkedList<>();
    List<Trace> grounds = new ArrayList<>();
    int colour = 0;
    for (Layer layer : chart.layers()) {
      if (layer instanceof Ground ground) {
        double[] range = chart.range(false);
        grounds.add(ground(ground, range[0], range[1]));
        continue;
      }
      String own = Colours.LINES.get(colour++);
      if (layer instanceof Line line) {
        traces.addFirst(line(line, own));
        if (line.banded()) {
          traces.addFirst(band(line, own));
        }
      } else if (layer instanceof Points points) {
        traces.addFirst(points(points, own));
      }
    }
    traces.addAll(0, grounds);
    Layout layout =
        Layout.builder()
            .title(chart.title())
            .height(380)
            .width(560)
            .xAxis(axis(chart.x(), chart.range(true)))
            .yAxis(axis(chart.y(), chart.range(false)))
            .showLegend(true)
            .build();
    return new Figure(layout, traces.toArray(Trace[]::new));
  }

  private static tech.tablesaw.plotly.components.Axis axis(Axis axis, double... range) {
    AxisBuilder builder = tech.tablesaw.plotly.components.Axis.builder().title(axis.title());
    if (axis.logarithmic()) {
      builder
          .type(tech.tablesaw.plotly.components.Axis.Type.LOG)
          .range(Math.floor(Math.log10(range[0])), Math.ceil(Math.log10(range[1])));
    }
    return builder.build();
  }

  private static Trace line(Line line, String colour) {
    return ScatterTrace.builder(line.x(), line.y())
        .mode(line.x().length > MARKED ? Mode.LINE : Mode.LINE_AND_MARKERS)
        .name(line.name())
        .showLegend(true)
        .line(stroke(colour, 2))
        .build();
  }

  private static Trace points(Points points, String colour) {
    return ScatterTrace.builder(points.x(), points.y())
        .mode(Mode.MARKERS)
        .name(points.name())
        .showLegend(true)
        .text(points.labels().toArray(String[]::new))
        .marker(Marker.builder().size(8).color(colour).opacity(0.8).build())
        .build();
  }

  /** There and back again: a closed shape. */
  private static Trace band(Line line, String colour) {
    return shape(thereAndBack(line.x(), line.x()), thereAndBack(line.lower(), line.upper()), colour)
        .opacity(0.2)
        .name(line.name())
        .showLegend(false)
        .build();
  }

  private static Trace ground(Ground ground, double low, double high) {
    double[] floor = DoubleStream.of(ground.x()).map(x -> low).toArray();
    return shape(
            thereAndBack(ground.x(), ground.x()),
            thereAndBack(floor, ground.between(low, high)),
            Colours.GROUND)
        .opacity(0.5)
        .name(ground.name())
        .showLegend(true)
        .build();
  }

  private static ScatterBuilder shape(double[] x, double[] y, String colour) {
    return ScatterTrace.builder(x, y)
        .mode(Mode.LINE)
        .fill(Fill.TO_SELF)
        .fillColor(colour)
        .line(stroke(colour, 0));
  }

  private static double[] thereAndBack(double[] there, double[] back) {
    int n = there.length;
    double[] all = new double[2 * n];
    for (int i = 0; i < n; i++) {
      all[i] = there[i];
      all[2 * n - 1 - i] = back[i];
    }
    return all;
  }

  private static tech.tablesaw.plotly.components.Line stroke(String colour, double width) {
    return tech.tablesaw.plotly.components.Line.builder().color(colour).width(width).build();
  }
}
