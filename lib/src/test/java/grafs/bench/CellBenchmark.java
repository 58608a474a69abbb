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
 * Measures the forward pass, or the forward and the backward pass, of one activation on a float32
 * tensor x of N(0, 1) numbers. The activation is ReLU, GELU, a found function, or the relaxed cell
 * that a search trains. The relaxed cell mixes the candidate operations of the paper's search space
 * (arXiv 2408.06820). The weights of the mixture are drawn at random, by the search method DrNAS,
 * from a distribution with parameters α; some operations have a parameter β. The loss of a backward
 * pass is Σ y·g, where y is the activation's value and g a fixed tensor of the same shape. The pass
 * computes the derivative of the loss with respect to x and, in a step that trains α, also with
 * respect to α and β. {@link Benchmarks} runs this benchmark.
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
     * A function such as searches find. The library reads its values from a table, instead of
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

  /** Draws the tensors x ({@code tensor}) and g ({@code upstream}), and creates the activation. */
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

  /** Computes the activation's values, without recording the operations for a backward pass. */
  @Benchmark
  public void forward() {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      relax(false);
      block.forward(store, new NDList(tensor), false);
    }
    Queue.drain();
  }

  /**
   * Takes a forward and a backward pass as in a step that trains α: with the relaxed cell, the
   * backward pass also computes the gradients with respect to α and β.
   */
  @Benchmark
  public void alphaStep() {
    forwardAndBackward(true);
  }

  /**
   * Takes a forward and a backward pass as in a step that trains the network's weights, which does
   * not need the gradients with respect to α and β.
   */
  @Benchmark
  public void weightStep() {
    forwardAndBackward(false);
  }

  private void forwardAndBackward(boolean alpha) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      Relaxation.Draw draw = relax(alpha);
      // A new leaf of the autograd graph, which shares the memory of tensor and starts without a
      // gradient in each invocation.
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
   * Draws the weights of the mixture, and sets the relaxed cell to them. Does nothing for any other
   * activation.
   *
   * @param differentiable whether a backward pass follows that computes the gradient with respect
   *     to these weights
   * @return the weights drawn; null if the activation is not the relaxed cell
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
