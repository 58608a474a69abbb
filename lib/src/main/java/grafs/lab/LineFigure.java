package grafs.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.Trace;

/** A figure of named lines. */
final class LineFigure {

  /** Okabe and Ito's colours, told apart with any kind of colour vision. */
  static final List<String> COLOURS =
      List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000");

  private LineFigure() {}

  /**
   * {@return the figure} Each line is its x and its y.
   *
   * @throws IllegalArgumentException if there are more lines than colours
   */
  static Figure of(String title, String x, String y, Map<String, double[][]> lines) {
    return of(title, x, Axis.builder().title(y).build(), lines);
  }

  /** {@return the figure with a logarithmic y axis, from 10^lowest to 10^highest} */
  static Figure logarithmic(
      String title,
      String x,
      String y,
      double lowest,
      double highest,
      Map<String, double[][]> lines) {
    Axis axis = Axis.builder().title(y).type(Axis.Type.LOG).range(lowest, highest).build();
    return of(title, x, axis, lines);
  }

  private static Figure of(String title, String x, Axis y, Map<String, double[][]> lines) {
    if (lines.size() > COLOURS.size()) {
      throw new IllegalArgumentException(
          "a figure shows at most " + COLOURS.size() + " lines, not " + lines.size());
    }
    List<Trace> traces = new ArrayList<>();
    lines.forEach(
        (name, line) ->
            traces.add(
                ScatterTrace.builder(line[0], line[1])
                    .mode(
                        line[0].length > 60
                            ? ScatterTrace.Mode.LINE
                            : ScatterTrace.Mode.LINE_AND_MARKERS)
                    .name(name)
                    .showLegend(true)
                    .line(Line.builder().color(COLOURS.get(traces.size())).width(2).build())
                    .build()));
    Layout layout =
        Layout.builder()
            .title(title)
            .height(380)
            .width(560)
            .xAxis(Axis.builder().title(x).build())
            .yAxis(y)
            .showLegend(true)
            .build();
    return new Figure(layout, traces.toArray(Trace[]::new));
  }
}
