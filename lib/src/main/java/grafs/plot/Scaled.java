package grafs.plot;

import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** An axis with its place in a drawing: from values to pixels, and where its ticks are. */
final class Scaled {

  /** About how many ticks an axis has. */
  private static final int TICKS = 6;

  /** The part of the axis that is left free at either end. */
  private static final double MARGIN = 0.04;

  private final Chart.Axis axis;
  private final double low;
  private final double high;
  private final double from;
  private final double to;

  /**
   * Lays an axis.
   *
   * @param axis the axis
   * @param range the least and the largest value to show
   * @param from the pixel at its beginning
   * @param to the pixel at its end
   */
  Scaled(Chart.Axis axis, double[] range, double from, double to) {
    this.axis = axis;
    this.from = from;
    this.to = to;
    double least = inner(range[0]);
    double most = inner(range[1]);
    low = least - MARGIN * (most - least);
    high = most + MARGIN * (most - least);
  }

  private double inner(double value) {
    return axis.logarithmic() ? Math.log10(value) : value;
  }

  /** {@return the pixel of a value; of one that the axis cannot show, its end} */
  double at(double value) {
    double share = (inner(value) - low) / (high - low);
    return from + Math.max(0, Math.min(1, share)) * (to - from);
  }

  /**
   * {@return values at even distances of 1, 2 or 5 times a power of ten; powers of ten if
   * logarithmic}
   */
  double[] ticks() {
    if (axis.logarithmic()) {
      int first = (int) Math.ceil(low);
      int last = (int) Math.floor(high);
      int apart = Math.max(1, (int) Math.ceil((last - first + 1) / (double) (TICKS + 2)));
      return IntStream.rangeClosed(first, last)
          .filter(power -> (power - first) % apart == 0)
          .mapToDouble(power -> Math.pow(10, power))
          .toArray();
    }
    double step = step();
    return LongStream.rangeClosed((long) Math.ceil(low / step), (long) Math.floor(high / step))
        .mapToDouble(i -> i * step)
        .toArray();
  }

  private double step() {
    double rough = (high - low) / TICKS;
    double unit = Math.pow(10, Math.floor(Math.log10(rough)));
    return DoubleStream.of(1, 2, 5, 10)
        .map(f -> f * unit)
        .filter(s -> s >= rough)
        .findFirst()
        .orElse(rough);
  }

  /** {@return a tick's value in as many digits as tell it from the next} */
  String label(double tick) {
    if (axis.logarithmic()) {
      return tick >= 0.01 && tick < 1e5
          ? plain(tick, tick < 0.1 ? 2 : tick < 1 ? 1 : 0)
          : "1e" + Math.round(Math.log10(tick));
    }
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step()) + 1e-9));
    return plain(tick, digits);
  }

  private static String plain(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value + 0.0).replace('-', '−');
  }
}
