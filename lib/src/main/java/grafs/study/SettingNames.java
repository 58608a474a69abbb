package grafs.study;

import grafs.run.RunConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Names for runs of different settings; see {@link RunConfig#settings}. */
final class SettingNames {

  private SettingNames() {}

  /**
   * Names the settings that differ among runs at one place.
   *
   * @param own the settings
   * @param all the settings of all runs there, these included
   * @return after a space and in parentheses those that are not the same in all runs; empty if all
   *     are
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

  private static String data(Map<String, String> own, Collection<Map<String, String>> all) {
    return telling(own.get(RunConfig.DATA), all.stream().map(s -> s.get(RunConfig.DATA)).toList());
  }

  /**
   * Shortens a text to the words or numbers that distinguish it from other texts.
   *
   * @param own the text of it
   * @param all the texts of all, this one included
   * @return the words, in their order, which together no other text has at the same positions; the
   *     whole text if there are none
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
