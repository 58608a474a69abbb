package grafs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import grafs.SharedFolder;
import grafs.data.BatchSource;
import grafs.data.TextSet;
import grafs.data.Tokenizer;
import grafs.model.Activations;
import grafs.model.Gpt;
import grafs.model.GptConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a small GPT learns to write English words. The sizes and settings are those with which
 * the README of nanoGPT, a PyTorch implementation of GPT-2, trains on the same text on a machine
 * without a GPU; only the biases are added here. That README reports a validation loss of 1.88 nats
 * per character after 2 000 steps.
 */
class ShakespeareTest {

  private static final int CONTEXT = 64;
  private static final int BATCH = 12;
  private static final int STEPS = 2000;

  @Test
  @Tag("slow")
  void aSmallGptLearnsShakespeare(@TempDir Path folder) throws Exception {
    Path file = SharedFolder.require("data/text/tinyshakespeare.txt");
    String text = Files.readString(file);
    Tokenizer characters = Tokenizer.characters(text);
    TextSet.Split split = TextSet.of(file, folder, characters).split(0.1);
    BatchSource train = split.train().training(BATCH, CONTEXT, STEPS / 4, 1);
    // The test batches are the whole held-out tenth of the text, except the characters at its end
    // that do not fill a context.
    BatchSource test = split.validation().evaluation(64, CONTEXT, Integer.MAX_VALUE);
    GptConfig config = new GptConfig(4, 4, 128, CONTEXT, characters.vocabulary(), true, 0);
    Gpt gpt = Gpt.of(config, Activations.of("gelu"));
    Shape shape = new Shape(1, CONTEXT);
    try (Learner learner = new Learner(gpt, Loss.softmaxCrossEntropyLoss(), shape, 1)) {
      double before = share(gpt, characters, text);
      List<Training.Epoch> epochs =
          new Training(
                  learner,
                  new AdamSettings(1e-3, 0.9, 0.99, 0.1, 0.05, 1, 0.1),
                  train,
                  test,
                  4,
                  1,
                  Progress.Listener.NONE)
              .run("Shakespeare");
      epochs.forEach(System.out::println);
      double seconds = epochs.stream().mapToDouble(Training.Epoch::seconds).sum();
      Score last = epochs.get(3).test();
      double after = share(gpt, characters, text);
      System.out.printf(
          Locale.ROOT,
          "validation loss %.3f nats per character after %.1f min; of the words written before %.0f %%"
              + " are Shakespeare's, of those after %.0f %%%n",
          last.loss(),
          seconds / 60,
          100 * before,
          100 * after);
      assertEquals((split.validation().size() - 1) / CONTEXT * CONTEXT, last.examples());
      assertTrue(last.loss() < 2.0, "validation loss " + last.loss());
      assertTrue(before < 0.2 && after > 0.5, "words: %s, then %s".formatted(before, after));
    }
  }

  /**
   * Generates 1 500 characters with the network. Takes the words of three or more letters in them,
   * and returns the fraction of these words that occur in the given text.
   */
  private static double share(Gpt gpt, Tokenizer characters, String text) {
    Set<String> known = words(text).collect(Collectors.toSet());
    long[] start = {characters.encode("\n")[0]};
    String written = characters.decode(gpt.generate(start, 1500, 0.8, 65, new Random(1)));
    System.out.println(written.substring(0, 400) + "\n…");
    List<String> words = words(written).toList();
    return words.stream().filter(known::contains).count() / Math.max(1.0, words.size());
  }

  /** Returns the words of a text that have three or more letters, in lower case. */
  private static Stream<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z]+"))
        .filter(word -> word.length() >= 3);
  }
}
