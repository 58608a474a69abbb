package grafs.run;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One measured value of a run, with everything that decides whether it may be compared with
 * another.
 *
 * @param network the network, such as {@code ResNet-20}
 * @param data the data set by the name under which its results are reported: {@code cifar10-jpeg}
 *     is not {@code cifar10}
 * @param scale the scale's name: {@code quick} is not {@code paper}
 * @param activation the activation's name: a baseline's, such as {@code relu}; {@code found} for
 *     the function that the search of the same seed found; {@code found 3} for the one that search
 *     3 found, whatever seed it is trained with. For costs, what was run: {@code search}, {@code
 *     training}, {@code black-box search}
 * @param seed the seed of the run; runs of two activations with the same seed are a pair
 * @param metric what was measured
 * @param value the value; NaN if the training diverged
 * @param settings by name, what else determines the result: the numbers of the scale and the data's
 *     fingerprint. Only runs with equal settings are compared.
 */
public record Measurement(
    String network,
    String data,
    String scale,
    String activation,
    long seed,
    Metric metric,
    double value,
    Map<String, String> settings) {

  /**
   * Checks the measurement.
   *
   * @throws IllegalArgumentException if a number of passes is not positive, or the value is
   *     infinite
   */
  public Measurement {
    settings = Map.copyOf(settings);
    if (Double.isInfinite(value) || metric == Metric.PASSES && !(value > 0)) {
      throw new IllegalArgumentException(
          "%s of %s with seed %d, %s on %s at %s, cannot be %s"
              .formatted(metric.title(), activation, seed, network, data, scale, value));
    }
  }

  /** What was measured of a run. */
  static Measurement of(RunConfig config, String activation, Metric metric, double value) {
    return new Measurement(
        config.model().title(),
        config.data(),
        config.scale().name(),
        activation,
        config.seed(),
        metric,
        value,
        RunSettings.of(config));
  }

  /** {@return a description of the run for messages} */
  public String title() {
    return title(List.of(settings));
  }

  /** Describes the run, with its settings where they differ among those given. */
  private String title(List<Map<String, String>> all) {
    return "%s with seed %d, %s on %s at %s"
        .formatted(activation, seed, network, data, RunSettings.named(scale, settings, all));
  }

  /** {@return the same run with another value} */
  public Measurement with(double value) {
    return new Measurement(network, data, scale, activation, seed, metric, value, settings);
  }

  /**
   * Checks that this and another run may be compared.
   *
   * @param other the other
   * @throws IllegalArgumentException if network, data set, scale, settings or metric differ; the
   *     message names both
   */
  void requireComparable(Measurement other) {
    if (!conditions().equals(other.conditions())) {
      List<Map<String, String>> both = List.of(settings, other.settings);
      throw new IllegalArgumentException(
          "%s of %s is not to be compared with %s of %s: choose runs of one network, data set, scale, settings and metric first"
              .formatted(metric.title(), title(both), other.metric.title(), other.title(both)));
    }
  }

  private List<Object> conditions() {
    return List.of(network, data, scale, metric, settings);
  }

  /**
   * Collects the merits of the runs of one activation.
   *
   * @param runs the runs
   * @return their merits by seed, in the order of the seeds
   * @throws IllegalArgumentException if there are no runs, or they differ in anything but the seed,
   *     or two have the same seed
   */
  static Map<Long, Double> merits(List<Measurement> runs) {
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("there are no runs to compare with; run some first");
    }
    Measurement first = runs.get(0);
    Map<Long, Double> merits = new TreeMap<>();
    for (Measurement run : runs) {
      first.requireComparable(run);
      if (!run.activation().equals(first.activation())) {
        throw new IllegalArgumentException(
            "runs of %s and of %s are not one group; compare each by itself"
                .formatted(first.activation(), run.activation()));
      }
      if (merits.put(run.seed(), run.metric().merit(run.value())) != null) {
        throw new IllegalArgumentException(
            "there are two runs of %s; leave out one".formatted(run.title()));
      }
    }
    return merits;
  }
}
