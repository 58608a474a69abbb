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
import org.apache.commons.lang3.ArrayUtils;

/**
 * Makes the blocks that one network uses in place of its activations, and sets what these blocks
 * compute. They are called the instances of the cell. All of them compute the same kind of
 * function: at first a default activation, later a fixed function or the {@link RelaxedCell relaxed
 * cell}. The relaxed cell is a graph of places, each of which computes a weighted sum of the
 * candidate operations of a {@link CellSpace}; the weights are called mixing weights. Some
 * operations have a learnable scalar β, as in β·x.
 *
 * <p>A search differentiates a loss with respect to the mixing weights by calling {@link #relax},
 * the network's forward pass, the loss's backward pass, and {@link #gradient}, in this order.
 */
public final class Cells implements Supplier<Block> {

  private final CellSpace space;
  private final Block defaultActivation;
  private final RelaxedCell cell;

  /**
   * The points x at which the relaxed cell is evaluated in a pass, with the values of the unary
   * operations at these points. The instances interpolate between the points.
   */
  private final RelaxedCell.Nodes nodes;

  /** The block that computes the values of every instance while {@code pass} is null. */
  private Block function;

  /**
   * The current forward and backward pass with relaxed cells; null while the instances compute
   * {@code function}.
   */
  private RelaxedPass pass;

  /** The number of blocks made so far; the next block has this index. */
  private int instances;

  /**
   * Receives the input of every instance in a forward pass; does nothing except in {@link #inputs}.
   */
  private Consumer<NDArray> observer = x -> {};

  /**
   * Creates the cells of a network that is yet to be built.
   *
   * @param space the search space
   * @param defaultActivation the activation that the instances compute at first; a block without
   *     parameters
   */
  public Cells(CellSpace space, Block defaultActivation) {
    this.space = space;
    this.defaultActivation = defaultActivation;
    function = defaultActivation;
    cell = new RelaxedCell(space);
    nodes = cell.prepare(UniformGrid.SEARCH.values());
  }

  /**
   * {@return a new instance, for one activation of the network; its output has the shape of its
   * input}
   */
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
   * Computes the default activation at some points.
   *
   * @param manager a manager of the device to compute on
   * @param points the points
   * @return the values at the points, computed in float32
   */
  public double[] defaultValues(NDManager manager, double... points) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray x = manager.create(points).toType(DataType.FLOAT32, false);
      NDArray y = defaultActivation.forward(null, new NDList(x), false).head();
      return y.toType(DataType.FLOAT64, false).toDoubleArray();
    }
  }

  /** {@return the number of instances made so far} */
  public int instances() {
    return instances;
  }

  /**
   * Makes all instances compute the relaxed cell, until the next call of {@code relax}, {@code
   * compute} or {@code restoreDefault}.
   *
   * @param weights the mixing weights and β; one row of weights for each instance, or one row for
   *     all
   * @param differentiable whether {@link #gradient} will be called after the next backward pass
   */
  public void relax(CellWeights weights, boolean differentiable) {
    compute(function, new RelaxedPass(cell, nodes, weights, differentiable));
  }

  /**
   * Makes all instances compute a function, until the next call of {@code relax}, {@code compute}
   * or {@code restoreDefault}.
   *
   * @param other the function
   */
  public void compute(Expression other) {
    compute(other.get(), null);
  }

  /**
   * Sets what the instances compute. If the block of the present function keeps a table in a GPU's
   * memory, the table is freed. The block creates it again when it is next used on a GPU.
   *
   * @param other the block of the function that the instances compute if {@code relaxed} is null
   * @param relaxed a pass in which the instances compute the relaxed cell; null for none
   */
  private void compute(Block other, RelaxedPass relaxed) {
    if (function instanceof FunctionBlock block) {
      block.release();
    }
    function = other;
    pass = relaxed;
  }

  /** Makes all instances compute the default activation again. */
  public void restoreDefault() {
    compute(defaultActivation, null);
  }

  /**
   * Computes the derivatives of the loss with respect to the mixing weights and β. To be called
   * once, after {@code relax(…, true)}, the network's forward pass and the loss's backward pass.
   *
   * @return the derivatives
   */
  public CellWeights.Gradient gradient() {
    return pass.gradient();
  }

  /**
   * Samples pre-activations, the numbers that the network feeds into the instances.
   *
   * @param perCell how many numbers are sampled from the input of each instance in each forward
   *     pass, uniformly with replacement
   * @param seed the seed of the sampling
   * @param forward runs the network's forward pass once or several times
   * @return the samples of all instances and forward passes, in the order of evaluation
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
    return ArrayUtils.toPrimitive(samples.toArray(Float[]::new));
  }

  /**
   * The block in place of one activation of the network. It computes {@code function} if {@code
   * pass} is null, otherwise the relaxed cell with the mixing weights of its index.
   */
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
