package grafs.train;

/**
 * How well a network did on some examples.
 *
 * @param loss the mean loss an example, in nats for cross-entropy
 * @param accuracy the fraction of right answers, 0 to 1
 * @param examples the number of examples
 */
public record Score(double loss, double accuracy, long examples) {}
