package grafs.notebook;

import static java.util.Comparator.comparingInt;

import grafs.notebook.ParsedFigure.Axis;
import grafs.notebook.ParsedFigure.Layout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import tech.tablesaw.plotly.components.Figure;

/**
 * Many small figures, the panels, in one SVG picture, to be compared at a glance.
 *
 * @param title the title of the whole picture
 * @param columns the number of panels in a row, 1 to 20
 * @param panels the figures, row by row: lines, points and areas, or one heat map each, on linear
 *     axes. Panels made by {@link Charts#panel} with the same radius and height have equal axes and
 *     are easy to compare. The picture has one legend, of the panel with the most traces.
 */
public record SmallMultiples(String title, int columns, List<Figure> panels) {

  /** The width of the picture, in pixels. */
  private static final double WIDTH = 920;

  /** With more columns, panels would be too narrow for their titles. */
  private static final int MOST_COLUMNS = 20;

  /** The x coordinate of the first column of panels, in pixels. */
  private static final double LEFT = 30;

  /**
   * Copies the list of panels.
   *
   * @throws IllegalArgumentException if there is no panel, if a panel has other traces or axes than
   *     these, or if the number of columns is out of range
   */
  public SmallMultiples {
    panels = List.copyOf(panels);
    if (columns < 1 || columns > MOST_COLUMNS || panels.isEmpty()) {
      throw new IllegalArgumentException(
          "small multiples need 1 to %d columns and a panel, not %d columns and %d panels"
              .formatted(MOST_COLUMNS, columns, panels.size()));
    }
    for (Figure panel : panels) {
      ParsedFigure drawing = ParsedFigure.of(panel);
      if (!drawing.drawable()) {
        throw new IllegalArgumentException(
            "the panel '%s' cannot be drawn: only lines, points, areas or one heat map on linear axes can"
                .formatted(drawing.title()));
      }
    }
  }

  /** {@return the picture as an SVG document, 920 pixels wide} */
  public String svg() {
    List<ParsedFigure> figures = panels.stream().map(ParsedFigure::of).toList();
    // If all vertical axes have the same range, only the panels in the first column have labels at
    // the ticks of that axis. If all horizontal axes have the same range, only the lowest panel of
    // each column has labels at the ticks of that axis.
    boolean alike = alike(figures, Layout::yaxis);
    boolean alikeX = alike(figures, Layout::xaxis);
    double gap = alike ? 16 : 30;
    double width = (WIDTH - LEFT - 8 - (columns - 1) * gap) / columns;
    double font = width < 110 ? 8 : 11;
    int letters = (int) (width / (0.56 * font));
    List<List<String>> titles = figures.stream().map(f -> lines(f.title(), letters)).toList();
    double head = font * (0.4 + 1.1 * titles.stream().mapToInt(List::size).max().orElseThrow());
    double height = width < 110 ? width : 0.7 * width;

    Svg svg = new Svg();
    svg.text(LEFT, 16, 14, "start", Svg.DARK, title);
    ParsedFigure most = Collections.max(figures, comparingInt(f -> f.traces().size()));
    double top = 26 + 18 * new FigureSvg(most).legend(svg, LEFT, WIDTH, 34);
    int rows = (panels.size() + columns - 1) / columns;
    for (int i = 0; i < panels.size(); i++) {
      int column = i % columns;
      double x = LEFT + column * (width + gap);
      double y = top + i / columns * (head + height + 16) + head;
      List<String> lines = titles.get(i);
      for (int line = 0; line < lines.size(); line++) {
        double above = y - font * (0.4 + 1.1 * (lines.size() - 1 - line));
        svg.text(x, above, font, "start", line == 0 ? Svg.DARK : Svg.GREY, lines.get(line));
      }
      boolean labelX = !alikeX || i + columns >= panels.size();
      FigureSvg.Frame frame = new FigureSvg.Frame(x, y, width, height, 4, 9);
      new FigureSvg(figures.get(i)).draw(svg, frame, !alike || column == 0, labelX);
    }
    return svg.end(WIDTH, top + rows * (head + height + 16) + 8, title);
  }

  /**
   * {@return whether the given axis has the same fixed range in all figures, or all are heat maps}
   */
  private static boolean alike(List<ParsedFigure> figures, Function<Layout, Axis> axis) {
    return figures.stream().map(each -> axis.apply(each.layout()).range()).distinct().count() == 1
        && figures.stream()
            .allMatch(each -> axis.apply(each.layout()).range() != null || each.isHeatMap());
  }

  /**
   * Splits a title into one or two lines.
   *
   * @param title the title of a panel; {@code <br>} begins the second line
   * @param letters the number of letters that fit above the panel
   * @return the lines; a line that does not fit is cut and ends with an ellipsis
   */
  private static List<String> lines(String title, int letters) {
    List<String> lines = new ArrayList<>(List.of(title.split("<br>", 2)));
    if (lines.size() == 1 && title.length() > letters) {
      lines = List.of(title.substring(0, letters), title.substring(letters));
    }
    return lines.stream()
        .map(line -> line.length() <= letters ? line : line.substring(0, letters - 1) + "…")
        .toList();
  }

  /**
   * Chooses the range of a panel's vertical axis among four, so that few different axes occur.
   *
   * @param values the y coordinates to show; those that are not finite are ignored
   * @return h for an axis from −h to h: the least of 1.5, 3, 6 and 15 that no absolute value
   *     exceeds; 15 if there is none
   */
  public static double height(double[] values) {
    double largest =
        DoubleStream.of(values).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    return largest <= 1.5 ? 1.5 : largest <= 3 ? 3 : largest <= 6 ? 6 : 15;
  }
}
