package grafs.bench;

import grafs.bench.Measurement.Subject;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * The ratio of two costs (times or peaks of memory). It is computed for each round in which both
 * were measured. The speed of the machine may change from round to round. It has the same effect on
 * both costs of a round, and so cancels in their ratio.
 *
 * @param name the name of the ratio in the report
 * @param rounds the ratio of each round
 */
record Ratio(String name, double[] rounds) {

  /**
   * Computes the ratio of the costs of two subjects in every round. A subject is a benchmark with
   * its parameters.
   *
   * @param name the name of the ratio
   * @param measurements measurements that have both subjects in every round
   * @param numerator the subject whose cost is the numerator
   * @param baseline the subject whose cost is the denominator
   * @param cost gives the cost of a measurement; if a round has several measurements of a subject,
   *     their mean is used
   * @return the ratio
   * @throws java.util.NoSuchElementException if a round lacks one of the subjects
   */
  static Ratio of(
      String name,
      List<Measurement> measurements,
      Subject numerator,
      Subject baseline,
      ToDoubleFunction<Measurement> cost) {
    int last = measurements.stream().mapToInt(Measurement::round).max().orElseThrow();
    double[] rounds = new double[last];
    for (int round = 1; round <= last; round++) {
      rounds[round - 1] =
          mean(measurements, numerator, round, cost) / mean(measurements, baseline, round, cost);
    }
    return new Ratio(name, rounds);
  }

  /** {@return the mean cost of a subject in a round} */
  private static double mean(
      List<Measurement> measurements,
      Subject subject,
      int round,
      ToDoubleFunction<Measurement> cost) {
    return measurements.stream()
        .filter(m -> m.round() == round && m.subject().equals(subject))
        .mapToDouble(cost)
        .average()
        .orElseThrow();
  }

  /** {@return the median over the rounds} */
  double median() {
    return Measurement.quantile(DoubleStream.of(rounds), 0.5);
  }

  /** {@return half the difference between the highest and the lowest of the rounds' ratios} */
  double spread() {
    return (DoubleStream.of(rounds).max().orElseThrow()
            - DoubleStream.of(rounds).min().orElseThrow())
        / 2;
  }
}
