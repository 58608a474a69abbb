package grafs.train;

/**
 * A network's loss and accuracy on some examples. In a text, each token is an example.
 *
 * @param loss the mean loss per example, in nats for cross-entropy
 * @param accuracy the fraction of examples whose class has the largest output, 0 to 1; NaN if the
 *     labels are not class indices, as in a regression
 * @param examples the number of examples
 */
public record Score(double loss, double accuracy, long examples) {

  /**
   * {@return the number by which scores are ranked, larger is better: the accuracy, or −loss if the
   * accuracy is NaN}
   */
  public double value() {
    return Double.isNaN(accuracy) ? -loss : accuracy;
  }
}
