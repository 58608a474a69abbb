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
 * Measures one application of an activation to a float32 tensor x of N(0, 1) numbers: of ReLU,
 * GELU, a found function, or the relaxed cell that a search trains. The relaxed cell mixes the
 * candidate operations of the paper's search space with weights that DrNAS draws, depending on
 * parameters α; some operations have a parameter β. A backward pass is that of the loss Σ y·g,
 * where y is the activation's value and g a fixed tensor of the same shape. It computes the
 * gradient of x and, in a step of α, those of α and β too. {@link Benchmarks} runs it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CellBenchmark {

  /** The activations that can be measured. */
  public enum Activation {
    /** max(x, 0). */
    RELU,
    /** x·Φ(x), where Φ is the distribution function of N(0, 1). */
    GELU,
    /**
     * A found function. A network reads the values of such a function from a table, instead of
     * computing its operations.
     */
    FOUND,
    /** The relaxed cell of the paper's search space. */
    CELL
  }

  private static final long SEED = 1;

  /** The activation. */
  @Param("RELU")
  public Activation activation;

  /** The shape of x, with commas between the sizes, such as batch, channels, height, width. */
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

  /** Draws x ({@code tensor}) and g ({@code upstream}), and makes the activation. */
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

  /** Computes the activation's values, without recording them for a backward pass. */
  @Benchmark
  public void forward() {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      relax(false);
      block.forward(store, new NDList(tensor), false);
    }
    Queue.drain();
  }

  /** Forward and backward pass as in a step of α: of the relaxed cell, down to α and β. */
  @Benchmark
  public void alphaStep() {
    forwardAndBackward(true);
  }

  /** Forward and backward pass as in a step of the weights, which does not need α's gradient. */
  @Benchmark
  public void weightStep() {
    forwardAndBackward(false);
  }

  private void forwardAndBackward(boolean alpha) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      Relaxation.Draw draw = relax(alpha);
      // x as a new leaf of the graph that shares its memory: it has no gradient yet.
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

  /**
   * Draws mixing weights and sets the relaxed cell to them.
   *
   * @param differentiable whether a backward pass to the weights follows
   * @return the draw; null, without doing anything, for other activations
   */
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
