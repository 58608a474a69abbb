package grafs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.data.BatchSource;
import grafs.train.SgdSettings.Decay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link Training} on a small network: learning, reproducibility, divergence, interruption,
 * gradients and memory.
 *
 * <p>The build runs tests with the tag {@code likeGpu} a second time, with the system property
 * {@code grafs.likeGpu=true}. Then the CPU executes the code that is meant for GPUs.
 */
@Tag("likeGpu")
class TrainingTest {

  /**
   * Returns batches of points in the plane with normally distributed coordinates. A point has the
   * label 1 if its two coordinates have the same sign, otherwise 0.
   *
   * @param batches the number of batches in an epoch
   * @param size the number of points in a batch
   * @param scale the standard deviation of the coordinates
   */
  private static BatchSource points(int batches, int size, double scale) {
    return new SyntheticBatches(
        batches,
        size,
        new Shape(2),
        0,
        (random, x, labels) -> {
          for (int i = 0; i < size; i++) {
            x[2 * i] = (float) (scale * random.nextGaussian());
            x[2 * i + 1] = (float) (scale * random.nextGaussian());
            labels[i] = x[2 * i] * x[2 * i + 1] > 0 ? 1 : 0;
          }
        });
  }

  private static Learner learner(long seed) {
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(32).build())
            .add(Activation.reluBlock())
            .add(Linear.builder().setUnits(2).build());
    return new Learner(block, Loss.softmaxCrossEntropyLoss(), new Shape(1, 2), seed);
  }

  private static List<Training.Epoch> train(long seed, Progress.Listener listener) {
    try (Learner learner = learner(seed)) {
      SgdSettings sgd = new SgdSettings(0.3, 0.9, 0, Decay.COSINE);
      return new Training(learner, sgd, points(50, 64, 1), points(4, 256, 1), 4, 1, listener)
          .run("points");
    }
  }

  @Test
  void learnsAndRepeatsBitForBit() {
    List<Progress> heard = new ArrayList<>();
    List<Training.Epoch> epochs = train(1, heard::add);
    assertTrue(epochs.get(3).test().accuracy() > 0.95, epochs.toString());
    assertEquals(1024, epochs.get(3).test().examples());
    assertEquals(200, heard.get(heard.size() - 1).done());
    List<Training.Epoch> again = train(1, Progress.Listener.NONE);
    for (int e = 0; e < epochs.size(); e++) {
      assertEquals(epochs.get(e).train(), again.get(e).train());
      assertEquals(epochs.get(e).test(), again.get(e).test());
    }
    assertTrue(
        train(2, Progress.Listener.NONE).get(3).train().loss() != epochs.get(3).train().loss(),
        "another seed gives other weights");
  }

  @Test
  void divergenceIsReported() {
    assertTrue(diverged(20).startsWith("points diverged in epoch 1: the loss is "), diverged(20));
  }

  @Test
  void theLastStepsDivergenceIsReported() {
    assertTrue(
        diverged(1).startsWith("points diverged in epoch 1: the test loss is "), diverged(1));
  }

  /**
   * Runs a training of one epoch whose first step makes the weights so large that the next loss is
   * not finite, and returns the message of the exception.
   *
   * @param batches the number of steps. If there is only one step, the training loss is finite, and
   *     only the test loss is not
   */
  private static String diverged(int batches) {
    try (Learner learner = learner(1)) {
      SgdSettings sgd = new SgdSettings(1e20, 0.9, 0, Decay.STEPS);
      BatchSource train = points(batches, 64, 1e10);
      Training training =
          new Training(learner, sgd, train, points(1, 64, 1), 1, 1, Progress.Listener.NONE);
      return assertThrows(TrainingDivergedException.class, () -> training.run("points"))
          .getMessage();
    }
  }

  @Test
  void interruptionStopsTheLoop() {
    assertThrows(
        CancellationException.class,
        () -> train(1, progress -> Thread.currentThread().interrupt()));
  }

  @Test
  void gradientsAddUpUntilTheUpdateClearsThem() {
    try (Learner learner = learner(1);
        RunningScore tally = new RunningScore(learner.manager());
        Batch batch = points(1, 64, 1).epoch(learner.manager(), 0).iterator().next()) {
      NDArray weight = learner.block().getParameters().valueAt(0).getArray();
      learner.backpropagate(batch, tally);
      double once = weight.getGradient().abs().sum().getFloat();
      assertTrue(once > 0);
      learner.backpropagate(batch, tally);
      assertEquals(2 * once, weight.getGradient().abs().sum().getFloat(), 1e-3 * once);
      new SgdSettings(1e-3, 0.9, 0, Decay.COSINE).optimizer(learner.weights(), 1).step(1);
      assertEquals(0, weight.getGradient().abs().sum().getFloat());
    }
  }

  @Test
  void memoryDoesNotGrowWithSteps() throws IOException {
    try (Learner learner = learner(1)) {
      SgdSettings sgd = new SgdSettings(0.01, 0.9, 0, Decay.COSINE);
      BatchSource batches = points(400, 2048, 1);
      new Training(learner, sgd, batches, points(1, 64, 1), 1, 1, Progress.Listener.NONE)
          .run("warm-up");
      long before = residentKilobytes();
      new Training(learner, sgd, batches, points(1, 64, 1), 2, 1, Progress.Listener.NONE)
          .run("points");
      long grown = residentKilobytes() - before;
      // The bound is small enough to notice a leak: if each of the 800 steps left three tensors of
      // the hidden layer, of shape [2048, 32] with 4 bytes per element, memory would grow by 629
      // MB.
      assertTrue(grown < 100_000, "resident memory grew by " + grown + " kB in 800 steps");
    }
  }

  /** Returns the memory of this process that is in RAM, in kB, as Linux reports it. */
  private static long residentKilobytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS in /proc/self/status");
  }
}
