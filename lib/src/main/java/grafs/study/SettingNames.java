package grafs.study;

import grafs.run.RunConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Short texts, for the rows and columns of tables, that tell runs apart. A run is a search for an
 * activation function or a training with one. The texts are for runs whose names are equal but
 * whose settings ({@link RunConfig#settings}) or functions differ.
 */
final class SettingNames {

  private SettingNames() {}

  /**
   * Names the settings of a run that differ among several runs.
   *
   * @param own the settings of the run, by name
   * @param all the settings of all runs, these included
   * @return a space and, in parentheses, name and value of each setting whose value is not the same
   *     in all runs, such as {@code (epochs 8)}; if the run has none of these settings, {@code
   *     (without NAME)} with the names of all these settings; empty if no setting differs
   */
  static String differing(Map<String, String> own, Collection<Map<String, String>> all) {
    TreeSet<String> differing = new TreeSet<>();
    all.forEach(settings -> differing.addAll(settings.keySet()));
    differing.removeIf(
        name -> all.stream().map(s -> String.valueOf(s.get(name))).distinct().count() < 2);
    if (differing.isEmpty()) {
      return "";
    }
    String there =
        differing.stream()
            .filter(own::containsKey)
            .map(
                name -> name + " " + (name.equals(RunConfig.DATA) ? data(own, all) : own.get(name)))
            .collect(Collectors.joining(", "));
    return " (%s)".formatted(there.isEmpty() ? "without " + String.join(", ", differing) : there);
  }

  /**
   * {@return the fingerprint of a run's data, shortened to the words that distinguish it from the
   * fingerprints of the other runs} A fingerprint is a text that identifies the content of data.
   */
  private static String data(Map<String, String> own, Collection<Map<String, String>> all) {
    return telling(own.get(RunConfig.DATA), all.stream().map(s -> s.get(RunConfig.DATA)).toList());
  }

  /**
   * Shortens a text to the words or numbers that distinguish it from other texts.
   *
   * @param own the text
   * @param all all texts, this one included
   * @return the words that distinguish the text, in their order; the whole text if no word does.
   *     The words are compared with those of the other texts, position by position from the first.
   *     A word is taken if it excludes another text, which has a different word there or none. When
   *     all other texts are excluded, no further word is taken
   */
  static String telling(String own, Collection<String> all) {
    List<String[]> others =
        new ArrayList<>(
            all.stream().filter(o -> !own.equals(o)).map(SettingNames::words).distinct().toList());
    List<String> telling = new ArrayList<>();
    String[] mine = words(own);
    for (int i = 0; i < mine.length && !others.isEmpty(); i++) {
      int place = i;
      if (others.removeIf(w -> place >= w.length || !w[place].equals(mine[place]))) {
        // A word of more than 24 characters is probably a hash, of which 12 digits are enough.
        telling.add(mine[i].length() > 24 ? mine[i].substring(0, 12) : mine[i]);
      }
    }
    return telling.isEmpty() ? own : String.join(" ", telling);
  }

  private static String[] words(String text) {
    return String.valueOf(text).split("[^\\p{Alnum}.-]+");
  }
}
