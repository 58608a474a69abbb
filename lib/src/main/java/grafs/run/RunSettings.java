package grafs.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The settings of a run besides network, data set, activation and seed: each number of its scale,
 * and the data's fingerprint. Runs with different settings are never grouped, even if their scales
 * have the same name.
 */
public final class RunSettings {

  /** The suffix of a scale's name if each activation is trained at its own learning rate. */
  public static final String OWN_RATE = ", own rate";

  private static final String DATA = "data";

  /** Fields of a scale that do not affect a run: its name and the number of seeds. */
  private static final List<String> NO_SETTINGS = List.of("name", "seeds");

  private RunSettings() {}

  /** {@return a run's settings by name, such as {@code weights.sgd.learningRate}} */
  static Map<String, String> of(RunConfig config) {
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

  /**
   * Names a scale together with the settings that differ among runs at scales of that name.
   *
   * @param scale the scale's name
   * @param own the settings
   * @param all the settings of all runs at that name, these included
   * @return the name, and in parentheses those of the settings that are not the same in all runs
   */
  public static String named(
      String scale, Map<String, String> own, Collection<Map<String, String>> all) {
    TreeSet<String> differing = new TreeSet<>();
    all.forEach(settings -> differing.addAll(settings.keySet()));
    differing.removeIf(
        name -> all.stream().map(s -> String.valueOf(s.get(name))).distinct().count() < 2);
    if (differing.isEmpty()) {
      return scale;
    }
    String there =
        differing.stream()
            .filter(own::containsKey)
            .map(name -> name + " " + (name.equals(DATA) ? data(own, all) : own.get(name)))
            .collect(Collectors.joining(", "));
    return "%s (%s)"
        .formatted(scale, there.isEmpty() ? "without " + String.join(", ", differing) : there);
  }

  private static String data(Map<String, String> own, Collection<Map<String, String>> all) {
    return telling(own.get(DATA), all.stream().map(s -> s.get(DATA)).toList());
  }

  /**
   * Shortens a text to the words or numbers that distinguish it from other texts.
   *
   * @param own the text of it
   * @param all the texts of all, this one included
   * @return the words, in their order, which together no other text has at the same positions; the
   *     whole text if there are none
   */
  public static String telling(String own, Collection<String> all) {
    List<String[]> others =
        new ArrayList<>(
            all.stream().filter(o -> !own.equals(o)).map(RunSettings::words).distinct().toList());
    List<String> telling = new ArrayList<>();
    String[] mine = words(own);
    for (int i = 0; i < mine.length && !others.isEmpty(); i++) {
      int place = i;
      if (others.removeIf(w -> place >= w.length || !w[place].equals(mine[place]))) {
        // The first 12 digits identify a hash.
        telling.add(mine[i].length() > 24 ? mine[i].substring(0, 12) : mine[i]);
      }
    }
    return telling.isEmpty() ? own : String.join(" ", telling);
  }

  private static String[] words(String text) {
    return String.valueOf(text).split("[^\\p{Alnum}.-]+");
  }
}
