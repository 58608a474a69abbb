package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import grafs.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs on the CPU the operations that make batches of texts on a GPU. */
@ExtendWith(Seed.class)
class DeviceBlocksTest {

  private static final int LENGTH = 7;
  private static final int BATCH = 4;

  @TempDir private Path temp;

  @Test
  void bothWaysMakeTheSameBlocks() throws IOException {
    Path text = temp.resolve("text.txt");
    Files.writeString(text, "What is in a name? That which we call a rose…\n".repeat(9));
    TextSet all = TextSet.of(text, temp, CharacterTokenizer.of(Files.readString(text)));
    for (TextSet part : List.of(all, all.split(0.3).validation())) {
      TokenBlocks training = (TokenBlocks) part.training(BATCH, LENGTH, 5, Seed.get());
      same(training, 0);
      same(training, 1);
      TokenBlocks evaluation = (TokenBlocks) part.evaluation(BATCH, LENGTH, 10);
      assertEquals(3, evaluation.batchesPerEpoch(), "two of four blocks and one of two");
      same(evaluation, 0);
    }
  }

  private static void same(TokenBlocks source, int epoch) {
    IntToLongFunction places = source.places().apply(epoch);
    try (NDManager manager = NDManager.newBaseManager();
        NDManager shared = manager.newSubManager()) {
      EpochBatches.Maker device =
          source.onDevice(shared, IntStream.range(0, source.examples()).mapToLong(places));
      int from = 0;
      for (Batch batch : source.epoch(manager, epoch)) {
        try (batch;
            NDManager own = manager.newSubManager()) {
          NDList made = device.batch(own, from, batch.getSize());
          assertEquals(2, own.getManagedArrays().size(), "only the batch is left");
          assertEquals(batch.getData().head().getShape(), made.get(0).getShape());
          assertArrayEquals(batch.getData().head().toLongArray(), made.get(0).toLongArray());
          assertArrayEquals(batch.getLabels().head().toLongArray(), made.get(1).toLongArray());
          from += batch.getSize();
        }
      }
      assertEquals(source.examples(), from);
    }
  }
}
