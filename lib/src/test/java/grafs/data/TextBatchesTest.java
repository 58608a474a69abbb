package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import grafs.SharedFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which blocks, each of some consecutive tokens, the batches of a {@link TextSet} have in
 * training and in evaluation.
 */
class TextBatchesTest {

  @TempDir Path folder;

  /** Returns the tokens and the labels of each batch of an epoch, alternately. */
  private static List<long[]> epoch(BatchSource source, int epoch) {
    List<long[]> batches = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (Batch batch : source.epoch(manager, epoch)) {
        try (batch) {
          batches.add(batch.getData().head().toLongArray());
          batches.add(batch.getLabels().head().toLongArray());
          assertEquals(batch.getData().head().getShape(), batch.getLabels().head().getShape());
        }
      }
    }
    return batches;
  }

  @Test
  void labelsAreTheTokensThatFollow() throws Exception {
    Path file = SharedFolder.require("data/text/tinyshakespeare.txt");
    Tokenizer characters = Tokenizer.characters(Files.readString(file));
    TextSet.Split split = TextSet.of(file, folder, characters).split(0.1);
    assertEquals(1_115_394, split.train().size() + split.validation().size());
    assertEquals(111_539, split.validation().size());
    String train = characters.decode(split.train().tokens(0, (int) split.train().size()));
    BatchSource source = split.train().training(4, 16, 3, 7);
    List<long[]> first = epoch(source, 0);
    assertEquals(6, first.size());
    for (int b = 0; b < first.size(); b += 2) {
      for (int block = 0; block < 4; block++) {
        long[] tokens = Arrays.copyOfRange(first.get(b), 16 * block, 16 * block + 16);
        long[] labels = Arrays.copyOfRange(first.get(b + 1), 16 * block, 16 * block + 16);
        String text = characters.decode(tokens) + characters.decode(labels[15]);
        assertTrue(train.contains(text), text);
        assertEquals(text.substring(1), characters.decode(labels));
      }
    }
  }

  @Test
  void blocksFollowFromTheSeedAndTheEpoch() throws Exception {
    TextSet set =
        TextSet.of(
            Files.writeString(folder.resolve("text.txt"), "abcdefghij".repeat(500)),
            folder,
            Tokenizer.gpt2());
    BatchSource source = set.training(3, 8, 2, 1);
    assertEquals(2, source.batchesPerEpoch());
    String first = Arrays.deepToString(epoch(source, 0).toArray());
    assertNotEquals(first, Arrays.deepToString(epoch(source, 1).toArray()));
    assertEquals(first, Arrays.deepToString(epoch(source, 0).toArray()));
    assertEquals(first, Arrays.deepToString(epoch(set.training(3, 8, 2, 1), 0).toArray()));
    List<String> others = new ArrayList<>();
    for (long seed = 0; seed < 3; seed++) {
      for (int e = 0; e < 3; e++) {
        others.add(Arrays.deepToString(epoch(set.training(3, 8, 2, seed), e).toArray()));
      }
    }
    assertEquals(9, others.stream().distinct().count(), "no epoch of one seed is another's");
  }

  @Test
  void evaluationReadsTheTextInOrderAndOnce() throws Exception {
    String text = "the quick brown fox jumps over the lazy dog";
    Tokenizer characters = Tokenizer.characters(text);
    TextSet set =
        TextSet.of(Files.writeString(folder.resolve("text.txt"), text), folder, characters);
    BatchSource source = set.evaluation(4, 8, 100);
    List<long[]> batches = epoch(source, 0);
    // 43 characters have five blocks of 8 that a character follows, so there are two batches: one
    // of four blocks and one of a single block.
    assertEquals(2, source.batchesPerEpoch());
    assertEquals(text.substring(0, 32), characters.decode(batches.get(0)));
    assertEquals(text.substring(1, 33), characters.decode(batches.get(1)));
    assertEquals(text.substring(32, 40), characters.decode(batches.get(2)));
    assertEquals(4, batches.size());
    assertEquals(2, epoch(set.evaluation(4, 8, 3), 0).size());
    assertEquals(24, epoch(set.evaluation(4, 8, 3), 0).get(0).length);
    try (NDManager manager = NDManager.newBaseManager();
        Batch batch = source.epoch(manager, 0).iterator().next()) {
      assertEquals(new Shape(4, 8), batch.getData().head().getShape());
    }
  }
}
