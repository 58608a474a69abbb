package grafs.train;

/**
 * A network's loss and accuracy on some examples. For a language model, each token is an example.
 *
 * @param loss the mean loss per example, in nats for cross-entropy
 * @param accuracy the fraction of examples, 0 to 1, for which the network's largest output is that
 *     of the example's class; NaN if the labels are not class indices, as in a regression
 * @param examples the number of examples
 */
public record Score(double loss, double accuracy, long examples) {

  /**
   * {@return the number by which scores are compared: the accuracy, or −loss if the accuracy is
   * NaN; larger is better}
   */
  public double value() {
    return Double.isNaN(accuracy) ? -loss : accuracy;
  }
}
