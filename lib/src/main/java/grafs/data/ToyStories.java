package grafs.data;

import java.io.BufferedWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Toy stories in simple English, generated from a few plots and lists of words, for runs without a
 * download. They are no substitute for TinyStories: a network that predicts them well has learned
 * only a small grammar. Names, pronouns, places, animals' sounds and food, and numbers agree
 * throughout a story, so that a network has to use the earlier text.
 *
 * @param seed the seed of all stories
 */
record ToyStories(long seed) {

  private static final StoryGrammar GRAMMAR = StoryGrammar.resource("toy-stories.txt");

  /** One story in this many, chosen by its text, is for validation. */
  private static final int PARTS = 10;

  /** {@return an endless stream of training stories, always the same} */
  Stream<String> training() {
    return stories(1).filter(story -> !heldOut(story));
  }

  /**
   * {@return an endless stream of validation stories, always the same; none is a training story of
   * any seed}
   */
  Stream<String> validation() {
    return stories(2).filter(ToyStories::heldOut);
  }

  /** {@return a name that differs for every other seed or grammar} */
  String version() {
    return seed + "-" + GRAMMAR.version();
  }

  private Stream<String> stories(long salt) {
    // Seeds are mixed at each level: generators with neighbouring seeds would be correlated.
    long own = new SplittableRandom(new SplittableRandom(seed).nextLong() + salt).nextLong();
    return LongStream.iterate(0, i -> i + 1)
        .mapToObj(i -> GRAMMAR.draw("story", new SplittableRandom(own + i)));
  }

  /**
   * Whether a story is for validation. This depends on its text alone, so that a story generated
   * from two seeds is on the same side for both.
   */
  static boolean heldOut(String story) {
    return new SplittableRandom(story.hashCode()).nextInt(PARTS) == 0;
  }

  /**
   * Writes stories to a UTF-8 file, each with a line of {@link Tokenizer#END_OF_TEXT} after it, as
   * in TinyStories' files.
   *
   * @param stories the stories; only as many as needed are read
   * @param characters the least size of the file in characters; the story that reaches it is the
   *     last
   * @param file the file; appears complete or not at all
   * @throws DataException if it cannot be written
   */
  static void write(Stream<String> stories, long characters, Path file) {
    try {
      PartFile.write(
          file,
          part -> {
            Iterator<String> next = stories.iterator();
            try (BufferedWriter out = Files.newBufferedWriter(part)) {
              for (long written = 0; written < characters; ) {
                String story = next.next() + "\n" + Tokenizer.END_OF_TEXT + "\n";
                out.write(story);
                written += story.length();
              }
            }
          });
    } catch (UncheckedIOException e) {
      throw new DataException("The toy stories' file " + e.getMessage(), e);
    }
  }
}
