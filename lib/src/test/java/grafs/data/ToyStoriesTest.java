package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link ToyStories}, stories that are generated from a grammar: they depend only on the
 * seed, no validation story is a training story, and articles, pronouns and punctuation are right.
 */
@ExtendWith(Seed.class)
class ToyStoriesTest {

  private final long seed = Seed.get();

  /** Returns some stories, of which one in ten is a validation story. */
  private Stream<String> some(int count) {
    ToyStories stories = new ToyStories(seed);
    return Stream.concat(
        stories.training().limit(count - count / 10), stories.validation().limit(count / 10));
  }

  @Test
  void theSeedDecidesTheStories() {
    LongFunction<List<String>> training = s -> new ToyStories(s).training().limit(50).toList();
    LongFunction<List<String>> validation = s -> new ToyStories(s).validation().limit(50).toList();
    assertEquals(training.apply(seed), training.apply(seed));
    assertEquals(validation.apply(seed), validation.apply(seed));
    for (LongFunction<List<String>> part : List.of(training, validation)) {
      assertTrue(Collections.disjoint(part.apply(seed), part.apply(seed + 1)), "seed " + seed);
    }
  }

  @Test
  void theFirstStoryIsTheSameOnEveryMachine() {
    // If this story changes, results on toy stories are no longer comparable with earlier ones.
    String story = new ToyStories(1).training().findFirst().orElseThrow();
    assertTrue(
        story.startsWith(
            "In a small town lived a quiet girl named Lily. On Sunday, Lily went to the forest with"
                + " her aunt. Near the stream, she heard something."),
        story);
  }

  @Test
  void noValidationStoryIsTrainedOnWithAnySeed() {
    Set<String> training =
        new ToyStories(seed).training().limit(20_000).collect(Collectors.toSet());
    Set<String> other = new ToyStories(~seed).training().limit(20_000).collect(Collectors.toSet());
    Set<String> validation =
        new ToyStories(seed).validation().limit(2000).collect(Collectors.toSet());
    assertTrue(training.size() > 19_950, "seed %d: %d".formatted(seed, training.size()));
    assertTrue(validation.size() > 1990, "seed %d: %d".formatted(seed, validation.size()));
    assertTrue(Collections.disjoint(training, validation), "seed " + seed);
    assertTrue(Collections.disjoint(other, validation), "seed " + seed);
    // There are so many possible stories that the parts would hardly share one even if they were
    // not kept apart; so the rule that keeps them apart is checked too.
    assertTrue(training.stream().noneMatch(ToyStories::heldOut), "seed " + seed);
    assertTrue(validation.stream().allMatch(ToyStories::heldOut), "seed " + seed);
  }

  @Test
  void aStoryIsWholeSentencesInPlainAscii() {
    some(5000)
        .forEach(
            story -> {
              assertTrue(story.matches("[A-Za-z .,!?'\"\n-]+"), story);
              assertTrue(story.matches("(?s)[A-Z].*[.!]\"?"), "begins and ends: " + story);
              for (String paragraph : story.split("\n\n")) {
                assertTrue(paragraph.matches("\"?[A-Z][^\n]*[.!?]\"?"), "paragraph: " + paragraph);
                long quotes = paragraph.chars().filter(c -> c == '"').count();
                assertEquals(0, quotes % 2, "quotes: " + paragraph);
              }
              // After direct speech that ends in ! or ?, a sentence may go on in lower case. These
              // places are removed before the marks are checked.
              String plain = story.replaceAll("[!?]\" [a-z]", "");
              assertFalse(
                  plain.matches("(?s).*(  | [.,!?]|[.!?]\"? \"?[a-z]).*"), "marks: " + story);
              assertFalse(
                  story.matches("(?s).*\\b([Aa] [aeiou]|[Aa]n [^aeiou]).*"), "article: " + story);
              assertTrue(
                  story.length() > 300 && story.length() < 1500, story.length() + ": " + story);
            });
  }

  @Test
  void pronounsAgreeWithTheOnlyPersonOfAStory() {
    Pattern child = Pattern.compile("\\b(girl|boy)\\b");
    Pattern lone = Pattern.compile("I broke the");
    int[] seen = new int[1];
    some(5000)
        .filter(story -> lone.matcher(story).find())
        .forEach(
            story -> {
              Matcher matcher = child.matcher(story);
              assertTrue(matcher.find(), story);
              boolean girl = matcher.group().equals("girl");
              // Only the second paragraph is checked, which is about the child alone. Other
              // paragraphs may have the pronouns of another person, such as a grandpa.
              String second = story.split("\n\n")[1];
              Set<String> words =
                  new HashSet<>(Arrays.asList(second.toLowerCase().split("[^a-z]+")));
              assertTrue(words.contains(girl ? "she" : "he"), story);
              assertFalse(words.contains(girl ? "he" : "she"), story);
              assertFalse(words.contains(girl ? "his" : "her"), story);
              seen[0]++;
            });
    assertTrue(seen[0] > 300, seen[0] + " stories");
  }

  @Test
  void whatIsLostIsWhatIsFound() {
    Pattern lost = Pattern.compile("I cannot find my (\\w+ [\\w-]+),");
    int[] seen = new int[1];
    some(5000)
        .forEach(
            story -> {
              Matcher matcher = lost.matcher(story);
              if (matcher.find()) {
                String found = "(?is).*there (was|lay) the %s\\..*".formatted(matcher.group(1));
                assertTrue(story.matches(found), story);
                seen[0]++;
              }
            });
    assertTrue(seen[0] > 300, seen[0] + " stories");
  }

  @Test
  void aFileHasStoriesApartAndTheSizeAskedFor(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new/toy.txt");
    ToyStories.write(new ToyStories(3).training(), 10_000, file);
    String text = Files.readString(file);
    List<String> stories =
        Arrays.stream(text.split("\n" + Pattern.quote(Tokenizer.END_OF_TEXT) + "\n")).toList();
    assertEquals(new ToyStories(3).training().limit(stories.size()).toList(), stories);
    assertTrue(text.length() >= 10_000 && text.length() < 11_500, "" + text.length());
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
    assertThrows(
        DataException.class,
        () -> ToyStories.write(new ToyStories(3).training(), 1, file.resolve("in-a-file.txt")));
  }

  @Test
  void aGrammarDrawsOnceWhatIsNumbered() {
    StoryGrammar grammar =
        new StoryGrammar(
            """
            # A comment.
            being(name, cry) = cat/meow | owl/hoot
              | ant/nothing
            start = {a being 1}: {being 1 cry}. {Being 2} {being 2 cry} {being 1} {verb}
            verb = runs | runs
            """);
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      drawn.add(grammar.draw("start", new SplittableRandom(seed + i)));
    }
    assertEquals(6, drawn.size(), "seed %d: %s".formatted(seed, drawn));
    assertTrue(drawn.contains("an owl: hoot. Cat meow owl runs"), drawn.toString());
    assertNotEquals(grammar.version(), new StoryGrammar("start = a | b").version());
    assertThrows(IllegalArgumentException.class, () -> new StoryGrammar("nothing"));
  }
}
