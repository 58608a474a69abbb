package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The activation cells of one network: a factory of activation blocks for building it, and the
 * switch that decides what they all compute: the default activation at first, then a function or
 * the relaxed cell.
 *
 * <p>One pass of a search is {@link #relax}, the network's forward pass, the loss's backward pass,
 * {@link #gradient}.
 */
public final class Cells implements Supplier<Block> {

  private final CellSpace space;
  private final Block defaultActivation;
  private final RelaxedCell cell;
  private final RelaxedCell.Nodes nodes;

  /** What the instances compute while no pass is under way. */
  private Block function;

  /** The pass of relaxed cells that is under way; null while a function is computed. */
  private RelaxedPass pass;

  private int instances;

  private Consumer<NDArray> observer = x -> {};

  /**
   * Creates the cells of a network to be built.
   *
   * @param space the search space
   * @param defaultActivation what the cells compute at first; a block without parameters
   */
  public Cells(CellSpace space, Block defaultActivation) {
    this.space = space;
    this.defaultActivation = defaultActivation;
    function = defaultActivation;
    cell = new RelaxedCell(space);
    nodes = cell.prepare(UniformGrid.SEARCH.values());
  }

  /** {@return a new activation block for one place in the network} */
  @Override
  public Block get() {
    return new Instance(instances++);
  }

  /** {@return the relaxed cell of the search space} */
  public RelaxedCell relaxed() {
    return cell;
  }

  /** {@return the search space} */
  public CellSpace space() {
    return space;
  }

  /**
   * Computes the default activation.
   *
   * @param manager of the device that computes
   * @param points the arguments
   * @return its values at the points, computed in float32
   */
  public double[] defaultValues(NDManager manager, double... points) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray x = manager.create(points).toType(DataType.FLOAT32, false);
      NDArray y = defaultActivation.forward(null, new NDList(x), false).head();
      return y.toType(DataType.FLOAT64, false).toDoubleArray();
    }
  }

  /** {@return the number of activation blocks made so far} */
  public int instances() {
    return instances;
  }

  /**
   * Lets all instances compute the relaxed cell, until {@code relax}, {@code compute} or {@code
   * restoreDefault} is called.
   *
   * @param weights the mixing weights, in a row for each instance or in one for all
   * @param differentiable whether {@link #gradient} will be asked for
   */
  public void relax(CellWeights weights, boolean differentiable) {
    compute(function, new RelaxedPass(cell, nodes, weights, differentiable));
  }

  /**
   * Lets all instances compute a function, until {@code relax}, {@code compute} or {@code
   * restoreDefault} is called.
   *
   * @param other the function
   */
  public void compute(Expression other) {
    compute(other.get(), null);
  }

  /**
   * Sets what the instances compute: relaxed cells, or a function where there are none. The table
   * of the function computed until now is freed; it is made again if need be.
   */
  private void compute(Block other, RelaxedPass relaxed) {
    if (function instanceof FunctionBlock block) {
      block.release();
    }
    function = other;
    pass = relaxed;
  }

  /** Lets all instances compute the default activation again. */
  public void restoreDefault() {
    compute(defaultActivation, null);
  }

  /**
   * Backpropagates to the mixing weights and β, from the gradients that the network's backward pass
   * has left at the activations.
   *
   * @return the derivatives of the loss
   */
  public CellWeights.Gradient gradient() {
    return pass.gradient();
  }

  /**
   * Samples pre-activations, the inputs of the cells.
   *
   * @param perCell the number of values sampled from each cell in each forward pass, with
   *     replacement
   * @param seed the seed of the sampling
   * @param forward runs the network, once or several times
   * @return the sampled values of all cells
   */
  public float[] inputs(int perCell, long seed, Runnable forward) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Float> samples = new ArrayList<>();
    observer =
        x -> {
          float[] all = x.toFloatArray();
          for (int i = 0; i < perCell; i++) {
            samples.add(all[random.nextInt(all.length)]);
          }
        };
    try {
      forward.run();
    } finally {
      observer = x -> {};
    }
    float[] joined = new float[samples.size()];
    for (int i = 0; i < joined.length; i++) {
      joined[i] = samples.get(i);
    }
    return joined;
  }

  /** One place of the network that holds a cell. */
  private final class Instance extends AbstractBlock {

    private final int index;

    Instance(int index) {
      this.index = index;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      observer.accept(x);
      return pass == null
          ? function.forward(store, inputs, training, params)
          : new NDList(pass.read(index, x));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
