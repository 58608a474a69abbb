package grafs.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
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
 *     3 found, whatever seed it is trained with
 * @param seed the seed of the run; runs of two activations with the same seed are a pair
 * @param metric what was measured
 * @param value the value; NaN if the training diverged
 * @param settings by name, what else determines the result: the numbers of the scale and the data's
 *     fingerprint. Only runs with equal settings are compared or grouped, even if their scales have
 *     the same name.
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

  /** The suffix of a scale's name if each activation is trained at its own learning rate. */
  public static final String OWN_RATE = ", own rate";

  /** The name of the setting that is the data's fingerprint. */
  public static final String DATA = "data";

  /** Fields of a scale that do not affect a run: its name and the number of seeds. */
  private static final List<String> NO_SETTINGS = List.of("name", "seeds");

  /**
   * Checks the measurement.
   *
   * @throws IllegalArgumentException if the value is infinite
   */
  public Measurement {
    settings = Map.copyOf(settings);
    if (Double.isInfinite(value)) {
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
        settings(config));
  }

  /** {@return a description of the run for messages} */
  public String title() {
    return "%s with seed %d, %s on %s at %s".formatted(activation, seed, network, data, scale);
  }

  /** {@return the same run with another value} */
  public Measurement with(double value) {
    return new Measurement(network, data, scale, activation, seed, metric, value, settings);
  }

  /** {@return a run's settings by name, such as {@code weights.sgd.learningRate}} */
  private static Map<String, String> settings(RunConfig config) {
    Map<String, String> settings = new TreeMap<>();
    flatten("", JsonParser.parseString(JsonFile.text(config.scale())), settings);
    settings.keySet().removeAll(NO_SETTINGS);
    if (config.scale().name().endsWith(OWN_RATE)) {
      // The rate belongs to the activation, and runs with different rates are to be compared.
      settings.keySet().removeIf(n -> n.startsWith("weights.") && n.endsWith(".learningRate"));
    }
    settings.put(DATA, String.valueOf(config.fingerprint()));
    return settings;
  }

  static void flatten(String name, JsonElement json, Map<String, String> into) {
    if (json.isJsonObject()) {
      String place = name.isEmpty() ? "" : name + ".";
      json.getAsJsonObject()
          .entrySet()
          .forEach(e -> flatten(place + e.getKey(), e.getValue(), into));
    } else {
      into.put(name, json.isJsonPrimitive() ? json.getAsString() : json.toString());
    }
  }
}
