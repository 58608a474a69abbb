package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.Batchifier;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.Host;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.train.AdamSettings;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.RunningScore;
import grafs.train.SgdSettings;
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
 * Counts what the steps of a search do on a GPU: copies between the device and Java, and tensor
 * operations. In a search each activation of the network is a cell, which mixes candidate
 * operations such as sin or +. A step trains α, the numbers that rate the operations, on one batch,
 * and the network's weights on another. The tests run on a CPU with the system property {@code
 * grafs.likeGpu}, with which this library runs its code for GPUs. In this code the values of a cell
 * are read from a table, which is a tensor.
 */
@Tag("likeGpu")
@EnabledIfSystemProperty(named = "grafs.likeGpu", matches = "true")
class DeviceStepsTest {

  private static final SgdSettings SGD = new SgdSettings(0.01, 0.9, 1e-4, SgdSettings.Decay.COSINE);
  private static final int BATCH = 6;
  private static final int DEPTH = 20;

  @TempDir private Path temp;

  private Cells cells;
  private Learner learner;
  private GradientOptimizer nas;
  private List<Batch> training;
  private List<Batch> held;

  /**
   * Makes a ResNet-20 with cells as its activations, a search with this network, one batch for the
   * weights and one for α.
   */
  private void open(CellSpace space, Relaxation relaxation, OptimizerSettings weights) {
    cells = new Cells(space, Activations.of("relu").get());
    learner =
        new Learner(
            ResNet.of(DEPTH, 10, cells),
            Loss.softmaxCrossEntropyLoss(),
            new Shape(BATCH, 3, 32, 32),
            1);
    nas = new GradientOptimizer(settings(relaxation, weights, 2), cells, learner, 1000, 1);
    training = List.of(batch());
    held = List.of(batch());
  }

  private static SearchSettings settings(
      Relaxation relaxation, OptimizerSettings weights, int epochs) {
    return SearchSettings.paper(weights)
        .warmStartEpochs(0)
        .epochs(epochs)
        .shrinking(Shrinking.OFF)
        .batchSize(BATCH)
        .accumulation(1)
        .relaxation(relaxation);
  }

  private Batch batch() {
    float[] pixels = new float[BATCH * 3 * 32 * 32];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    long[] labels = IntStream.range(0, BATCH).mapToLong(i -> i).toArray();
    return new Batch(
        learner.manager().newSubManager(),
        new NDList(learner.manager().create(pixels, new Shape(BATCH, 3, 32, 32))),
        new NDList(learner.manager().create(labels)),
        BATCH,
        Batchifier.STACK,
        Batchifier.STACK,
        0,
        0);
  }

  @AfterEach
  void close() {
    if (learner != null) {
      nas.close();
      learner.close();
    }
  }

  private void step() {
    nas.step(training, held);
  }

  /**
   * Counts copies between tensors and Java. A first step is not counted, since it creates tensors
   * that later steps use again.
   *
   * @param count the number of steps
   * @return the number of reads of tensors and the number of uploads; an upload makes a tensor of
   *     Java's numbers
   */
  private long[] traffic(int count) {
    HostTraffic.count();
    step();
    long reads = HostTraffic.READS.get();
    long uploads = HostTraffic.UPLOADS.get();
    for (int i = 0; i < count; i++) {
      step();
    }
    long[] traffic = {HostTraffic.READS.get() - reads, HostTraffic.UPLOADS.get() - uploads};
    assertTrue(Double.isFinite(nas.weightsScore().loss()), "a number that is read");
    assertEquals(reads + traffic[0] + 1, HostTraffic.READS.get(), "is counted");
    return traffic;
  }

  @Test
  void whereNumbersAreNotAtHand() {
    assertFalse(Host.reaches(Device.cpu()));
  }

  /**
   * Each of the two passes of a step, for α and for the weights, uploads one table, from which the
   * network reads the values of all its cells. The pass for α also reads the gradient of its table.
   */
  @Test
  void aStepUploadsTwoTablesAndReadsOneGradient() {
    for (Relaxation relaxation : List.of(Relaxation.SOFTMAX, Relaxation.DRNAS)) {
      open(CellSpace.paper(), relaxation, SGD);
      long[] traffic = traffic(10);
      assertEquals(10, traffic[0], relaxation + ", reads");
      assertEquals(2 * 10, traffic[1], relaxation + ", uploads");
      close();
    }
  }

  @Test
  void clippingReadsNothing() {
    open(CellSpace.paper(), Relaxation.SOFTMAX, new AdamSettings(1e-3, 0.9, 0.999, 1, 0.1, 1, 0.1));
    assertEquals(10, traffic(10)[0], "reads");
  }

  @Test
  void aSearchReadsAStepsGradientAndOnceForEachReport() {
    HostTraffic.count();
    List<Long> reads = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    Cells own = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner network = Rings.learner(own, 1)) {
      new Search(
              settings(Relaxation.SOFTMAX, SGD, 1),
              own,
              network,
              progress -> {
                reads.add(HostTraffic.READS.get());
                steps.add(progress.done());
              })
          .run(Rings.batches(100, 32, 1), Rings.batches(100, 32, 2), 1);
    }
    assertTrue(reads.size() > 2, reads.size() + " reports of 100 steps");
    for (int i = 1; i < reads.size(); i++) {
      long between = steps.get(i) - steps.get(i - 1);
      assertEquals(between + 1, reads.get(i) - reads.get(i - 1), "between reports");
    }
  }

  /**
   * The cells compute one function after another, as in the comparison of several functions after a
   * search. The table of each function must be freed when the cells compute the next one.
   */
  @Test
  void functionsLeaveNoTablesBehind() throws IOException {
    open(CellSpace.paper(), Relaxation.DRNAS, SGD);
    List<Integer> owned = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      cells.compute(Expression.parse("scale[0.%d](gelu(x))".formatted(i + 1)));
      try (RunningScore tally = new RunningScore(learner.manager())) {
        learner.backpropagate(training.get(0), tally);
      }
      owned.add(learner.manager().getManagedArrays().size());
    }
    assertEquals(1, owned.stream().distinct().count(), "tensors of the learner: " + owned);
    cells.restoreDefault();
    assertTrue(learner.manager().getManagedArrays().size() < owned.get(0), "with a table less");
  }

  /**
   * A search step has at most 2·p + 30·c tensor operations, where p is the number of tensor
   * operations in a step of an ordinary training with ReLU, and c the number of cells in the
   * network.
   */
  @Test
  void operationsOfAStep() throws IOException {
    open(CellSpace.paper(), Relaxation.DRNAS, SGD);
    step();
    int search = TensorOperations.count(temp, this::step);
    cells.restoreDefault();
    int plain =
        TensorOperations.count(
            temp,
            () -> {
              try (RunningScore tally = new RunningScore(learner.manager());
                  var descent = SGD.optimizer(learner.weights(), 1)) {
                learner.backpropagate(training.get(0), tally);
                descent.step(1);
              }
            });
    int most = 2 * plain + 30 * cells.instances();
    System.out.printf(
        "tensor operations of a search step: %d, of a plain step: %d; at most %d%n",
        search, plain, most);
    assertTrue(search <= most, search + " of " + most);
  }
}
