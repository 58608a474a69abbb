package grafs.bench;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Grid;
import grafs.model.Activations;
import grafs.search.ArchitectureParameters;
import grafs.search.Relaxation;
import java.util.concurrent.TimeUnit;
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
 * One activation of a float32 tensor of N(0, 1): known functions and the relaxed cell of the
 * paper's space, which tabulates itself anew in every pass. A backward pass is that of the loss Σ
 * y·g for a fixed g of the tensor's shape; it goes to the tensor and, for a cell, to β too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CellBenchmark {

  /** The function. */
  public enum Activation {
    /** max(x, 0). */
    RELU,
    /** x·Φ(x). */
    GELU,
    /** The relaxed cell, tabulated. */
    TABULATED,
    /** The relaxed cell, every operation on every element. */
    EXACT
  }

  private static final long SEED = 1;

  /** The function. */
  @Param("RELU")
  public Activation activation;

  /** The tensor's shape. */
  @Param("64,16,32,32")
  public String shape;

  private NDManager manager;
  private ParameterStore store;
  private NDArray tensor;
  private NDArray upstream;
  private Block block;
  private ActivationCells cells;
  private ArchitectureParameters alpha;

  /** Draws the tensors and makes the activation. */
  @Setup
  public void begin() {
    manager = NDManager.newBaseManager();
    store = new ParameterStore(manager, false);
    Engine.getInstance().setRandomSeed((int) SEED);
    Shape size =
        new Shape(java.util.Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray());
    tensor = manager.randomNormal(size);
    upstream = manager.randomNormal(size);
    switch (activation) {
      case RELU -> block = Activations.of("relu").get();
      case GELU -> block = Activations.of("gelu").get();
      case TABULATED -> cell(ActivationCells.Evaluation.TABULATED);
      case EXACT -> cell(ActivationCells.Evaluation.EXACT);
    }
    block.initialize(manager, DataType.FLOAT32, size);
  }

  private void cell(ActivationCells.Evaluation evaluation) {
    CellSpace space = CellSpace.paper();
    cells = new ActivationCells(space, evaluation, Grid.DEFAULT, Activations.of("relu").get());
    block = cells.get();
    alpha = new ArchitectureParameters(space, manager, SEED);
  }

  /** Frees the tensors. */
  @TearDown
  public void end() {
    manager.close();
  }

  /** The function's values, nothing followed by autograd. */
  @Benchmark
  public void forward() {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      follow(false);
      relax(true);
      block.forward(store, new NDList(tensor), false);
    }
    Queue.drain();
  }

  /** Forward and backward as in an α step: for a cell, also to α. */
  @Benchmark
  public void alphaStep() {
    forwardAndBackward(false);
  }

  /** Forward and backward as in a weight step: the cell's mixing weights are held. */
  @Benchmark
  public void weightStep() {
    forwardAndBackward(true);
  }

  private void forwardAndBackward(boolean held) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      follow(true);
      relax(held);
      // The same memory as a new leaf: its gradient starts empty, as within a network.
      NDArray x = tensor.stopGradient();
      x.setRequiresGradient(true);
      NDArray y = block.forward(store, new NDList(x), true).head();
      collector.backward(y.mul(upstream).sum());
      if (cells != null) {
        cells.backward(collector);
      }
    }
    Queue.drain();
  }

  private void follow(boolean followed) {
    block.getParameters().values().forEach(p -> p.getArray().setRequiresGradient(followed));
  }

  private void relax(boolean held) {
    if (cells != null) {
      // Softmax draws nothing.
      CellWeights weights =
          held
              ? Relaxation.SOFTMAX.held(alpha, 1, null)
              : Relaxation.SOFTMAX.weights(alpha, 1, null);
      cells.relax(weights);
    }
  }
}
