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
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.model.Activations;
import grafs.nas.ArchitectureParameters;
import grafs.nas.Relaxation;
import java.util.Arrays;
import java.util.SplittableRandom;
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
 * One activation of a float32 tensor of N(0, 1): ReLU, GELU, a found function, and the relaxed cell
 * of the paper's space with DrNAS. A backward pass is that of the loss Σ y·g for a fixed g of the
 * tensor's shape; it goes to the tensor and, in a step of α, to α and β too.
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
    /** Three operations, read from a table. */
    FOUND,
    /** The relaxed cell. */
    CELL
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
  private Cells cells;
  private ArchitectureParameters architecture;
  private final SplittableRandom random = new SplittableRandom(SEED);

  /** Draws the tensors and makes the activation. */
  @Setup
  public void begin() {
    manager = NDManager.newBaseManager();
    store = new ParameterStore(manager, false);
    Engine.getInstance().setRandomSeed((int) SEED);
    Shape size = new Shape(Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray());
    tensor = manager.randomNormal(size);
    upstream = manager.randomNormal(size);
    switch (activation) {
      case RELU -> block = Activations.of("relu").get();
      case GELU -> block = Activations.of("gelu").get();
      case FOUND -> block = Expression.parse("max(abs(leaky_relu(x)), gate(x, x))").get();
      case CELL -> {
        CellSpace space = CellSpace.paper();
        cells = new Cells(space, Activations.of("relu").get());
        block = cells.get();
        architecture = new ArchitectureParameters(space, SEED);
      }
    }
    block.initialize(manager, DataType.FLOAT32, size);
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
      relax(false);
      block.forward(store, new NDList(tensor), false);
    }
    Queue.drain();
  }

  /** Forward and backward as in an α step: for a cell, also to α and β. */
  @Benchmark
  public void alphaStep() {
    forwardAndBackward(true);
  }

  /** Forward and backward as in a weight step. */
  @Benchmark
  public void weightStep() {
    forwardAndBackward(false);
  }

  private void forwardAndBackward(boolean alpha) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      Relaxation.Draw draw = relax(alpha);
      // The same memory as a new leaf: its gradient starts empty, as within a network.
      NDArray x = tensor.stopGradient();
      x.setRequiresGradient(true);
      NDArray y = block.forward(store, new NDList(x), true).head();
      collector.backward(y.mul(upstream).sum());
      if (cells != null && alpha) {
        draw.backward(cells.gradient().weights(), architecture.alphaValues());
      }
    }
    Queue.drain();
  }

  private Relaxation.Draw relax(boolean differentiable) {
    if (cells == null) {
      return null;
    }
    Relaxation.Draw draw =
        Relaxation.DRNAS.draw(
            architecture.alpha(), architecture.candidates(), cells.instances(), random);
    cells.relax(architecture.weights(draw.weights()), differentiable);
    return draw;
  }
}
