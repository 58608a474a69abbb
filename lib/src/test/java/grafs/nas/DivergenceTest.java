package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Host;
import grafs.cell.Operation;
import grafs.cell.Operations;
import grafs.data.BatchSource;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import grafs.train.SyntheticBatches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests searches and trainings that diverge, that is in which a loss, gradient or weight becomes
 * non-finite: their messages, and what happens then. In a search the activations of the network are
 * cells, which mix operations such as sin or +. The search trains the network's weights and α, the
 * numbers that rate the operations. Then a verification trains the network with functions that the
 * search has found, to compare them with the default activation, the one that the network has
 * without a search. Tests with the tag {@code likeGpu} run a second time with {@code
 * -Dgrafs.likeGpu=true}, on the code for GPUs, where the loss is not checked in every step.
 */
@Tag("likeGpu")
class DivergenceTest {

  /**
   * Settings of a search of two epochs.
   *
   * @param warmStartEpochs the number of epochs at the beginning in which the weights are trained
   *     with the default activation
   * @param rate the learning rate of the weights
   * @param alphaRate the learning rate of α
   */
  private static SearchSettings settings(int warmStartEpochs, double rate, double alphaRate) {
    return SearchSettings.paper(new SgdSettings(rate, 0.9, 0, Decay.STEPS))
        .epochs(2)
        .warmStartEpochs(warmStartEpochs)
        .shrinking(Shrinking.OFF)
        .batchSize(32)
        .accumulation(1)
        .relaxation(Relaxation.SOFTMAX)
        .alphaLearningRate(alphaRate);
  }

  /**
   * {@return {@code part} if the loss is checked in every step, as on a CPU; otherwise an empty
   * text, since the message does not contain this part then}
   */
  private static String ifAtHand(String part) {
    return Host.reaches(Device.cpu()) ? part : "";
  }

