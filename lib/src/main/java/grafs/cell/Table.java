package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Functions tabulated on a {@link UniformGrid}, one in each row. A network reads them from the
 * segment that x falls into, with t ∈ [0, 1] along it,
 *
 * <pre>y = c₀ + c₁·t + c₂·t²,  dy/dx = (c₁ + 2·c₂·t)/width</pre>
 *
 * <p>For a float32 tensor on a CPU this is one loop over its memory, and elements beyond the grid
 * or in a marked segment are evaluated exactly. Elsewhere the coefficients are gathered by tensor
 * operations, and beyond the grid the function continues along its chord over the outermost
 * interval of length 1.
 */
final class Table {

  /** Where a segment is compared with the function, t from 0 to 1. */
  static final double[] CHECKED = {0.01, 0.25, 0.75, 0.99};

  /**
   * The largest error of a value in a segment that is read from the table, relative to max(|f(x)|,
   * 0.01); then that of a slope, relative to max(|f′(x)|, 1).
   */
  private static final double VALUE_TOLERANCE = 3e-6;

  private static final double SLOPE_TOLERANCE = 1e-4;

  private static final int POWERS = 3;

  /**
   * 1.5·2²³: added to a small number, it leaves the nearest integer in the lowest bits of the sum.
   * Reading these bits is faster in Java than a cast.
   */
  private static final float ROUND = 1.5f * (1 << 23);

  /** The row of coefficients for the range below the grid; the segments' rows follow. */
  private static final int BELOW = 1;

  private static final int SEGMENTS = BELOW + 1;

  private final UniformGrid grid;
  private final boolean exactEnds;

  /**
   * The row of the segment that begins at 0, an even number, so that 0 itself is read there (see
   * {@link #ROUND}; of two integers that are equally near, a sum is rounded to the even one).
   */
  private final int middle;

  /** The row for the range above the grid. */
  private final int above;

  /** Ones in all bits of a row's number. */
  private final int mask;

  private final float perWidth;

  /** The number of nodes in the chord that continues a function beyond the grid. */
  private final int chord;

  /**
   * By function, {@code [row][power]} in rows of four: those of the range below the grid, of the
   * segments, of the range above, and unused ones up to {@link #mask}. Where c₀ is NaN, the
   * function itself is evaluated.
   */
  private final float[][] coefficients;

  /**
   * The coefficients as a tensor {@code [power, functions·rows]}, created when first read on a GPU.
   */
  private NDArray onDevice;

  /**
   * Creates a table to be filled.
   *
   * @param grid the grid
   * @param functions the number of functions
   * @param exactEnds whether {@link #read} leaves elements beyond the grid
   */
  Table(UniformGrid grid, int functions, boolean exactEnds) {
    this.grid = grid;
    this.exactEnds = exactEnds;
    middle = SEGMENTS + grid.segments() / 2;
    above = SEGMENTS + grid.segments();
    mask = 2 * Integer.highestOneBit(above) - 1;
    perWidth = (float) (1 / grid.width());
    chord = (int) Math.min(grid.nodes() - 1, Math.max(1, Math.round(2 / grid.width())));
    coefficients = new float[functions][4 * (mask + 1)];
    for (float[] each : coefficients) {
      Arrays.fill(each, Float.NaN);
    }
  }

  /**
   * Computes the coefficients of a function's parabolas.
   *
   * @param function its number
   * @param y its values at the grid's nodes
   */
  void set(int function, double... y) {
    int end = grid.nodes() - 1;
    if (!exactEnds) {
      double before = (y[chord] - y[0]) * 2 / chord;
      double after = (y[end] - y[end - chord]) * 2 / chord;
      put(function, BELOW, y[0] - before, before, 0);
      put(function, above, y[end], after, 0);
    }
    for (int i = 0; i < end; i += 2) {
      double c1 = -3 * y[i] + 4 * y[i + 1] - y[i + 2];
      put(function, SEGMENTS + i / 2, y[i], c1, y[i + 2] - y[i] - c1);
    }
  }

  /** Puts the coefficients into a row; that of a value that is not finite is left. */
  private void put(int function, int row, double... c) {
    boolean finite = Float.isFinite((float) c[0] + (float) c[1] + (float) c[2]);
    for (int power = 0; power < POWERS; power++) {
      coefficients[function][4 * row + power] = finite ? (float) c[power] : Float.NaN;
    }
  }

