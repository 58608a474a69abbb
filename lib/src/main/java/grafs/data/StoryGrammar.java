package grafs.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A context-free grammar for random texts. A symbol may be drawn once per text and have several
 * forms, such as a name and its pronouns, so that later sentences agree with earlier ones. The
 * comment in {@code toy-stories.txt} describes the notation.
 */
final class StoryGrammar {

  private static final Pattern RULE =
      Pattern.compile("([a-z ]+?)\\s*(?:\\(([a-z, ]+)\\))?\\s*=\\s*(.*)");

  /** A reference: its article, symbol, number and form. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\{(a )?([A-Za-z][a-z ]*?)(?: (\\d+)(?: ([a-z]+))?)?}");

  /** The alternatives of a symbol, each in all of its forms. */
  private record Rule(List<String> forms, List<String[]> alternatives) {}

  private final Map<String, Rule> rules = new HashMap<>();
  private final String version;

  /**
   * Reads a grammar.
   *
   * @param text its rules
   * @throws IllegalArgumentException if a rule cannot be read; the message quotes it
   */
  StoryGrammar(String text) {
    version = "%08x".formatted(text.hashCode());
    String joined = text.replaceAll("(?m)^#.*\n", "").replaceAll("\n[ ]+", " ");
    joined.lines().filter(line -> !line.isBlank()).forEach(this::add);
  }

  /** {@return a hash of the grammar's text, 8 hexadecimal digits} */
  String version() {
    return version;
  }

  /** {@return the grammar in a file beside this class} */
  static StoryGrammar resource(String name) {
    try (InputStream in = StoryGrammar.class.getResourceAsStream(name)) {
      return new StoryGrammar(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String line) {
    Matcher rule = RULE.matcher(line);
    if (!rule.matches()) {
      throw new IllegalArgumentException("this is no rule of a grammar: " + line);
    }
    List<String> forms = rule.group(2) == null ? List.of() : List.of(rule.group(2).split(", *"));
    List<String[]> alternatives =
        Arrays.stream(rule.group(3).split(" \\| "))
            .map(String::strip)
            .map(word -> forms.isEmpty() ? new String[] {word} : word.split("/"))
            .toList();
    rules.put(rule.group(1), new Rule(forms, alternatives));
  }

  /**
   * Draws a text.
   *
   * @param symbol the symbol to begin with
   * @param random the generator to draw with
   * @return the text
   */
  String draw(String symbol, RandomGenerator random) {
    return expand("{" + symbol + "}", random, new HashMap<>()).replace("¶", "\n\n");
  }

  /** Replaces the references of a text; {@code drawn} has each symbol's alternative by number. */
  private String expand(
      String text, RandomGenerator random, Map<String, Map<String, Integer>> drawn) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            reference -> {
              String word = expand(word(reference, random, drawn), random, drawn);
              if (reference.group(1) != null) {
                word = ("aeiou".indexOf(word.charAt(0)) >= 0 ? "an " : "a ") + word;
              } else if (Character.isUpperCase(reference.group(2).charAt(0))) {
                word = Character.toUpperCase(word.charAt(0)) + word.substring(1);
              }
              return Matcher.quoteReplacement(word);
            });
  }

  private String word(
      MatchResult reference, RandomGenerator random, Map<String, Map<String, Integer>> drawn) {
    String symbol = reference.group(2).toLowerCase(Locale.ROOT);
    String number = reference.group(3);
    Rule rule = rules.get(symbol);
    String form = reference.group(4);
    int index = form == null ? 0 : rule.forms.indexOf(form);
    int alternatives = rule.alternatives.size();
    if (number == null) {
      return rule.alternatives.get(random.nextInt(alternatives))[index];
    }
    // References to a symbol with different numbers get different alternatives.
    Map<String, Integer> own = drawn.computeIfAbsent(symbol, s -> new HashMap<>());
    if (!own.containsKey(number)) {
      int[] free = IntStream.range(0, alternatives).filter(i -> !own.containsValue(i)).toArray();
      own.put(number, free[random.nextInt(free.length)]);
    }
    return rule.alternatives.get(own.get(number))[index];
  }
}