  /** Runs a search that must diverge, and checks that the message contains all given parts. */
  private static void diverges(SearchSettings settings, CellSpace space, String... parts) {
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      Search search = new Search(settings, cells, learner, Progress.Listener.NONE);
      TrainingDivergedException e =
          assertThrows(
              TrainingDivergedException.class,
              () -> search.run(Rings.batches(10, 32, 1), Rings.batches(10, 32, 2), 1));
      for (String part : parts) {
        assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
      }
    }
  }

  @Test
  void saysWhichOperationHasNoValue() {
    diverges(
        settings(0, 0.05, 0.02),
        CellSpace.small().with(Operation.of("pure_log", x -> Math.log(x))),
        "operation 'pure_log' at place u1: its value is NaN for the argument -8.0",
        "Leave the operation out");
    diverges(
        settings(0, 0.05, 0.02),
        CellSpace.small().with(Operation.of("power", (a, b) -> Math.pow(a, b))),
        "operation 'power' at place b1: its ",
        " for the arguments ");
  }

  /**
   * The first of two searches diverges, since its batches for the weights are NaN: those with the
   * epoch numbers 0 and 1. The batches of the second search have higher epoch numbers and are
   * finite, so the second search must give the result.
   */
  @Test
  void ofSeveralSearchesTheOthersGoOn() {
    BatchSource good = Rings.batches(10, 32, 1);
    BatchSource bad =
        new SyntheticBatches(
            10, 32, new Shape(2), 1, (random, x, labels) -> Arrays.fill(x, Float.NaN));
    BatchSource weights =
        new BatchSource() {
          @Override
          public int batchesPerEpoch() {
            return 10;
          }

          @Override
          public Iterable<Batch> epoch(NDManager manager, int number) {
            return (number <= 1 ? bad : good).epoch(manager, number);
          }
        };
    Cells cells = new Cells(CellSpace.small(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      SearchSettings settings = settings(1, 0.05, 0.02).searches(2);
      SearchResult result =
          new Search(settings, cells, learner, Progress.Listener.NONE)
              .run(weights, Rings.batches(10, 32, 2), 1);
      assertEquals(2, result.epochs().size());
      assertEquals(1, result.failures().size());
      assertTrue(result.failures().get(0).contains("diverged"), "" + result);
      assertTrue(("" + result).contains("one of several searches failed"), "" + result);
    }
  }

  @Test
  void saysInWhichStepAndUpdate() {
    diverges(
        settings(1, 0.05, 0.02),
        CellSpace.small().with(Operation.of("pure_log", x -> Math.log(x))),
        ifAtHand("in warm-start epoch 1, step 1 of 10, in the update of α: the loss is NaN"),
        "operation 'pure_log' at place u1");
    diverges(
        settings(1, 0.05, 0.02).relaxation(Relaxation.DRNAS),
        CellSpace.small().with(Operation.of("pure_log", x -> Math.log(x))),
        "operation 'pure_log' at place u1 of cell 1: ");
  }

  @Test
  void saysThatBoundsAreMissing() {
    Operation steep = Operation.of("steep", x -> Math.sinh(30 * x));
    diverges(
        settings(0, 0.05, 0.02),
        CellSpace.paper().unbounded().with(steep),
        "its value is Infinity",
        "as the bounds of CellSpace.paper() do");
    diverges(
        settings(0, 0.05, 0.02),
        CellSpace.of(Operations.of("tanh", "left", "right"), Bounds.NONE)
            .with(Operation.of("large", x -> 1e30 * Math.tanh(x))),
        "the space has no bounds");
  }

  @Test
  void saysThatTheWeightsDiverged() {
    diverges(
        settings(1, 1e25, 0.02),
        CellSpace.paper(),
        ifAtHand("epoch 1, step "),
        "the weights diverged",
        "learning rate",
        "1.0E25");
  }

  @Test
  void anErrorOfTheUsersOwnCodeIsNoDivergence() {
    Operation broken =
        Operation.of(
            "broken",
            x -> {
              throw new ArithmeticException("/ by zero");
            });
    assertThrows(
        ArithmeticException.class,
        () -> new Cells(CellSpace.small().with(broken), Activations.of("relu").get()));
  }

  @Test
  void paperSpaceSurvivesTenTimesTheLearningRates() {
    Cells cells = new Cells(CellSpace.paper(), Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      SearchResult result =
          new Search(
                  settings(1, 0.5, 0.2).relaxation(Relaxation.DRNAS),
                  cells,
                  learner,
                  Progress.Listener.NONE)
              .run(Rings.batches(20, 32, 1), Rings.batches(20, 32, 2), 1);
      assertEquals(2, result.epochs().size());
    }
  }

  /**
   * The values of the operation {@code frail} are finite in the search and NaN in the verification
   * that follows. The trainings of functions that contain it must end after their first epoch.
   */
  @Test
  void aTrainingThatDivergesEndsWithItsEpoch() {
    AtomicBoolean broken = new AtomicBoolean();
    CellSpace space =
        CellSpace.of(Operations.of("abs", "left"), Bounds.PAPER)
            .with(Operation.of("frail", (a, b) -> broken.get() ? Double.NaN : a - b / 2));
    List<Long> left = new ArrayList<>();
    Progress.Listener listener =
        progress -> {
          if (progress.task().equals("search") && progress.done() == progress.total()) {
            broken.set(true);
          }
          left.add(progress.total() - progress.done());
        };
    List<Integer> begun = new ArrayList<>();
    BatchSource inner = Rings.batches(RingSearch.STEPS, 32, 1);
    BatchSource noted =
        new BatchSource() {
          @Override
          public int batchesPerEpoch() {
            return RingSearch.STEPS;
          }

          @Override
          public Iterable<Batch> epoch(NDManager manager, int number) {
            begun.add(number);
            return inner.epoch(manager, number);
          }
        };
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = Rings.learner(cells, 1)) {
      SearchResult result =
          new Search(RingSearch.settings(), cells, learner, listener)
              .run(noted, Rings.batches(RingSearch.STEPS, 32, 2), 1);
      List<Verification.Trial> trials = result.verified().trials();
      int diverged = 0;
      for (Verification.Trial trial : trials) {
        assertEquals(
            trial.function() != null && trial.function().contains("frail"), trial.diverged());
        diverged += trial.diverged() ? 1 : 0;
      }
      assertTrue(diverged > 0 && diverged < trials.size(), "" + trials);
      long epochs = begun.stream().filter(number -> number >= Verifier.SEED_EPOCHS).count();
      assertEquals(2L * trials.size() - diverged, epochs);
      assertEquals(0, left.get(left.size() - 1), "steps left at the end");
    }
  }
}