  /** Marks a segment of a function, counted from 0, so that {@link #read} leaves it. */
  void mark(int function, int segment) {
    coefficients[function][4 * (SEGMENTS + segment)] = Float.NaN;
  }

  /** Computes value and slope of a function at a point of a segment, t from 0 to 1. */
  void evaluate(int function, int segment, double t, double[] d) {
    float[] c = coefficients[function];
    int at = 4 * (SEGMENTS + segment);
    d[0] = c[at] + t * (c[at + 1] + t * c[at + 2]);
    d[1] = (c[at + 1] + t * 2 * c[at + 2]) / grid.width();
  }

  /** {@return whether value and slope as read are close enough to the function's own} */
  static boolean close(double[] read, double[] own) {
    return Math.abs(read[0] - own[0]) <= VALUE_TOLERANCE * Math.max(0.01, Math.abs(own[0]))
        && Math.abs(read[1] - own[1]) <= SLOPE_TOLERANCE * Math.max(1, Math.abs(own[1]));
  }

  /**
   * Reads a function at the elements of a block; its values at elements that are left are NaN.
   *
   * <p>The work is done in three loops, of which Java vectorises the first and the last.
   *
   * @param function its number
   * @param block has the arguments; receives slopes, values, and which elements are left: those in
   *     segments that are marked and, with exact ends, beyond the grid
   * @return how many are left
   */
  int read(int function, Host.Block block) {
    float[] t = block.slope;
    locate(block.count, block.x, t, block.y);
    int left = gather(coefficients[function], mask, block);
    parabolas(block.count, t, block.y, block.one, block.two, perWidth);
    return left;
  }

  /**
   * Locates elements in the grid.
   *
   * @param count the number of elements
   * @param x the elements
   * @param t receives the places in their segments, 0 to 1
   * @param rows receives floats whose lowest bits are the numbers of the segments' rows
   */
  private void locate(int count, float[] x, float[] t, float[] rows) {
    float scale = perWidth;
    float round = ROUND + middle;
    float lowest = -grid.segments() / 2 - 0.5f;
    float highest = -lowest;
    for (int k = 0; k < count; k++) {
      float position = x[k] * scale;
      float rounded = Math.max(lowest, Math.min(highest, position)) - 0.5f + round;
      t[k] = position - (rounded - round);
      rows[k] = rounded;
    }
  }

  /** Gathers the coefficients of rows: c₀ in place of the rows, c₁, c₂. */
  private static int gather(float[] c, int mask, Host.Block block) {
    float[] rows = block.y;
    float[] c1 = block.one;
    float[] c2 = block.two;
    int[] left = block.left;
    int marked = 0;
    int count = block.count;
    for (int k = 0; k < count; k++) {
      int i = (Float.floatToRawIntBits(rows[k]) & mask) << 2;
      float c0 = c[i];
      rows[k] = c0;
      c1[k] = c[i + 1];
      c2[k] = c[i + 2];
      if (c0 != c0) {
        left[marked++] = k;
      }
    }
    return marked;
  }

  /** Computes values in place of c₀ and slopes in place of t. */
  private static void parabolas(
      int count, float[] t, float[] c0, float[] c1, float[] c2, float scale) {
    for (int k = 0; k < count; k++) {
      float at = t[k];
      c0[k] = c0[k] + at * (c1[k] + at * c2[k]);
      t[k] = (c1[k] + at * (c2[k] + c2[k])) * scale;
    }
  }

  /**
   * Adds a block's derivatives with respect to c₀ and c₁ to the bins: Σ g and Σ g·t of each row.
   *
   * @param block has the arguments as x and the derivatives of the loss with respect to the values
   *     as y
   * @param bins {@code [row][2]}
   */
  void bin(Host.Block block, double[] bins) {
    float[] t = block.one;
    float[] rows = block.two;
    float[] g = block.y;
    locate(block.count, block.x, t, rows);
    for (int k = 0; k < block.count; k++) {
      int i = (Float.floatToRawIntBits(rows[k]) & mask) << 1;
      bins[i] += g[k];
      bins[i + 1] += t[k] * g[k];
    }
  }

