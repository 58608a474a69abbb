package grafs.study;

import grafs.run.Comparison;
import grafs.run.Measurement;
import grafs.run.Metric;

/**
 * A question and its answer from the kept runs.
 *
 * @param question the claim
 * @param comparison the runs compared; null if there are none on one side, or if the metric is
 *     counted, so that there is nothing to test
 * @param correctedP the p-value, corrected for all comparisons judged together; NaN if there is
 *     none
 * @param verdict the answer
 */
public record Claim(Question question, Comparison comparison, double correctedP, Verdict verdict) {

  /** Adds the corrected p-value and the verdict; without a comparison, nothing changes. */
  Claim corrected(double p, int tests) {
    return comparison == null
        ? this
        : new Claim(question, comparison, p, Verdict.of(comparison, p, tests));
  }

  /** {@return the question, the difference and the answer, a line each} */
  @Override
  public String toString() {
    String asked =
        "%s: %s against %s, %s on %s at %s"
            .formatted(
                question.text(),
                question.found(),
                question.baseline(),
                question.network(),
                question.data(),
                question.scale());
    String seen = comparison == null ? "" : "\n" + question.metric().title() + ": " + comparison;
    return "%s%s\n%s (%s)".formatted(asked, seen, verdict, verdict.reason());
  }

  /**
   * A claim: that found is better than the baseline, or, if the metric is a cost, much cheaper.
   *
   * @param text the claim that this is a part of, in words
   * @param network the network that both are trained in
   * @param data the data set that both are trained on
   * @param scale the scale's name
   * @param metric what is compared
   * @param found whose runs should be better; see {@link Measurement#activation}
   * @param baseline whose runs should be worse
   */
  public record Question(
      String text,
      String network,
      String data,
      String scale,
      Metric metric,
      String found,
      String baseline) {

    /** {@return the same question about another scale} */
    Question at(String scale) {
      return new Question(text, network, data, scale, metric, found, baseline);
    }

    boolean about(Measurement run, String activation) {
      return run.network().equals(network)
          && run.data().equals(data)
          && run.scale().equals(scale)
          && run.metric() == metric
          && run.activation().equals(activation);
    }
  }
}
