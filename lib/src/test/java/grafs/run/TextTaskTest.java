package grafs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import grafs.data.BatchSource;
import grafs.data.TextDataset;
import grafs.data.TextSet;
import grafs.data.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link TextTask}, the task of predicting each next token of a text, with texts of the
 * user's own: texts in several scripts, and texts that are too short.
 */
class TextTaskTest {

  private static final int CONTEXT = 64;
  private static final String SCRIPTS =
      "Жили-были старик со старухой. 昔々ある所に。 كان يا ما كان 👋🏽\n";

  @TempDir Path folder;

  private TextDataset text(int characters) throws IOException {
    int[] some = SCRIPTS.repeat(1 + characters / 40).codePoints().limit(characters).toArray();
    Path file = folder.resolve("text-" + characters + ".txt");
    Files.writeString(file, new String(some, 0, some.length));
    Tokenizer tokenizer = Tokenizer.characters(file);
    TextSet.Split split = TextSet.of(file, folder, tokenizer).split(0.1);
    return new TextDataset("own", tokenizer, split.train(), split.validation());
  }

  @Test
  void tooShortATextIsRefusedBeforeAnythingIsTrained() throws IOException {
    for (int characters : new int[] {1, 30, 200, 640}) {
      TextDataset text = text(characters);
      String said =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Experiment.of(PaperModel.GPT_MINI, text, CONTEXT, Scale.gpt("smoke")))
              .getMessage();
      assertTrue(said.contains("own has " + characters + " tokens"), said);
      assertTrue(said.contains("too few for blocks of 64"), said);
    }
    // 650 tokens are enough: the test text, a tenth of them, has 65 tokens, one more than a block.
    Experiment.of(PaperModel.GPT_MINI, text(650), CONTEXT, Scale.gpt("smoke"));
  }

  /**
   * The message for a text that is too short says how many times as long the text has to be. A task
   * of {@link Task#heldOut} has only the user's training text, and tests on a part of it; but the
   * factor holds for the user's whole text.
   */
  @Test
  void theFactorInTheMessageIsThatOfTheWholeText() throws IOException {
    for (boolean heldOut : new boolean[] {false, true}) {
      double longer = Double.parseDouble(tooShort(300, heldOut).split(" about | times as long")[1]);
      heldOut((int) Math.ceil(300 * longer) + 8, heldOut);
      tooShort((int) (300 * longer) - 30, heldOut);
    }
  }

  private String tooShort(int characters, boolean heldOut) {
    return assertThrows(IllegalArgumentException.class, () -> heldOut(characters, heldOut))
        .getMessage();
  }

  private void heldOut(int characters, boolean heldOut) throws IOException {
    Task all = new TextTask(text(characters), CONTEXT);
    new Experiment(PaperModel.GPT_MINI, heldOut ? all.heldOut() : all, Scale.gpt("smoke"));
  }

  @Test
  void thePromptIsOfTheTextsOwnTokens() throws IOException {
    TextDataset text = text(2000);
    long[] prompt = text.validation().tokens(0, 16);
    assertEquals(
        16,
        text.tokenizer()
            .decode(prompt)
            .codePointCount(0, text.tokenizer().decode(prompt).length()));
    assertThrows(RuntimeException.class, () -> text.tokenizer().encode("Once upon a time"));
  }

  @Test
  void theLastQuarterIsForAlpha() throws IOException {
    String text = "a".repeat(3000) + "b".repeat(1000);
    Path file = Files.writeString(folder.resolve("text.txt"), text);
    Tokenizer characters = Tokenizer.characters(text);
    TextSet all = TextSet.of(file, folder.resolve("tokens"), characters);
    TextTask task = new TextTask(new TextDataset("text", characters, all, all), 16);
    Scale smoke = Scale.gpt("smoke");
    Task.Parts parts = task.parts(smoke, 1);
    assertEquals(Set.of(0L), tokens(parts.weights()));
    assertEquals(Set.of(1L), tokens(parts.alpha()));
    assertEquals(smoke.trainExamples() / 8, parts.weights().batchesPerEpoch());
  }

  private static Set<Long> tokens(BatchSource source) {
    Set<Long> tokens = new TreeSet<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (Batch batch : source.epoch(manager, 0)) {
        try (batch) {
          for (long token : batch.getData().head().toLongArray()) {
            tokens.add(token);
          }
        }
      }
    }
    return tokens;
  }
}
