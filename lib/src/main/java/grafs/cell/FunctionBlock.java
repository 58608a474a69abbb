package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Map;

/**
 * Computes a function, its β being constants, by reading it from a table, at about the cost of ReLU
 * for any function. Output and input have the same shape.
 *
 * <p>On a CPU, in float32, values are within 1e-5 (relative) of the function's own, since beyond ±8
 * there is another table with segments of relative width, and since the function is evaluated
 * exactly where a table is inaccurate, as at kinks. On other devices and in other precisions only
 * the table is read: near a kink the error is up to 1e-4 times its change of slope, and beyond ±8
 * the function continues linearly.
 */
public final class FunctionBlock extends AbstractBlock {

  /**
   * A parameter of {@code forward} by which the caller hands over the input tensor: the block
   * closes it after computing the output, to free its memory.
   */
  public static final PairList<String, Object> OWNED = new PairList<>(Map.of("grafs.owned", true));

  private final Expression function;
  private final OctaveTable far;

  /** Value and slope at NaN, which a network that diverges has everywhere; null until needed. */
  private volatile double[] atNaN;

  private Table here;
  private Table there;

  /**
   * The manager of the network's weights, which owns the table on a device; null before the block
   * is initialised.
   */
  private NDManager owner;

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
    NDArray y = Host.takes(x) ? apply(x, here()) : there().readThere(0, x, owner, false);
    if (params == OWNED) {
      x.close();
    }
    return new NDList(y);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    owner = manager;
  }

  /** Reads the table, and evaluates at once what it leaves. */
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

  private void evaluate(float x, double[] d) {
    if (Float.isNaN(x)) {
      if (atNaN == null) {
        function.evaluate(x, d);
        atNaN = d.clone();
      }
      System.arraycopy(atNaN, 0, d, 0, 2);
    } else if (Math.abs(x) >= OctaveTable.LEAST) {
      far.evaluate(x, d);
    } else {
      function.evaluate(x, d);
    }
  }

  private synchronized Table here() {
    if (here == null) {
      here = table(UniformGrid.FOUND, true);
      markWhereFarOff(here, UniformGrid.FOUND);
    }
    return here;
  }

  /** Frees the table on a device; the next pass there makes it again. */
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

  private void markWhereFarOff(Table table, UniformGrid grid) {
    double[] d = new double[2];
    double[] read = new double[2];
    for (int s = 0; s < grid.segments(); s++) {
      for (double t : Table.CHECKED) {
        function.evaluate((s + t) * grid.width() - grid.radius(), d);
        table.evaluate(0, s, t, read);
        if (!Table.close(read, d)) {
          table.mark(0, s);
          break;
        }
      }
    }
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
