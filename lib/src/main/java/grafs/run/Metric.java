package grafs.run;

import java.util.Locale;

/** What is measured of a run, and whether more or less of it is better. */
public enum Metric {
  /** The fraction of the test examples that a network classifies correctly, 0 to 1. */
  ACCURACY("test accuracy", true, 100, 2, " %"),
  /** The mean cross entropy on the test examples, in nats. */
  LOSS("test loss", false, 1, 4, " nats"),
  /**
   * The cost of a search, with its verification, or of a training: the number of forward and
   * backward passes of an example, or for a text of a token, through the network. It is counted,
   * not measured, so it is the same on all machines. It depends on the seed only if fewer functions
   * are verified than there is room for on the short list.
   */
  PASSES("passes", false, 1, 0, " passes");

  private final String title;
  private final boolean higher;
  private final double factor;
  private final int digits;
  private final String unit;

  Metric(String title, boolean higher, double factor, int digits, String unit) {
    this.title = title;
    this.higher = higher;
    this.factor = factor;
    this.digits = digits;
    this.unit = unit;
  }

  /** {@return what it is called in tables} */
  public String title() {
    return title;
  }

  /** {@return whether it is counted, not measured, so that there is nothing to test} */
  public boolean counted() {
    return this == PASSES;
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

  /** {@return the unit of {@link #number}, with a space before it} */
  public String unit() {
    return unit;
  }
}
