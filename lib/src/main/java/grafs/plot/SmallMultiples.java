package grafs.plot;

import java.util.Arrays;
import java.util.List;

/**
 * Many small pictures alike, to be compared at a glance: curves of functions of x, or heat maps of
 * functions of (a, b). Drawn as SVG: sharp at every size, some hundred bytes a curve, and its text
 * needs no fonts where the library runs.
 *
 * @param title the title of the whole
 * @param keys what the kinds of lines mean; none for heat maps, which get a colour bar
 * @param columns the number of panels in a row
 * @param panels the panels, row by row
 */
public record SmallMultiples(String title, List<Key> keys, int columns, List<Panel> panels)
    implements Picture {

  /**
   * Copies the lists and checks them.
   *
   * @throws IllegalArgumentException if there is no column or no panel
   */
  public SmallMultiples {
    keys = List.copyOf(keys);
    panels = List.copyOf(panels);
    if (columns < 1 || panels.isEmpty()) {
      throw new IllegalArgumentException(
          "small multiples need a column and a panel, not %d columns and %d panels"
              .formatted(columns, panels.size()));
    }
  }

  /** How a line is drawn. */
  public enum Stroke {
    /** What the panel is about. */
    MAIN(Colours.LINES.get(0), 1.8, "none"),
    /** The same under other conditions. */
    OTHER(Colours.LINES.get(1), 1.5, "4 3"),
    /** What it is to be compared with. */
    REFERENCE(Colours.GROUND, 3, "none");

    /** As attributes of an SVG element. */
    final String attributes;

    Stroke(String colour, double width, String dashes) {
      attributes =
          "stroke=\"%s\" stroke-width=\"%s\" stroke-dasharray=\"%s\""
              .formatted(colour, width, dashes);
    }
  }

  /**
   * An entry of the legend.
   *
   * @param stroke how the line is drawn
   * @param text what it means
   */
  public record Key(Stroke stroke, String text) {}

  /** One of the small pictures. */
  public sealed interface Panel {

    /** {@return its title} */
    String title();

    /** {@return a second, fainter line of title, such as a formula; may be empty} */
    String note();

    /** {@return the horizontal axis runs from −this to this} */
    double radius();

    /** {@return the vertical axis runs from −this to this} */
    double height();
  }

  /**
   * Curves over x.
   *
   * @param title the panel's title
   * @param note a second line of title
   * @param radius x runs from −radius to radius
   * @param height y is shown from −height to height; what is beyond is cut off
   * @param lines the curves, the first one at the back
   */
  public record Curves(String title, String note, double radius, double height, List<Line> lines)
      implements Panel {}

  /**
   * A curve.
   *
   * @param stroke how it is drawn
   * @param y its values at points evenly spaced over the panel's x axis, at least two; where one is
   *     not finite, the curve has a gap
   */
  public record Line(Stroke stroke, double[] y) {}

  /**
   * A function of two variables, both from −radius to radius.
   *
   * @param title the panel's title
   * @param note a second line of title
   * @param radius half the length of both axes
   * @param scale the colours run from −scale to scale
   * @param values the values, {@code [rows, of b from below][columns, of a from the left]}
   */
  public record HeatMap(String title, String note, double radius, double scale, double[][] values)
      implements Panel {
    @Override
    public double height() {
      return radius;
    }
  }

  @Override
  public String svg() {
    return new PanelDrawing(this).svg();
  }

  /**
   * The least of 1.5, 3, 6 and 15 that holds the values, for panels to have few kinds of axes.
   *
   * @param values finite or not; what is not is not looked at
   * @return the height, at most 15
   */
  public static double height(double[] values) {
    double largest = Arrays.stream(values).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    return largest <= 1.5 ? 1.5 : largest <= 3 ? 3 : largest <= 6 ? 6 : 15;
  }
}
