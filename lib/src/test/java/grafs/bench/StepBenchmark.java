package grafs.bench;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.cell.Operation;
import grafs.model.Activations;
import grafs.model.ResNet;
import grafs.nas.Search;
import grafs.nas.SearchSettings;
import grafs.nas.SearchSettings.Levels;
import grafs.run.Scale;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.Training;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
 * Measures one step of ResNet-20 on random images of CIFAR's shape [batch, 3, 32, 32], including
 * the time to make its batches. The step is a training step with ReLU or with a found function, or
 * a step of a search. In a search every activation is a relaxed cell, a mixture of candidate
 * operations whose weights depend on parameters α. A search step has one pass for α and one for the
 * network's weights, each a forward and a backward pass of a batch. The settings are those of the
 * scale {@code quick}, except two: the search has no warm start (first epochs, in which only the
 * weights of the network with ReLU are trained), and it drops no operations. So every step measured
 * is a full search step. {@link Benchmarks} and {@link GpuCheck} run this benchmark.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class StepBenchmark {

  /** The kinds of steps. */
  public enum Kind {
    /** A training step with ReLU. */
    PLAIN,
    /** A training step with a found function. */
    FOUND,
    /** A step of a search by the method DrNAS in the search space of arXiv 2408.06820. */
    SEARCH,
    /** The same as SEARCH, but with {@link Levels#JOINT}: each pass trains α and the weights. */
    JOINT,
    /** The same as SEARCH, but in a search space that has each of SEARCH's operations twice. */
    DOUBLED
  }

  private static final int DEPTH = 20;
  private static final long SEED = 1;

  /** The kind of step. */
  @Param("PLAIN")
  public Kind kind;

  /** The batch size. */
  @Param("64")
  public int batch;

  /** The function of {@link Kind#FOUND}. */
  @Param("max(abs(leaky_relu(x)), gate(x, x))")
  public String function;

  private SteppedLoop loop;

  /** Starts the training or search whose steps are measured. */
  @Setup
  public void begin() {
    loop =
        new SteppedLoop(
            switch (kind) {
              case PLAIN -> l -> train(l, Activations.of("relu"));
              case FOUND -> l -> train(l, Expression.parse(function));
              case SEARCH -> l -> search(l, CellSpace.paper(), Levels.BILEVEL);
              case JOINT -> l -> search(l, CellSpace.paper(), Levels.JOINT);
              case DOUBLED -> l -> search(l, doubled(CellSpace.paper()), Levels.BILEVEL);
            });
  }

  /** Ends the training or search. */
  @TearDown
  public void end() {
    loop.close();
  }

  /** Takes one step, and waits until a GPU has computed it. */
  @Benchmark
  public void step() {
    loop.step();
    Queue.drain();
  }

  /**
   * Trains a network. The loop pauses before each batch is made, and so before each step.
   *
   * @param stepped the loop, which waits in {@link SteppedLoop#pause} for the next step
   * @param activation makes the activations of the network
   */
  private void train(SteppedLoop stepped, Supplier<? extends Block> activation) {
    RandomBatches batches = new RandomBatches(batch, stepped::pause);
    try (Learner learner = learner(activation)) {
      new Training(
              learner,
              Scale.resnet("quick").search().weights(),
              batches,
              batches,
              1,
              1,
              Progress.Listener.NONE)
          .run("plain");
    }
  }

  /**
   * Runs a search. The loop pauses before each step.
   *
   * @param stepped the loop, which waits in {@link SteppedLoop#pause} for the next step
   * @param space the search space
   * @param levels which of the two passes of a step trains the weights, and which trains α
   */
  private void search(SteppedLoop stepped, CellSpace space, Levels levels) {
    SearchSettings settings =
        Scale.resnet("quick")
            .search()
            .without(SearchSettings.Technique.WARM_START)
            .without(SearchSettings.Technique.SHRINKING)
            .levels(levels);
    AtomicInteger looked = new AtomicInteger();
    Cells cells = new Cells(space, Activations.of("relu").get());
    try (Learner learner = learner(cells)) {
      new Search(settings, cells, learner, Progress.Listener.NONE)
          .run(
              new RandomBatches(batch, () -> {}),
              // The search computes a loss on the first batch for α before its first step, so there
              // is no pause for this batch. Each step then takes one batch for α.
              new RandomBatches(
                  batch,
                  () -> {
                    if (looked.incrementAndGet() > 1) {
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

  /**
   * {@return the space with a copy of each operation added, whose name ends with {@code _again}}
   */
  private static CellSpace doubled(CellSpace space) {
    return space.with(
        Stream.concat(space.unary().stream(), space.binary().stream())
            .map(
                op ->
                    new Operation(
                        op.name() + "_again",
                        op.arity(),
                        op.beta(),
                        op.betaDeviation(),
                        op.range(),
                        op.function(),
                        op.formulas()))
            .toArray(Operation[]::new));
  }
}
