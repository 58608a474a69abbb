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
 * A grammar from which random texts are drawn. Later sentences of a text can agree with earlier
 * ones, as in a person's name and pronouns. {@link ToyStories} uses the grammar in {@code
 * toy-stories.txt}.
 *
 * <p>A grammar is a text with one rule per line; an indented line continues the previous one, and a
 * line that begins with # is a comment. The rule {@code thing = ball | kite} says that the
 * reference {@code {thing}} in a text is replaced by one of the alternatives, drawn anew each time.
 * References in the alternative are then replaced too. A reference with a number, such as {@code
 * {thing 1}}, is drawn once per text, so that it stands for the same alternative everywhere. {@code
 * {thing 2}} always stands for another alternative than {@code {thing 1}}.
 *
 * <p>The alternatives of a rule may have several forms. With the rule {@code person(name, he) =
 * Anna/she | Ben/he}, {@code {person 1}} is replaced by the first form, such as Anna, and {@code
 * {person 1 he}} by the form named {@code he} of the same alternative, which is she for Anna.
 * {@code {Thing}} is replaced by an alternative with a capital letter, {@code {a thing}} by one
 * with the article a or an, and ¶ by the end of a paragraph.
 */
final class StoryGrammar {

  /**
   * Matches a rule. The groups are its symbol, which is the name at the beginning of the line; the
   * names of its forms, null if it has only one; and its alternatives.
   */
  private static final Pattern RULE =
      Pattern.compile("([a-z ]+?)\\s*(?:\\(([a-z, ]+)\\))?\\s*=\\s*(.*)");

  /**
   * Matches a reference. The groups are its article, symbol, number and form; all but the symbol
   * are optional.
   */
  private static final Pattern REFERENCE =
      Pattern.compile("\\{(a )?([A-Za-z][a-z ]*?)(?: (\\d+)(?: ([a-z]+))?)?}");

  /**
   * The rule of a symbol: the names of its forms, empty if it has only one; and for each
   * alternative its text in each form.
   */
  private record Rule(List<String> forms, List<String[]> alternatives) {}

  private final Map<String, Rule> rules = new HashMap<>();
  private final String version;

  /**
   * Reads a grammar.
   *
   * @param text the rules
   * @throws IllegalArgumentException if a line is not a rule; the message quotes it
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

  /** {@return the grammar in the file of this name beside this class} */
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
      throw new IllegalArgumentException(
          "this line is not a rule of a grammar, such as 'thing = ball | kite': " + line);
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
   * @param symbol the symbol that stands for the whole text; the grammar must have a rule for it
   * @param random the generator that alternatives are drawn with
   * @return the text, without references
   */
  String draw(String symbol, RandomGenerator random) {
    return expand("{" + symbol + "}", random, new HashMap<>()).replace("¶", "\n\n");
  }

  /**
   * Replaces the references in a text.
   *
   * @param drawn the index of the alternative that was drawn for each numbered reference so far, by
   *     symbol and then by number; this method adds to it
   */
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

  /**
   * Returns the alternative that a reference is replaced by, in the form that the reference names.
   */
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
    // A number that is new in this text gets an alternative that no other number of the symbol has.
    Map<String, Integer> own = drawn.computeIfAbsent(symbol, s -> new HashMap<>());
    if (!own.containsKey(number)) {
      int[] free = IntStream.range(0, alternatives).filter(i -> !own.containsValue(i)).toArray();
      own.put(number, free[random.nextInt(free.length)]);
    }
    return rule.alternatives.get(own.get(number))[index];
  }
}
