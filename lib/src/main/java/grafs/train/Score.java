package grafs.train;

/**
 * A network's loss and accuracy on some examples.
 *
 * @param loss the mean loss per example, in nats for cross-entropy
 * @param accuracy the fraction of right answers, 0 to 1; NaN for a regression
 * @param examples the number of examples
 */
public record Score(double loss, double accuracy, long examples) {

  /** {@return the value to maximise: the accuracy, or −loss if the accuracy is NaN} */
  public double value() {
    return Double.isNaN(accuracy) ? -loss : accuracy;
  }
}
