package grafs.run;

import java.util.Locale;

/**
 * A measure of how well a trained network does on the test examples. The merit of a training is the
 * measured value, with its sign changed if a lower value is better, so that more merit is always
 * better. The gain of one training over another is the difference of their merits.
 */
public enum Metric {
  /** The fraction of the test examples that a network classifies correctly, 0 to 1. */
  ACCURACY("test accuracy", true, 100, 2, " %", " points"),
  /** The mean cross entropy on the test examples, in nats. */
  LOSS("test loss", false, 1, 4, " nats", " nats");

  private final String title;
  private final boolean higher;
  private final double factor;
  private final int digits;
  private final String unit;
  private final String gainUnit;

  Metric(String title, boolean higher, double factor, int digits, String unit, String gainUnit) {
    this.title = title;
    this.higher = higher;
    this.factor = factor;
    this.digits = digits;
    this.unit = unit;
    this.gainUnit = gainUnit;
  }

  /** {@return the measure's name in tables} */
  public String title() {
    return title;
  }

  /**
   * Turns a measured value into a merit.
   *
   * @param value the measured value; NaN if the training diverged
   * @return the value, negated if a lower one is better; −∞ for a training that diverged, which is
   *     worse than any other
   */
  public double merit(double value) {
    if (Double.isNaN(value)) {
      return Double.NEGATIVE_INFINITY;
    }
    return higher ? value : -value;
  }

  /**
   * {@return a gain as text with its sign, in percentage points or nats, without the unit; {@code
   * –} for NaN}
   */
  public String number(double gain) {
    return Double.isFinite(gain)
        ? String.format(Locale.ROOT, "%+." + digits + "f", factor * gain)
        : gain > 0 ? "+∞" : gain < 0 ? "−∞" : "–";
  }

  /** {@return a measured value as text with its unit, percent or nats} */
  public String text(double value) {
    return String.format(Locale.ROOT, "%." + digits + "f%s", factor * value, unit);
  }

  /**
   * {@return the unit of a measured value, with a space before it: {@code " %"} or {@code " nats"}}
   */
  public String unit() {
    return unit;
  }

  /** {@return the unit of a gain, with a space before it: {@code " points"} or {@code " nats"}} */
  public String gainUnit() {
    return gainUnit;
  }
}
