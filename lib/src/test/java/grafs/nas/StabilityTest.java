package grafs.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.dataset.Batch;
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.data.BatchSource;
import grafs.lab.Scale;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * At ten times the learning rates of the scale {@code quick} no value and no gradient of a search
 * over the paper's space stops being finite.
 */
class StabilityTest {

  private static final int DEPTH = 8;
  private static final int SIDE = 8;
  private static final int SIZE = 8;
  private static final int EPOCH = 100;

  /** Finite inputs up to here must give finite outputs; larger ones tell of diverged weights. */
  private static final float LARGEST = 1e30f;

  private enum Draws {
    NONE(Relaxation.SOFTMAX, CellWarmStart.DEFAULT),
    PER_CELL(Relaxation.DRNAS, CellWarmStart.DRNAS);

    final Relaxation relaxation;
    final CellWarmStart start;

    Draws(Relaxation relaxation, CellWarmStart start) {
      this.relaxation = relaxation;
      this.start = start;
    }
  }

  @ParameterizedTest
  @EnumSource
  void staysFinite(Draws draws) {
    search(draws, 200, 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @Tag("slow")
  void staysFiniteForLong(long seed) {
    search(Draws.NONE, 2000, seed);
  }

  private static void search(Draws draws, int steps, long seed) {
    SearchSettings quick = Scale.resnet("quick").search();
    SgdSettings sgd = (SgdSettings) quick.weights();
    SearchSettings settings =
        new SearchSettings(
            1,
            steps / EPOCH,
            Shrinking.OFF,
            SIZE,
            new SgdSettings(
                10 * sgd.learningRate(), sgd.momentum(), sgd.weightDecay(), sgd.decay()),
            10 * quick.alphaLearningRate(),
            draws.start,
            draws.relaxation,
            quick.order(),
            1);
    Block relu = Activations.of("relu").get();
    ActivationCells cells =
        new ActivationCells(
            CellSpace.paper(), ActivationCells.Evaluation.TABULATED, Grid.DEFAULT, relu);
    int[] taken = new int[1];
    long begin = System.nanoTime();
    try (Learner learner = Gratings.learner(DEPTH, watched(cells), SIDE, seed)) {
      BatchSource checked =
          beforeEach(
              Gratings.batches(EPOCH, SIZE, SIDE, seed),
              () -> {
                taken[0]++;
                assertFinite(learner.state(), "step " + taken[0] + " of seed " + seed);
              });
      SearchResult result =
          new BilevelSearch(settings, cells, learner, relu, Progress.Listener.NONE)
              .run(
                  checked,
                  Gratings.batches(EPOCH, SIZE, SIDE, seed + 100),
                  seed,
                  null,
                  epoch ->
                      assertHealthy(
                          cells, settings.relaxation(), epoch.alpha(), learner.manager()));
      assertFinite(learner.state(), "the end of seed " + seed);
      System.out.printf(
          "%s, seed %d: %d steps in %.1f s, loss %.3f, %s%n",
          draws,
          seed,
          steps,
          (System.nanoTime() - begin) / 1e9,
          result.epochs().get(result.epochs().size() - 1).train().loss(),
          result.found());
    }
  }

  /** Cells that fail where an input of usual size does not give a finite output. */
  private static Supplier<Block> watched(ActivationCells cells) {
    return () -> {
      int cell = cells.instances();
      boolean[] usual = new boolean[1];
      return new SequentialBlock()
          .add(
              LambdaBlock.singleton(
                  x -> {
                    usual[0] = largest(x) < LARGEST;
                    return x;
                  }))
          .add(cells.get())
          .add(
              LambdaBlock.singleton(
                  y -> {
                    assertTrue(!usual[0] || Divergence.finite(y), "output of cell " + cell);
                    return y;
                  }));
    };
  }

  /** {@return the largest absolute value, or NaN} */
  private static float largest(NDArray x) {
    try (NDArray values = x.stopGradient();
        NDArray sizes = values.abs();
        NDArray largest = sizes.max()) {
      return largest.getFloat();
    }
  }

  private static BatchSource beforeEach(BatchSource batches, Runnable check) {
    return new BatchSource() {
      @Override
      public int batchesPerEpoch() {
        return batches.batchesPerEpoch();
      }

      @Override
      public Iterable<Batch> epoch(NDManager manager, int epoch) {
        Iterator<Batch> iterator = batches.epoch(manager, epoch).iterator();
        return () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return iterator.hasNext();
              }

              @Override
              public Batch next() {
                check.run();
                return iterator.next();
              }
            };
      }
    };
  }

  /** A gradient that is not finite makes the weights so in the next step of the optimizer. */
  private static void assertFinite(Map<String, NDArray> state, String when) {
    state.forEach(
        (name, array) ->
            assertTrue(Divergence.finite(array), name + " is not finite before " + when));
  }

  /** All operations of all cells have finite values and gradients everywhere on the grid. */
  private static void assertHealthy(
      ActivationCells cells,
      Relaxation relaxation,
      ArchitectureParameters.Values values,
      NDManager manager) {
    try (NDScope scope = new NDScope();
        ArchitectureParameters alpha = new ArchitectureParameters(cells.space(), manager, 0)) {
      scope.suppressNotUsedWarning();
      alpha.unary().set(flat(values.unary()));
      alpha.binary().set(flat(values.binary()));
      assertTrue(Divergence.finite(alpha.unary()) && Divergence.finite(alpha.binary()), "α");
      assertEquals(Optional.empty(), cells.culprit(relaxation.mean(alpha)));
    }
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(rows[r], 0, flat, r * rows[r].length, rows[r].length);
    }
    return flat;
  }
}
