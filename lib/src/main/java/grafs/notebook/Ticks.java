package grafs.notebook;

import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * A linear axis and its round ticks.
 *
 * @param low the value at its beginning
 * @param high the value at its end, larger than {@code low}
 * @param most about how many ticks it has
 */
record Ticks(double low, double high, int most) {

  /** {@return where a value lies on the axis: 0 at its beginning, 1 at its end} */
  double share(double value) {
    return (value - low) / (high - low);
  }

  /** {@return values at equal distances of 1, 2 or 5 times a power of ten} */
  double[] values() {
    double step = step();
    return LongStream.rangeClosed(
            (long) Math.ceil(low / step - 1e-9), (long) Math.floor(high / step + 1e-9))
        .mapToDouble(i -> i * step)
        .toArray();
  }

  /** {@return the range of the finite values; 0 to 1 if there are none} */
  static DoubleSummaryStatistics range(DoubleStream values) {
    DoubleSummaryStatistics range = values.filter(Double::isFinite).summaryStatistics();
    if (range.getCount() == 0) {
      range.accept(0);
      range.accept(1);
    }
    return range;
  }

  private double step() {
    double rough = (high - low) / most;
    double unit = Math.pow(10, Math.floor(Math.log10(rough)));
    return unit
        * DoubleStream.of(1, 2, 5)
            .filter(f -> f * unit >= rough * (1 - 1e-9))
            .findFirst()
            .orElse(10);
  }

  /** {@return a tick's value with as many decimals as distinguish it from the next} */
  String label(double tick) {
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step()) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", tick + 0.0).replace('-', '−');
  }
}
