package grafs.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.Batchifier;
import grafs.cell.ActivationCells;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.op.Bounds;
import grafs.op.Host;
import grafs.op.OperationSet;
import grafs.train.AdamSettings;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.SgdSettings;
import grafs.train.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the steps of a search ask of a GPU, counted on the CPU, which here computes as a GPU does.
 */
@Tag("likeGpu")
@EnabledIfSystemProperty(named = "grafs.likeGpu", matches = "true")
class DeviceStepsTest {

  private static final SgdSettings SGD = new SgdSettings(0.01, 0.9, 1e-4, SgdSettings.Decay.COSINE);
  private static final int BATCH = 6;

  @TempDir private Path temp;

  private ActivationCells cells;
  private Learner learner;
  private SearchState state;
  private SearchSteps steps;
  private SearchSteps.MicroBatches training;
  private SearchSteps.MicroBatches held;
  private Tally tally;

  private void open(CellSpace space, Relaxation relaxation, OptimizerSettings weights) {
    Block relu = Activations.of("relu").get();
    cells = new ActivationCells(space, ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    learner =
        new Learner(
            ResNet.of(8, 10, cells),
            Loss.softmaxCrossEntropyLoss(),
            new Shape(BATCH, 3, 32, 32),
            1);
    SearchSettings settings = settings(relaxation, weights, 2);
    state = new SearchState(settings, space, learner, 1000, 1);
    steps = new SearchSteps(settings, cells, learner, state, 1);
    training = batch();
    held = batch();
    tally = new Tally(learner.manager());
  }

  private static SearchSettings settings(
      Relaxation relaxation, OptimizerSettings weights, int epochs) {
    return new SearchSettings(
        0,
        epochs,
        Shrinking.OFF,
        BATCH,
        weights,
        0.01,
        CellWarmStart.DEFAULT,
        relaxation,
        Architect.Order.FIRST,
        1);
  }

  private SearchSteps.MicroBatches batch() {
    float[] pixels = new float[BATCH * 3 * 32 * 32];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    long[] labels = IntStream.range(0, BATCH).mapToLong(i -> i).toArray();
    Batch batch =
        new Batch(
            learner.manager().newSubManager(),
            new NDList(learner.manager().create(pixels, new Shape(BATCH, 3, 32, 32))),
            new NDList(learner.manager().create(labels)),
            BATCH,
            Batchifier.STACK,
            Batchifier.STACK,
            0,
            0);
    return new SearchSteps.MicroBatches(List.of(batch));
  }

  @AfterEach
  void close() {
    if (learner != null) {
      tally.close();
      state.close();
      learner.close();
    }
  }

  private void step() {
    steps.alpha(training, held, tally, "here");
    steps.weights(training, tally, "here");
  }

  /** Reads and uploads of some steps, after those that make what is kept. */
  private long[] traffic(int count) {
    HostTraffic.count();
    step();
    long reads = HostTraffic.READS.get();
    long uploads = HostTraffic.UPLOADS.get();
    for (int i = 0; i < count; i++) {
      step();
    }
    long[] traffic = {HostTraffic.READS.get() - reads, HostTraffic.UPLOADS.get() - uploads};
    assertTrue(Double.isFinite(tally.score().loss()), "a number that is read");
    assertEquals(reads + traffic[0] + 1, HostTraffic.READS.get(), "is counted");
    return traffic;
  }

  @Test
  void whereNumbersAreNotAtHand() {
    assertFalse(Host.reaches(Device.cpu()));
  }

  @Test
  void aStepNeitherReadsNorUploads() {
    open(CellSpace.paper(), Relaxation.SOFTMAX, SGD);
    long[] traffic = traffic(100);
    assertEquals(0, traffic[0], "reads");
    assertEquals(0, traffic[1], "uploads");
  }

  @Test
  void norDoesOneThatClipsGradients() {
    open(CellSpace.paper(), Relaxation.SOFTMAX, new AdamSettings(1e-3, 0.9, 0.999, 1, 0.1, 0));
    assertEquals(0, traffic(10)[0], "reads");
  }

  @Test
  void aSearchReadsOnceForEachReport() {
    HostTraffic.count();
    List<Long> reads = new ArrayList<>();
    Block relu = Activations.of("relu").get();
    ActivationCells own =
        new ActivationCells(
            CellSpace.paper(), ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    try (Learner network = Rings.learner(own, 1)) {
      new BilevelSearch(
              settings(Relaxation.SOFTMAX, SGD, 1),
              own,
              network,
              relu,
              progress -> reads.add(HostTraffic.READS.get()))
          .run(Rings.batches(100, 32, 1), Rings.batches(100, 32, 2), 1);
    }
    assertTrue(reads.size() > 2, reads.size() + " reports of 100 steps");
    for (int i = 1; i < reads.size(); i++) {
      assertEquals(1, reads.get(i) - reads.get(i - 1), "between reports, in all " + reads);
    }
  }

  /** The host draws: it needs α, of edges and of vertices, before each of both passes. */
  @Test
  void drawingReadsAlphaAndUploadsTheWeights() {
    open(CellSpace.paper(), Relaxation.DRNAS, SGD);
    long[] traffic = traffic(10);
    assertEquals(10 * 2 * 2, traffic[0], "reads");
    assertEquals(10 * (2 * 2 + 2), traffic[1], "uploads: draws, and for α's turn the Jacobian's");
  }

  /**
   * Beside those of the plain network, the operations on tensors of its size are a few a cell,
   * however many operations are searched; what there is of them is on the grid.
   */
  @Test
  void operationsOfAStep() throws IOException {
    open(CellSpace.paper(), Relaxation.SOFTMAX, SGD);
    step();
    TensorOperations paper = TensorOperations.of(temp, this::step);
    cells.restoreDefault();
    TensorOperations plain =
        TensorOperations.of(temp, () -> steps.warmStart(training, tally, "here"));
    close();
    open(
        new CellSpace(CellGraph.PAPER, OperationSet.small(), Bounds.SEARCH),
        Relaxation.SOFTMAX,
        SGD);
    step();
    TensorOperations small = TensorOperations.of(temp, this::step);
    System.out.printf(
        "tensor operations of a search step: %d, of these on activations %d; with the small set %d and %d; of a plain step %d and %d%n",
        paper.count(),
        paper.count(DeviceStepsTest::activations),
        small.count(),
        small.count(DeviceStepsTest::activations),
        plain.count(),
        plain.count(DeviceStepsTest::activations));
    assertTrue(paper.count() < 2500, "few of any kind");
    assertEquals(
        small.count(DeviceStepsTest::activations), paper.count(DeviceStepsTest::activations));
  }

  /** Of a layer's activations, [batch, channels, height, width]. */
  private static boolean activations(List<Long> shape) {
    return shape.size() == 4 && shape.get(0) == BATCH;
  }
}
