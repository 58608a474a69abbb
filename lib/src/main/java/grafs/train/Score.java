package grafs.train;

/**
 * How well a network did on some examples.
 *
 * @param loss the mean loss an example, in nats for cross-entropy
 * @param accuracy the fraction of right answers, 0 to 1; NaN for a regression
 * @param examples the number of examples
 */
public record Score(double loss, double accuracy, long examples) {

  /** {@return what is to be large: the accuracy, or without one −loss} */
  public double value() {
    return Double.isNaN(accuracy) ? -loss : accuracy;
  }
}
