package grafs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import grafs.data.BatchSource;
import grafs.data.TextSet;
import grafs.data.Tokenizer;
import grafs.model.Activations;
import grafs.model.Gpt;
import grafs.model.GptConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that a small GPT learns to predict a random text whose lowest possible loss is known. */
class TextTrainingTest {

  @Test
  void aGptLearnsWhatFollowsWhat(@TempDir Path folder) throws Exception {
    // The text is a random sequence of "ab1" and "cb2". The character after b depends on the
    // character before b, so that the network must use attention to predict it.
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4000; i++) {
      text.append(random.nextBoolean() ? "ab1" : "cb2");
    }
    Path file = Files.writeString(folder.resolve("text.txt"), text);
    Tokenizer characters = Tokenizer.characters(text.toString());
    TextSet.Split split = TextSet.of(file, folder, characters).split(0.1);
    BatchSource train = split.train().training(16, 12, 60, 1);
    BatchSource test = split.validation().evaluation(16, 12, 64);
    GptConfig config = new GptConfig(2, 2, 32, 12, characters.vocabulary(), true, 0);
    Gpt gpt = Gpt.of(config, Activations.of("gelu"));
    try (Learner learner = new Learner(gpt, Loss.softmaxCrossEntropyLoss(), new Shape(1, 12), 1)) {
      List<Training.Epoch> epochs =
          new Training(
                  learner,
                  new AdamSettings(3e-3, 0.9, 0.95, 0.1, 0.1, 1, 0.1),
                  train,
                  test,
                  3,
                  1,
                  Progress.Listener.NONE)
              .run("text");
      Training.Epoch last = epochs.get(2);
      assertEquals(60 * 16 * 12, last.train().examples());
      // The bound is the lowest possible mean loss: one character in three is random, with two
      // equally likely values. The loss of the network is a little higher, because an input may
      // begin in the middle of a triple.
      double bound = Math.log(2) / 3;
      System.out.println(last + ", bound " + bound);
      assertTrue(last.test().loss() > 0.95 * bound, "nothing can know more: " + last);
      assertTrue(last.test().loss() < bound + 0.08, "it learned: " + last);
      long[] next = gpt.generate(toLongs(characters.encode("ab1c")), 2, 1, 1, random);
      assertEquals("b2", characters.decode(next));
    }
  }

  private static long[] toLongs(int[] tokens) {
    return java.util.Arrays.stream(tokens).asLongStream().toArray();
  }
}
