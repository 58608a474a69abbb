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
 * Short stories in simple English, generated from a small {@link StoryGrammar}, on which language
 * models can be trained without a download. Names, pronouns, places, numbers, and animals' sounds
 * and food agree throughout a story, so a network has to use the earlier text to predict what comes
 * next. These stories are no substitute for TinyStories, a published data set: a network that
 * predicts them well has learned only the small grammar.
 *
 * @param seed the seed from which all stories are drawn
 */
record ToyStories(long seed) {

  private static final StoryGrammar GRAMMAR = StoryGrammar.resource("toy-stories.txt");

  /**
   * On average, one of this many stories is for validation; a hash of each story's text decides
   * which ones are.
   */
  private static final int PARTS = 10;

  /** {@return the training stories, an endless stream that depends only on seed and grammar} */
  Stream<String> training() {
    return stories(1).filter(story -> !heldOut(story));
  }

  /**
   * {@return the validation stories, an endless stream that depends only on seed and grammar; no
   * story in it is a training story, of this or another seed}
   */
  Stream<String> validation() {
    return stories(2).filter(ToyStories::heldOut);
  }

  /** {@return a name that identifies seed and grammar, fit to be part of a file name} */
  String version() {
    return seed + "-" + GRAMMAR.version();
  }

  /**
   * Returns an endless stream of stories; each is for training or for validation.
   *
   * @param salt a number that distinguishes the streams of a seed
   */
  private Stream<String> stories(long salt) {
    // Seed and salt are passed through random generators, since a plain sum would repeat stories:
    // if the seed of story i were seed + salt + i, story i + 1 of a seed would be story i of the
    // next seed.
    long own = new SplittableRandom(new SplittableRandom(seed).nextLong() + salt).nextLong();
    return LongStream.iterate(0, i -> i + 1)
        .mapToObj(i -> GRAMMAR.draw("story", new SplittableRandom(own + i)));
  }

  /**
   * Returns whether a story is for validation. This depends only on its text, so that a story that
   * two seeds generate is for validation with both or for training with both.
   */
  static boolean heldOut(String story) {
    return new SplittableRandom(story.hashCode()).nextInt(PARTS) == 0;
  }

  /**
   * Writes stories to a UTF-8 file, each followed by a line {@link Tokenizer#END_OF_TEXT}, as in
   * the files of TinyStories.
   *
   * @param stories the stories, of which only as many as needed are read
   * @param characters the number of characters after which no further story is written
   * @param file the file; other processes see it complete or not at all
   * @throws DataException if the file cannot be written
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
