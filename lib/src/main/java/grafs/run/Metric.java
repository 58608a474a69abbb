package grafs.run;

import java.util.Locale;

/** What is measured of a run, and whether more or less of it is better. */
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

  /** {@return what it is called in tables} */
  public String title() {
    return title;
  }

  /**
   * Turns a value so that more is better.
   *
   * @param value what was measured; NaN if the training diverged
   * @return the value, negated where less is better; −∞ for a diverged training, which is worse
   *     than any other
   */
  public double merit(double value) {
    if (Double.isNaN(value)) {
      return Double.NEGATIVE_INFINITY;
    }
    return higher ? value : -value;
  }

  /** {@return a difference of merits as text, in percentage points or nats, without the unit} */
  public String number(double gain) {
    return Double.isFinite(gain)
        ? String.format(Locale.ROOT, "%+." + digits + "f", factor * gain)
        : gain > 0 ? "+∞" : gain < 0 ? "−∞" : "–";
  }

  /** {@return a value as text, in percent or nats} */
  public String text(double value) {
    return String.format(Locale.ROOT, "%." + digits + "f%s", factor * value, unit);
  }

  /** {@return the unit of a value, with a space before it} */
  public String unit() {
    return unit;
  }

  /** {@return the unit of {@link #number}, with a space before it} */
  public String gainUnit() {
    return gainUnit;
  }
}
