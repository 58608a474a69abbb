package grafs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.data.DatasetBatches;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class LearnerTest {

  private static Learner learner() {
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(BatchNorm.builder().build())
            .add(Linear.builder().setUnits(3).build());
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 5), 1);
  }

  private static Batch batch(Learner learner) {
    NDArray x = learner.manager().randomNormal(3, 2, new Shape(16, 5), DataType.FLOAT32);
    ArrayDataset data =
        new ArrayDataset.Builder()
            .setData(x)
            .optLabels(learner.manager().zeros(new Shape(16)))
            .setSampling(16, false)
            .build();
    return DatasetBatches.of(data, 16, 1).epoch(learner.manager(), 0).iterator().next();
  }

  private interface Pass {
    void run(Batch batch, Tally tally);
  }

  private static double loss(Learner learner, Batch batch, Pass pass) {
    try (Tally tally = new Tally(learner.manager())) {
      pass.run(batch, tally);
      return tally.score().loss();
    }
  }

  private static float[] statistics(Learner learner) {
    return learner.buffers().valueAt(0).toFloatArray();
  }

  @Test
  void scoringAsInTrainingGivesTrainingsLossAndChangesNothing() {
    try (Learner learner = learner();
        Batch batch = batch(learner)) {
      float[] before = statistics(learner);
      double scored = loss(learner, batch, learner::evaluateAsInTraining);
      assertArrayEquals(before, statistics(learner));
      assertNotEquals(loss(learner, batch, learner::evaluate), scored, 1e-3);
      assertEquals(loss(learner, batch, learner::backpropagate), scored, 1e-6);
      assertNotEquals(before[0], statistics(learner)[0], 1e-6f, "the statistics can move");
    }
  }

  @Test
  void scoringEndsWhenItsThreadIsInterrupted() {
    try (Learner learner = learner()) {
      Batch batch = batch(learner);
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> learner.evaluate(List.of(batch)));
    }
  }

  /** As PyTorch's, when a batch has more than two examples. */
  private static Learner small() {
    Block network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(3).build())
            .addSingleton(
                x -> {
                  if (x.getShape().get(0) > 3) {
                    throw new EngineException("CUDA out of memory. Tried to allocate 20.00 GiB");
                  }
                  return x;
                });
    return new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(1, 5), 1);
  }

  @Test
  void aBatchThatDoesNotFitIsSaidWithWhatToDo() {
    try (Learner learner = small();
        Batch batch = batch(learner);
        Tally tally = new Tally(learner.manager())) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> learner.backpropagate(batch, tally));
      assertTrue(
          e.getMessage()
              .matches(
                  "a batch of 16 examples does not fit into the memory of cpu\\(\\), [0-9.]+ GB, of"
                      + " which it needs about 0 MB\\. Others may be using it: .*"),
          e.getMessage());
      assertTrue(e.getCause().getMessage().contains("20.00 GiB"));
    }
  }

  @Test
  void theEstimateGrowsWithTheBatchAndChangesNothing() {
    try (Learner learner = learner();
        Batch batch = batch(learner)) {
      float[] before = statistics(learner);
      List<NDArray> kept = List.of(learner.manager().zeros(new Shape(1000)));
      MemoryNeed need = learner.memory(batch, () -> {}, kept).orElseThrow();
      assertArrayEquals(before, statistics(learner));
      // Two linear layers and a normalisation of 4, 4 and 3 numbers, and the example itself.
      assertTrue(need.perExample() >= 4 * (5 + 4 + 4 + 3) && need.perExample() < 400, "" + need);
      long weights = 4 * learner.parameters();
      assertTrue(
          need.fixed() >= 2 * weights + 4000 && need.fixed() < 5000 + 4 * weights, "" + need);
      int there = learner.manager().getManagedArrays().size();
      learner.memory(batch, () -> {}, kept);
      assertEquals(there, learner.manager().getManagedArrays().size(), "what is left behind");
    }
  }

  @Test
  void whatFitsIsSaid() {
    MemoryNeed need = new MemoryNeed(2_000_000_000, 10_000_000);
    assertEquals(4_560_000_000L, need.bytes(256));
    assertEquals(200, need.batchIn(4_000_000_001L));
    assertEquals(5, need.batchIn(2_050_000_000));
    assertEquals(0, need.batchIn(1));
    assertEquals(
        ", 4.0 GB, of which it needs about 4.6 GB: a batchSize of about 200 fits",
        need.advice(256, 4_000_000_000L));
    assertEquals("search in about 4.6 GB", need.announced("search", 256, Device.cpu()));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new MemoryNeed(0, 1L << 50).announced("search", 256, Device.cpu()));
    assertTrue(
        e.getMessage().startsWith("search with batches of 256 needs about "), e.getMessage());
    assertTrue(e.getMessage().endsWith("a batchSize of about 0 fits"), e.getMessage());
  }
}