  /** {@return zeros for the bins of a function} */
  double[] bins() {
    return new double[2 * (mask + 1)];
  }

  /**
   * Backpropagates derivatives with respect to c₀ and c₁ to the values at the ends of segments, as
   * if the functions were linear between them: an operation o's weight gets a derivative that is
   * off by up to width²·|o″|/8.
   *
   * @param bins {@code [row][2]}
   * @return the derivatives with respect to the values at the nodes
   */
  double[] toNodes(double... bins) {
    double[] nodes = new double[grid.nodes()];
    for (int s = 0; s < grid.segments(); s++) {
      int at = 2 * (SEGMENTS + s);
      nodes[2 * s] += bins[at] - bins[at + 1];
      nodes[2 * s + 2] += bins[at + 1];
    }
    if (!exactEnds) {
      int end = grid.nodes() - 1;
      double before = (bins[2 * BELOW + 1] - bins[2 * BELOW]) * 2 / chord;
      nodes[0] += bins[2 * BELOW] - before;
      nodes[chord] += before;
      double after = bins[2 * above + 1] * 2 / chord;
      nodes[end] += bins[2 * above] + after;
      nodes[end - chord] -= after;
    }
    return nodes;
  }

  /**
   * Reads a function by tensor operations alone, on any device.
   *
   * @param function its number
   * @param x the arguments, any shape
   * @param owner the manager that will own the coefficients on the device, for as long as it is
   *     open or until {@link #release}; null for the scope of this pass
   * @param differentiable whether autograd computes the gradient of the coefficients
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readThere(int function, NDArray x, NDManager owner, boolean differentiable) {
    if (x.getDataType().getNumOfBytes() == 2) {
      // Half precision has too few digits for the numbers of the segments.
      NDArray single = x.toType(DataType.FLOAT32, false);
      return readThere(function, single, owner, differentiable).toType(x.getDataType(), false);
    }
    if (onDevice == null || onDevice.isReleased() || !onDevice.getDevice().equals(x.getDevice())) {
      onDevice = upload(owner == null ? x.getManager() : owner);
      if (owner != null) {
        // The coefficients must outlive the scope of the step.
        NDScope.unregister(onDevice);
      }
      onDevice.setRequiresGradient(differentiable);
    }
    NDArray position = x.mul(Constant.of(x, perWidth));
    NDArray row =
        position
            .stopGradient()
            .add(Constant.of(x, middle))
            .toType(DataType.INT64, false)
            .maximum(Constant.of(x.getDevice(), BELOW))
            .minimum(Constant.of(x.getDevice(), above));
    NDArray t = position.sub(row.toType(DataType.FLOAT32, false).sub(Constant.of(x, middle)));
    NDArray at = function == 0 ? row : row.add(Constant.of(x.getDevice(), function * (above + 1L)));
    NDArray c1AndMore = onDevice.get(2).take(at).mul(t).add(onDevice.get(1).take(at));
    return c1AndMore.mul(t).add(onDevice.get(0).take(at));
  }

  /** Frees the coefficients on the device. */
  void release() {
    if (onDevice != null) {
      onDevice.close();
      onDevice = null;
    }
  }

  private NDArray upload(NDManager owner) {
    int columns = coefficients.length * (above + 1);
    float[] byPower = new float[POWERS * columns];
    for (int i = 0; i < byPower.length; i++) {
      int column = i % columns;
      byPower[i] = coefficients[column / (above + 1)][4 * (column % (above + 1)) + i / columns];
    }
    return owner.create(byPower, new Shape(POWERS, columns));
  }

  /** {@return the gradient of the coefficients on the device, as {@link #bins} by function} */
  double[][] gradientThere() {
    double[][] bins = new double[coefficients.length][2 * (mask + 1)];
    if (onDevice != null && !onDevice.isReleased()) {
      float[] gradient = onDevice.getGradient().toFloatArray();
      int columns = coefficients.length * (above + 1);
      for (int i = 0; i < 2 * columns; i++) {
        int column = i % columns;
        bins[column / (above + 1)][2 * (column % (above + 1)) + i / columns] = gradient[i];
      }
    }
    return bins;
  }
}
