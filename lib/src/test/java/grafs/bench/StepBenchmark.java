package grafs.bench;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.ActivationCells;
import grafs.cell.CellGraph;
import grafs.cell.CellSpace;
import grafs.cell.Grid;
import grafs.lab.Scale;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import grafs.op.Unary;
import grafs.search.BilevelSearch;
import grafs.search.SearchSettings;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Training;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One step of ResNet-20 on images of CIFAR's shape, the making of its batches included: a training
 * step with ReLU, or a search step (α step and weight step) with the settings of the scale {@code
 * quick}, all operations in play and cells warm-started on ReLU.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class StepBenchmark {

  /** What takes a step. */
  public enum Kind {
    /** Training with ReLU. */
    PLAIN,
    /** The search with tabulated cells in the paper's space. */
    TABULATED,
    /** The search with exact cells in the paper's space. */
    EXACT,
    /** The search with tabulated cells, every operation of the paper's space there twice. */
    DOUBLED
  }

  private static final int DEPTH = 20;
  private static final long SEED = 1;

  /** What takes the step. */
  @Param("PLAIN")
  public Kind kind;

  /** The batch size. */
  @Param("64")
  public int batch;

  private SteppedLoop loop;

  /** Starts the loop whose steps are measured. */
  @Setup
  public void begin() {
    loop =
        new SteppedLoop(
            switch (kind) {
              case PLAIN -> this::train;
              case TABULATED ->
                  l -> search(l, ActivationCells.Evaluation.TABULATED, OperationSet.paper());
              case EXACT -> l -> search(l, ActivationCells.Evaluation.EXACT, OperationSet.paper());
              case DOUBLED ->
                  l ->
                      search(
                          l, ActivationCells.Evaluation.TABULATED, doubled(OperationSet.paper()));
            });
  }

  /** Ends the loop. */
  @TearDown
  public void end() {
    loop.close();
  }

  /** Takes one step. */
  @Benchmark
  public void step() {
    loop.step();
    Queue.drain();
  }

  private void train(SteppedLoop stepped) {
    RandomBatches batches = new RandomBatches(batch, stepped::pause);
    try (Learner learner = learner(Activations.of("relu"))) {
      Training.run(
          "plain",
          learner,
          Scale.resnet("quick").search().weights(),
          batches,
          batches,
          1,
          Progress.Listener.NONE);
    }
  }

  private void search(
      SteppedLoop stepped, ActivationCells.Evaluation evaluation, OperationSet operations) {
    SearchSettings settings =
        Scale.resnet("quick").search().without(SearchSettings.Technique.WEIGHT_WARM_START);
    AtomicInteger looked = new AtomicInteger();
    CellSpace space = new CellSpace(CellGraph.PAPER, operations, Bounds.SEARCH);
    Block relu = Activations.of("relu").get();
    ActivationCells cells = new ActivationCells(space, evaluation, Grid.DEFAULT, relu);
    try (Learner learner = learner(cells)) {
      new BilevelSearch(settings, cells, learner, relu, Progress.Listener.NONE)
          .run(
              new RandomBatches(batch, () -> {}),
              // The first two batches for α are looked at to estimate the memory, and in the switch
              // to the cells; from then on each step of the search begins with one.
              new RandomBatches(
                  batch,
                  () -> {
                    if (looked.incrementAndGet() > 2) {
                      stepped.pause();
                    }
                  }),
              SEED);
    }
  }

  private static Learner learner(Supplier<? extends Block> activation) {
    return new Learner(
        ResNet.of(DEPTH, RandomBatches.CLASSES, activation),
        Loss.softmaxCrossEntropyLoss(),
        new Shape(1, 3, 32, 32),
        SEED);
  }

  private static OperationSet doubled(OperationSet set) {
    return set.with(set.unary().stream().map(StepBenchmark::renamed).toArray(Unary[]::new))
        .with(set.binary().stream().map(StepBenchmark::renamed).toArray(Binary[]::new));
  }

  private static Unary renamed(Unary op) {
    return new Unary(
        op.name() + "_again", op.text(), op.latex(), op.beta(), op.function(), op.code());
  }

  private static Binary renamed(Binary op) {
    return new Binary(
        op.name() + "_again", op.text(), op.latex(), op.beta(), op.function(), op.code());
  }
}
