package grafs.bench;

import grafs.bench.Measurement.Subject;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * The ratio of two costs, from measurements of both in the same rounds: the machine's speed, which
 * drifts, cancels in the ratio of each round.
 *
 * @param name its name
 * @param rounds the ratio in each round
 */
record Ratio(String name, double[] rounds) {

  /**
   * Divides in every round.
   *
   * @param name the ratio's name
   * @param measurements the measurements of a plan's group
   * @param numerator what is compared
   * @param baseline what it is compared with; where a round has it twice, its mean counts
   * @param cost time or peak memory
   * @return the ratio
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

  /** {@return half the distance between the lowest and the highest round} */
  double spread() {
    return (DoubleStream.of(rounds).max().orElseThrow()
            - DoubleStream.of(rounds).min().orElseThrow())
        / 2;
  }
}
