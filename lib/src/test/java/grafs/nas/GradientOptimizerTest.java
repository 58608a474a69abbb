package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.Batchifier;
import grafs.cell.Bounds;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.Operations;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.nas.GradientOptimizer.Turn;
import grafs.nas.SearchSettings.Levels;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests one step of a gradient-based search for an activation function: which batch trains which
 * parameters, in which order, and with which random draws. The network's activations are cells,
 * small graphs of operations such as sin or +, which mix several candidate operations at each edge
 * and vertex. α are the numbers from which the mixing weights are drawn, β the learnable scalars
 * that some operations have. "Weights" alone means the weights of the network.
 */
class GradientOptimizerTest {

  private static final double RATE = 0.01;

  /**
   * The relative tolerance of gradients. The reference gradients ({@link AutogradPass}) are
   * computed in float32 on several threads. So two computations of them for the same batch already
   * differ by a little less than this tolerance.
   */
  private static final double TOLERANCE = 1e-3;

  /**
   * A search space of smooth operations only. With kinks (jumps of the slope), the gradients of a
   * network of 20 layers in float32 are not reproducible: if an argument is next to a kink,
   * rounding decides on which side it is, and in a batch of two images one such argument can change
   * the gradient of α by a third. {@code CellsTest} tests cells with kinks.
   */
  private static final CellSpace SMOOTH =
      CellSpace.of(
          Operations.of(
              "identity",
              "negative",
              "tanh",
              "sin",
              "sigmoid",
              "atan",
              "gauss",
              "silu",
              "shift",
              "scale",
              "add",
              "subtract",
              "gate",
              "left",
              "blend"),
          Bounds.SMOOTH);

  private static SearchSettings settings() {
    return SearchSettings.paper(new SgdSettings(RATE, 0.9, 0, SgdSettings.Decay.STEPS))
        .warmStartEpochs(0)
        .accumulation(1)
        .alphaLearningRate(0.05);
  }

  /** Returns a batch of two images, {@code [2, 3, side, side]}, with random pixels and labels. */
  private static Batch batch(NDManager manager, int side, long seed) {
    Random random = new Random(seed);
    Shape images = new Shape(2, 3, side, side);
    float[] pixels = new float[(int) images.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return new Batch(
        manager.newSubManager(),
        new NDList(manager.create(pixels, images)),
        new NDList(manager.create(new long[] {random.nextInt(10), random.nextInt(10)})),
        2,
        Batchifier.STACK,
        Batchifier.STACK,
        0,
        0);
  }

  private static Learner learner(Supplier<? extends Block> activation) {
    return new Learner(
        ResNet.of(20, 10, activation), Loss.softmaxCrossEntropyLoss(), new Shape(2, 3, 8, 8), 3);
  }

  /**
   * Returns the gradient of α that follows, by the chain rule, from the gradients of the mixing
   * weights in a pass. {@code like} is an array of the shape of α.
   */
  private static double[][] byAlpha(Relaxation.Draw draw, AutogradPass pass, double[][] like) {
    double[][] alpha = CellWeights.zeros(like);
    draw.backward(pass.mixing(), alpha);
    return alpha;
  }

  /**
   * Checks that two gradients agree: the norm of their difference is at most {@link #TOLERANCE} of
   * that of the expected one.
   */
  private static void near(double[][] expected, double[][] actual, String where) {
    double size =
        Math.sqrt(Arrays.stream(expected).flatMapToDouble(Arrays::stream).map(v -> v * v).sum());
    double off = 0;
    for (int p = 0; p < expected.length; p++) {
      for (int o = 0; o < expected[p].length; o++) {
        off += Math.pow(expected[p][o] - actual[p][o], 2);
      }
    }
    assertTrue(size > 0, where);
    assertEquals(0, Math.sqrt(off) / size, TOLERANCE, where);
  }

  /**
   * Compares the gradients in a search step with those of a reference that uses autograd ({@link
   * AutogradPass}), for the same weights, α, β, mixing weights and batches. With {@code BILEVEL},
   * α's batch trains α and β, and the other batch trains the weights. With {@code JOINT}, each of
   * the two batches trains α, β and the weights.
   *
   * <p>A CPU evaluates a cell exactly on tensors of up to 2049 numbers; on larger tensors it reads
   * the values of the cell from a table. The reference always evaluates the cell exactly. For
   * images of 8×8 pixels the network's cells get tensors of at most 2 · 16 · 8 · 8 = 2048 numbers,
   * for images of 16×16 pixels 8192 numbers in the first third of the network and 4096 in the
   * second.
   */
  @ParameterizedTest
  @CsvSource({"BILEVEL, 8", "JOINT, 8", "BILEVEL, 16"})
  void aStepIsTheReferences(Levels levels, int side) {
    CellSpace space = SMOOTH;
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = learner(cells);
        GradientOptimizer nas =
            new GradientOptimizer(settings().levels(levels), cells, learner, 10, 7)) {
      double[][] alphaBefore = nas.architecture().alphaValues();
      double[][] betaBefore =
          Arrays.stream(nas.architecture().beta()).map(double[]::clone).toArray(double[][]::new);
      List<float[]> before =
          learner.weights().values().stream().map(NDArray::toFloatArray).toList();
      Batch training = batch(learner.manager(), side, 1);
      Batch held = batch(learner.manager(), side, 2);
      nas.step(List.of(training), List.of(held));
      List<float[]> after = learner.weights().values().stream().map(NDArray::toFloatArray).toList();

      Relaxation.Draw ofAlpha =
          Relaxation.DRNAS.draw(
              alphaBefore,
              nas.architecture().candidates(),
              cells.instances(),
              new SplittableRandom(nas.draw(Turn.ALPHA, 0)));
      AutogradPass alphaPass =
          AutogradPass.of(GradientOptimizerTest::learner, held, space, ofAlpha, betaBefore);
      // Adam's running mean after its first step is (1 − β₁)·(g + λ·α), with the gradient g, β₁ = ½
      // and the weight decay λ = 1e-3; likewise for β in place of α.
      double[][] alphaGradient = CellWeights.zeros(alphaBefore);
      double[][] betaGradient = CellWeights.zeros(alphaBefore);
      for (int p = 0; p < alphaBefore.length; p++) {
        for (int o = 0; o < alphaBefore[p].length; o++) {
          alphaGradient[p][o] =
              nas.architecture().alpha.mean[p][o] / 0.5 - 1e-3 * alphaBefore[p][o];
          betaGradient[p][o] =
              Double.isNaN(betaBefore[p][o])
                  ? 0
                  : nas.architecture().beta.mean[p][o] / 0.5 - 1e-3 * betaBefore[p][o];
        }
      }
      near(byAlpha(ofAlpha, alphaPass, alphaBefore), alphaGradient, "gradient of α");
      near(alphaPass.beta(), betaGradient, "gradient of β");

      Relaxation.Draw ofWeights =
          Relaxation.DRNAS.draw(
              nas.architecture().alpha(),
              nas.architecture().candidates(),
              cells.instances(),
              new SplittableRandom(nas.draw(Turn.WEIGHTS, 0)));
      AutogradPass weightsPass =
          AutogradPass.of(
              GradientOptimizerTest::learner,
              training,
              space,
              ofWeights,
              nas.architecture().beta());
      double off = 0;
      double size = 0;
      for (int w = 0; w < before.size(); w++) {
        for (int i = 0; i < before.get(w).length; i++) {
          double expected = weightsPass.weights().get(w)[i];
          if (levels == Levels.JOINT) {
            expected += alphaPass.weights().get(w)[i];
          }
          // The first step of SGD with momentum changes a weight by the learning rate times its
          // gradient.
          double moved = (before.get(w)[i] - after.get(w)[i]) / RATE;
          off += (moved - expected) * (moved - expected);
          size += expected * expected;
        }
      }
      // Weights of about 1 have a rounding error of about 6e-8 in float32, so the difference of two
      // weights, divided by RATE, has an error of about 6e-8/RATE = 6e-6.
      assertEquals(0, Math.sqrt(off / size), TOLERANCE, "gradient of the weights");

      double[][] pending = nas.architecture().alpha.gradient;
      if (levels == Levels.JOINT) {
        near(
            byAlpha(ofWeights, weightsPass, alphaBefore),
            pending,
            "α's share of the weights' pass");
      } else {
        assertEquals(
            0, Arrays.stream(pending).flatMapToDouble(Arrays::stream).map(Math::abs).sum());
      }
    }
  }

