package grafs.notebook;

import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * A linear axis of a figure, with ticks at round values.
 *
 * @param low the value at its beginning
 * @param high the value at its end, larger than {@code low}
 * @param most the largest number of intervals between ticks
 */
record Ticks(double low, double high, int most) {

  /**
   * {@return the position of a value as a fraction of the axis: 0 at its beginning, 1 at its end}
   */
  double share(double value) {
    return (value - low) / (high - low);
  }

  /**
   * {@return the values at the ticks, ascending: all multiples of {@link #step} that are on the
   * axis}
   */
  double[] values() {
    double step = step();
    return LongStream.rangeClosed(
            (long) Math.ceil(low / step - 1e-9), (long) Math.floor(high / step + 1e-9))
        .mapToDouble(i -> i * step)
        .toArray();
  }

  /** {@return the range of those values that are finite; 0 to 1 if none is} */
  static DoubleSummaryStatistics range(DoubleStream values) {
    DoubleSummaryStatistics range = values.filter(Double::isFinite).summaryStatistics();
    if (range.getCount() == 0) {
      range.accept(0);
      range.accept(1);
    }
    return range;
  }

  /**
   * {@return the distance of two ticks: of the numbers 1, 2 and 5 times a power of ten, the least
   * that makes at most {@code most} intervals}
   */
  private double step() {
    double rough = (high - low) / most;
    double unit = Math.pow(10, Math.floor(Math.log10(rough)));
    return unit
        * DoubleStream.of(1, 2, 5)
            .filter(f -> f * unit >= rough * (1 - 1e-9))
            .findFirst()
            .orElse(10);
  }

  /** {@return the value at a tick as text, with as many decimals as the distance of ticks has} */
  String label(double tick) {
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step()) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", tick).replace('-', '−');
  }
}
