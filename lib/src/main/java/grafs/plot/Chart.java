package grafs.plot;

import java.util.List;
import java.util.stream.DoubleStream;
import tech.tablesaw.plotly.components.Figure;

/**
 * Lines and points over x, with named axes.
 *
 * @param title the title
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param layers what is drawn, the foremost first; lines and points take one colour each, in their
 *     order, grounds lie behind
 */
public record Chart(String title, Axis x, Axis y, List<Layer> layers) implements PlotlyPicture {

  /**
   * Copies the layers and checks them.
   *
   * @throws IllegalArgumentException if there are none, or more than can be told apart
   */
  public Chart {
    layers = List.copyOf(layers);
    long coloured = layers.stream().filter(layer -> !(layer instanceof Ground)).count();
    if (coloured < 1 || coloured > Colours.LINES.size()) {
      throw new IllegalArgumentException(
          "a chart shows 1 to %d lines, not %d".formatted(Colours.LINES.size(), coloured));
    }
  }

  /**
   * An axis, which reaches over all that there is to show.
   *
   * @param title what it counts, with its unit
   * @param logarithmic whether equal factors are equally far apart
   */
  public record Axis(String title, boolean logarithmic) {

    /** {@return an axis on which equal differences are equally far apart} */
    public static Axis of(String title) {
      return new Axis(title, false);
    }
  }

  /** Something drawn: values over x. */
  public sealed interface Layer {

    /** {@return its name in the legend} */
    String name();

    /** {@return the places, not ordered unless it is a line} */
    double[] x();

    /** {@return the values; where one is not finite, nothing is drawn} */
    double[] y();
  }

  /**
   * A line, with a band around it where its values are uncertain.
   *
   * @param name its name in the legend
   * @param x the places, ascending
   * @param y the values
   * @param lower the band's lower edge, or null for no band
   * @param upper the band's upper edge, or null for no band
   */
  public record Line(String name, double[] x, double[] y, double[] lower, double[] upper)
      implements Layer {

    /** A line without a band. */
    public Line(String name, double[] x, double[] y) {
      this(name, x, y, null, null);
    }

    boolean banded() {
      return lower != null;
    }
  }

  /**
   * Points.
   *
   * @param name what all of them are, in the legend
   * @param x the places
   * @param y the values
   * @param labels what each of them is
   */
  public record Points(String name, double[] x, double[] y, List<String> labels) implements Layer {}

  /**
   * A grey area behind everything, for where on x something lies; its height is on no axis.
   *
   * @param name its name in the legend
   * @param x the places, ascending
   * @param y how much there is, at least 0
   */
  public record Ground(String name, double[] x, double[] y) implements Layer {

    /** The values as they are drawn: the highest at three quarters of the way from low to high. */
    double[] between(double low, double high) {
      double most = DoubleStream.of(y).max().orElse(1);
      return DoubleStream.of(y).map(v -> low + 0.75 * (high - low) * v / most).toArray();
    }
  }

  /** {@return the least and the largest of the values of all lines and points; 0 and 1 of none} */
  double[] range(boolean horizontal) {
    Axis axis = horizontal ? x : y;
    double[] values =
        layers.stream()
            .filter(layer -> horizontal || !(layer instanceof Ground))
            .flatMapToDouble(layer -> values(layer, horizontal))
            .filter(v -> Double.isFinite(v) && !(axis.logarithmic() && v <= 0))
            .toArray();
    double low = DoubleStream.of(values).min().orElse(0);
    double high = DoubleStream.of(values).max().orElse(1);
    return low < high ? new double[] {low, high} : new double[] {low - 0.5, high + 0.5};
  }

  private static DoubleStream values(Layer layer, boolean horizontal) {
    DoubleStream own = DoubleStream.of(horizontal ? layer.x() : layer.y());
    return !horizontal && layer instanceof Line line && line.banded()
        ? DoubleStream.concat(
            own, DoubleStream.concat(DoubleStream.of(line.lower()), DoubleStream.of(line.upper())))
        : own;
  }

  @Override
  public Figure figure() {
    return ChartFigure.of(this);
  }

  @Override
  public String svg() {
    return new ChartDrawing(this).svg();
  }
}