  @Test
  void noTwoPassesShareADraw() {
    Cells cells = new Cells(CellSpace.small(), Activations.of("relu").get());
    SearchSettings settings = settings().accumulation(3).relaxation(Relaxation.SOFTMAX);
    try (Learner learner = Rings.learner(cells, 1);
        GradientOptimizer nas = new GradientOptimizer(settings, cells, learner, 4, 7)) {
      Set<Long> draws = new HashSet<>();
      var turn = Rings.batches(3, 8, 1).epoch(learner.manager(), 0).iterator();
      List<Batch> batches = List.of(turn.next(), turn.next(), turn.next());
      for (int step = 0; step < 12; step++) {
        nas.step(batches, batches);
        for (Turn t : Turn.values()) {
          for (int b = 0; b < 3; b++) {
            assertTrue(draws.add(nas.draw(t, b)), "step %d, %s, batch %d".formatted(step, t, b));
          }
        }
        if (step % 4 == 3) {
          nas.endEpoch();
        }
      }
    }
  }

  /**
   * All inputs of α's part of the training set are 1 and all inputs of the weights' part are −1, so
   * that a layer of the network can record from which part a batch is.
   */
  @Test
  void aSearchTakesAlphasBatchFirstAndThenTheWeights() {
    List<String> passes = new ArrayList<>();
    Cells cells = new Cells(CellSpace.small(), Activations.of("relu").get());
    Block network =
        new SequentialBlock()
            .add(
                LambdaBlock.singleton(
                    x -> {
                      passes.add(x.getFloat(0, 0) > 0 ? "α" : "w");
                      return x;
                    }))
            .add(Linear.builder().setUnits(4).build())
            .add(cells.get())
            .add(Linear.builder().setUnits(2).build());
    SearchSettings settings =
        settings().accumulation(2).epochs(2).shrinking(Shrinking.OFF).batchSize(8);
    try (Learner learner =
        new Learner(network, Loss.softmaxCrossEntropyLoss(), new Shape(8, 2), 1)) {
      passes.clear();
      new Search(settings, cells, learner, Progress.Listener.NONE)
          .run(
              new grafs.train.SyntheticBatches(
                  5, 8, new Shape(2), 1, (r, x, l) -> Arrays.fill(x, -1)),
              new grafs.train.SyntheticBatches(
                  2, 8, new Shape(2), 2, (r, x, l) -> Arrays.fill(x, 1)),
              1);
    }
    String epoch = "ααww" + "ααww" + "ααw" + "αα";
    String all = String.join("", passes);
    assertTrue(all.endsWith(epoch + epoch), "steps of two batches each, then the score: " + all);
  }
}
