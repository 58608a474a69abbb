package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Tests that the batches that {@link DatasetBatches} makes of DJL data sets have the right
 * examples, in an order that depends only on seed and epoch.
 */
class DatasetBatchesTest {

  @AutoClose private final NDManager manager = NDManager.newBaseManager();

  /** Returns a data set of n examples, in which example i is the number i, with the label 2i. */
  private ArrayDataset numbers(int n) {
    return new ArrayDataset.Builder()
        .setData(manager.arange(0f, n, 1f).reshape(new Shape(n, 1)))
        .optLabels(manager.arange(0f, 2f * n, 2f))
        .setSampling(5, true)
        .build();
  }

  /** Returns shuffled batches of the data set {@link #numbers} of n examples. */
  private DatasetBatches shuffled(int n, int batchSize, long seed) {
    return DatasetBatches.shuffled(numbers(n), batchSize, seed);
  }

  /** Returns the examples of an epoch in order, and asserts that each has its label. */
  private List<Integer> epoch(BatchSource batches, int epoch) {
    List<Integer> seen = new ArrayList<>();
    for (Batch batch : batches.epoch(manager, epoch)) {
      try (batch) {
        float[] x = batch.getData().head().toFloatArray();
        float[] labels = batch.getLabels().head().toFloatArray();
        for (int i = 0; i < x.length; i++) {
          assertEquals(2 * x[i], labels[i]);
          seen.add((int) x[i]);
        }
      }
    }
    return seen;
  }

  @Test
  void anEpochHasEachExampleOnceInAnOrderOfItsOwn() {
    DatasetBatches batches = shuffled(20, 4, 1);
    assertEquals(5, batches.batchesPerEpoch());
    List<Integer> first = epoch(batches, 0);
    assertEquals(20, new HashSet<>(first).size());
    assertEquals(first, epoch(batches, 0));
    assertNotEquals(first, epoch(batches, 1));
    assertEquals(first, epoch(shuffled(20, 4, 1), 0));
    for (int epoch = 0; epoch < 100; epoch++) {
      assertNotEquals(epoch(shuffled(20, 4, 2), 0), epoch(batches, epoch));
    }
  }

  @Test
  void batchesAreFreedWhenTheyAreClosed() {
    BatchSource batches = shuffled(20, 4, 1);
    int before = manager.getManagedArrays().size();
    List<Batch> open = new ArrayList<>();
    batches.epoch(manager, 0).forEach(open::add);
    List<Integer> seen = new ArrayList<>();
    for (Batch batch : open) {
      NDArray x = batch.getData().head();
      for (float number : x.toFloatArray()) {
        seen.add((int) number);
      }
      batch.close();
      assertThrows(IllegalStateException.class, x::toFloatArray);
    }
    assertEquals(epoch(batches, 0), seen);
    assertEquals(before, manager.getManagedArrays().size());
  }

  @Test
  void whatDoesNotFillABatchIsLeftOut() {
    DatasetBatches batches = shuffled(11, 4, 1);
    assertEquals(2, batches.batchesPerEpoch());
    assertEquals(8, epoch(batches, 0).size());
    // For a part, the number of batches follows from the size of the part, not of the whole data
    // set.
    DatasetBatches part = DatasetBatches.split(numbers(103), 0.6, 10, 1).get(0);
    assertEquals(62, part.examples());
    assertEquals(6, part.batchesPerEpoch());
    assertEquals(60, epoch(part, 0).size());
  }

  @Test
  void aBatchMayBeLargerThanTheData() {
    BatchSource all = DatasetBatches.inOrder(numbers(10), Integer.MAX_VALUE);
    assertEquals(1, all.batchesPerEpoch());
    assertEquals(10, epoch(all, 0).size());
  }

  @Test
  void partsShareNothing() {
    List<DatasetBatches> parts = DatasetBatches.split(numbers(40), 0.75, 5, 3);
    Set<Integer> one = new HashSet<>(epoch(parts.get(0), 0));
    Set<Integer> other = new HashSet<>(epoch(parts.get(1), 0));
    assertEquals(30, one.size());
    assertEquals(10, other.size());
    one.retainAll(other);
    assertTrue(one.isEmpty(), one.toString());
  }

  @Test
  void tooLargeBatchesAndNegativeEpochsAreRefused() {
    String said =
        assertThrows(
                IllegalArgumentException.class, () -> DatasetBatches.split(numbers(10), 0.5, 6, 1))
            .getMessage();
    assertTrue(said.contains("5 examples do not fill a batch of 6"), said);
    assertThrows(IllegalArgumentException.class, () -> shuffled(4, 5, 1));
    for (int size : new int[] {0, -3}) {
      assertThrows(IllegalArgumentException.class, () -> DatasetBatches.inOrder(numbers(10), size));
    }
    for (double share : new double[] {1.5, 1, 0.99, 0, -1, Double.NaN}) {
      String why =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> DatasetBatches.split(numbers(10), share, 6, 1))
              .getMessage();
      assertTrue(why.contains("10 examples cannot be split at a share of " + share), why);
    }
    DatasetBatches batches = shuffled(10, 5, 1);
    assertThrows(IllegalArgumentException.class, () -> batches.epoch(manager, -1));
  }

  @Test
  void partsThatDjlMakesHaveTheirOwnExamples() throws Exception {
    for (int batchSize : new int[] {2, 3, 4, 9, 100}) {
      RandomAccessDataset part = numbers(37).randomSplit(3, 1)[1];
      List<Integer> own = new ArrayList<>();
      for (int i = 0; i < part.size(); i++) {
        own.add((int) part.get(manager, i).getData().head().getFloat());
      }
      // Without DatasetBatches, DJL 0.36.0 would return wrong examples for a batch of consecutive
      // ones, such as the part's examples 0 to 3.
      List<Integer> scored = epoch(DatasetBatches.inOrder(part, batchSize), 0);
      assertEquals(own.stream().sorted().toList(), scored.stream().sorted().toList());
      List<DatasetBatches> split = DatasetBatches.split(part, 0.5, Math.min(batchSize, 4), 1);
      for (int epoch = 0; epoch < 50; epoch++) {
        assertTrue(own.containsAll(epoch(split.get(0), epoch)));
      }
    }
    RandomAccessDataset part = numbers(37).randomSplit(3, 1)[1];
    String said =
        assertThrows(IllegalArgumentException.class, () -> DatasetBatches.split(part, 0.5, 1, 1))
            .getMessage();
    assertTrue(said.contains("batches of one"), said);
  }
}
