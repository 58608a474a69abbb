package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

class TextTaskTest {

  @TempDir Path temp;

  @Test
  void theLastQuarterIsForAlpha() throws IOException {
    String text = "a".repeat(3000) + "b".repeat(1000);
    Path file = Files.writeString(temp.resolve("text.txt"), text);
    Tokenizer characters = Tokenizer.characters(text);
    TextSet all = TextSet.of(file, temp.resolve("tokens"), characters);
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
