package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Map;

/**
 * A DJL block that computes an activation function f, given as an {@link Expression}, a tree of
 * operations. The scalars β that some operations have, as in β·x, are constants here, not
 * parameters. The block reads the values from a table, so that any function takes about as long as
 * ReLU. The output has the shape of the input.
 *
 * <p>For float32 on a CPU, values are within 1e-5·max(|f(x)|, 0.01) of f(x). For |x| &lt; 8 they
 * are read from a {@link Table}, for larger |x| from an {@link OctaveTable}. Where a table is
 * inaccurate, as at kinks (points where the slope jumps), f itself is evaluated.
 *
 * <p>On other devices and in other precisions only a table over [−8, 8] is read. Near a kink the
 * error of the value is then up to 3e-5 times the jump of the slope. Beyond ±8 the block does not
 * compute f, but continues it linearly. Where f overflows float32, the value is ±∞; where x itself
 * is ±∞, the value is NaN.
 */
public final class FunctionBlock extends AbstractBlock {

  /**
   * A caller that does not need the input tensor any more passes this list as the argument {@code
   * params} of {@code forward}. The block then closes the input once it has computed the output, to
   * free memory early. This very object must be passed; an equal list has no effect.
   */
  public static final PairList<String, Object> OWNED = new PairList<>(Map.of("grafs.owned", true));

  private final Expression function;

  /** The table at |x| ≥ 8 for float32 on a CPU. */
  private final OctaveTable far;

  /**
   * The value and the slope of the function at NaN; null until needed. They are stored to save
   * time: in a network that has diverged, every element is NaN.
   */
  private volatile double[] atNaN;

  /** The table over [−8, 8] for float32 on a CPU; null until needed. */
  private Table here;

  /** The table over [−8, 8] for other devices and precisions; null until needed. */
  private Table there;

  /**
   * Creates a block.
   *
   * @param function the function that the block computes
   */
  public FunctionBlock(Expression function) {
    this.function = function;
    far = new OctaveTable(function);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    // The table 'there' is stored in a tensor. The manager of the network's weights owns this
    // tensor, so that it is kept from pass to pass. Without a store, the manager of x owns it.
    NDManager owner = store == null ? null : store.getManager();
    NDArray y = Host.takes(x) ? apply(x, here()) : there().readThere(0, x, owner, false);
    if (params == OWNED) {
      x.close();
    }
    return new NDList(y);
  }

  /**
   * Reads the value and the slope at each element of x from the table over [−8, 8]. At elements
   * that this table leaves out, such as those beyond ±8 or near a kink, {@link #evaluate} computes
   * both, one element at a time.
   */
  private NDArray apply(NDArray x, Table table) {
    return Host.apply(
        x,
        block -> {
          int left = table.read(0, block);
          double[] d = new double[2];
          for (int i = 0; i < left; i++) {
            int k = block.left[i];
            evaluate(block.x[k], d);
            block.y[k] = (float) d[0];
            block.slope[k] = (float) d[1];
          }
          return 0;
        },
        null);
  }

  /** Computes value and slope at one element that the table over [−8, 8] leaves out. */
  private void evaluate(float x, double[] d) {
    if (Float.isNaN(x)) {
      if (atNaN == null) {
        function.evaluate(x, d);
        atNaN = d.clone();
      }
      System.arraycopy(atNaN, 0, d, 0, 2);
    } else if (Math.abs(x) >= UniformGrid.RADIUS) {
      far.evaluate(x, d);
    } else {
      function.evaluate(x, d);
    }
  }

  private synchronized Table here() {
    if (here == null) {
      here = table(UniformGrid.FOUND, true);
      here.mark(function);
    }
    return here;
  }

  /**
   * Frees the tensor of the table {@code there}; the next pass that reads this table creates it
   * again.
   */
  synchronized void release() {
    if (there != null) {
      there.release();
    }
  }

  private synchronized Table there() {
    if (there == null) {
      there = table(UniformGrid.DEVICE, false);
    }
    return there;
  }

  private Table table(UniformGrid grid, boolean exactEnds) {
    Table table = new Table(grid, 1, exactEnds);
    table.set(0, function.values(grid.values()));
    return table;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }

  @Override
  public String toString() {
    return function.toString();
  }
}
