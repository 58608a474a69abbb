package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Tabulates one or more functions of one number on a {@link UniformGrid} over [−8, 8], so that a
 * network can look up their values at its pre-activations (the inputs of its activations). {@link
 * FunctionBlock} tabulates one fixed function. {@link RelaxedPass} tabulates a weighted mixture of
 * operations, as one function for each row of mixing weights. On each segment of the grid a
 * function is replaced by a parabola. With t ∈ [0, 1] along the segment that contains x,
 *
 * <pre>y = c₀ + c₁·t + c₂·t²,  dy/dx = (c₁ + 2·c₂·t)/width</pre>
 *
 * <p>The table is read in two ways. {@link #read} is a loop over Java arrays, for float32 on a CPU.
 * It leaves some elements to its caller, which computes them in another way: those beyond the grid,
 * and those in segments that {@link #mark} has found inaccurate. {@link #readThere} gathers the
 * coefficients by tensor operations, for other devices and precisions. Beyond the grid, {@code
 * readThere} continues a function linearly: along the chord of the function over the interval of
 * length 1 that ends at the end of the grid.
 *
 * <p>The coefficients of each segment are a row of the table. Row 0 is for x = NaN, and row 1 for x
 * below the grid. Then follow the rows of the segments, and one row for x above the grid.
 */
final class Table {

  /**
   * The points of a segment, t from 0 to 1, at which the parabola is compared with the function.
   */
  private static final double[] CHECKED = {0.01, 0.25, 0.75, 0.99};

  /** The largest error of a value that {@link #close} accepts, relative to max(|f(x)|, 0.01). */
  private static final double VALUE_TOLERANCE = 3e-6;

  /** The largest error of a slope that {@link #close} accepts, relative to max(|f′(x)|, 1). */
  private static final double SLOPE_TOLERANCE = 1e-4;

  /** The number of coefficients of a parabola. */
  private static final int POWERS = 3;

  /**
   * 1.5·2²³. A float of this magnitude has no fractional bits: when a small number is added, the
   * sum is rounded to an integer, which stands in the sum's lowest bits. Reading these bits is
   * faster in Java than a cast.
   */
  private static final float ROUND = 1.5f * (1 << 23);

  /** The row for x below the grid. */
  private static final int BELOW = 1;

  /** The row of the first segment. */
  private static final int SEGMENTS = BELOW + 1;

  private final UniformGrid grid;

  /**
   * Whether {@link #read} leaves the elements beyond the grid to its caller. The rows for them are
   * then NaN.
   */
  private final boolean exactEnds;

  /**
   * The row of the segment that begins at x = 0. It must be even: for x = 0, {@link #locate}
   * computes {@link #ROUND} + middle − 0.5, which lies midway between two integers, and float32
   * rounds it to the even one. That is ROUND + middle, so that 0 is read from the segment that
   * begins at 0.
   */
  private final int middle;

  /** The row for x above the grid. */
  private final int above;

  /**
   * The bit mask that takes a row's number from the lowest bits of a sum with {@link #ROUND}: as
   * many ones as {@link #above}, the largest row number, has binary digits.
   */
  private final int mask;

  /** 1/width of a segment. */
  private final float perWidth;

  /**
   * The length of the chord along which a function continues beyond the grid, in distances between
   * neighbouring nodes.
   */
  private final int chord;

  /**
   * The coefficients, {@code [function][4·row + power]}; the entry of power 3 and the rows after
   * {@link #above}, up to {@link #mask}, are unused. c₀ is NaN in rows whose elements {@link #read}
   * leaves to its caller.
   */
  private final float[][] coefficients;

  /**
   * The coefficients as a tensor, {@code [power, function·(above + 1) + row]}; null until {@link
   * #readThere} creates it.
   */
  private NDArray onDevice;

  /**
   * Creates a table, to be filled by {@link #set}.
   *
   * @param grid the grid
   * @param functions the number of functions
   * @param exactEnds whether {@link #read} leaves the elements beyond the grid to its caller; false
   *     for a table that is read by {@link #readThere}
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
   * @param function the index of the function
   * @param y the function's values at the nodes of the grid
   */
  void set(int function, double... y) {
    int end = grid.nodes() - 1;
    if (!exactEnds) {
      double before = (y[chord] - y[0]) * 2 / chord;
      double after = (y[end] - y[end - chord]) * 2 / chord;
      put(function, BELOW, y[0], y[0] - before, before, 0);
      put(function, above, y[end], y[end], after, 0);
    }
    for (int i = 0; i < end; i += 2) {
      double c1 = -3 * y[i] + 4 * y[i + 1] - y[i + 2];
      put(function, SEGMENTS + i / 2, y[i + 1], y[i], c1, y[i + 2] - y[i] - c1);
    }
  }

  /**
   * Stores the coefficients of a row. If the parabola's value at t = 1, c₀ + c₁ + c₂, is not finite
   * in float32, the parabola is replaced. With {@link #exactEnds}, c₀ is then NaN, so that {@link
   * #read} leaves the row to its caller. Otherwise the row becomes a constant, so that {@link
   * #readThere} returns ±∞ where the function overflows.
   *
   * @param function the index of the function
   * @param row the row
   * @param constant the function's value in the middle of the segment; for a row beyond the grid,
   *     the value at that end of the grid
   * @param c c₀, c₁ and c₂
   */
  private void put(int function, int row, double constant, double... c) {
    boolean finite = Float.isFinite((float) c[0] + (float) c[1] + (float) c[2]);
    double[] stored = finite ? c : new double[] {exactEnds ? Double.NaN : constant, 0, 0};
    for (int power = 0; power < POWERS; power++) {
      coefficients[function][4 * row + power] = (float) stored[power];
    }
  }

  /**
   * Compares the parabolas of function 0 with the function f that they replace. Where a parabola is
   * not close to f, sets its c₀ to NaN, so that {@link #read} leaves the elements in that segment
   * to its caller.
   */
  void mark(Expression f) {
    float[] c = coefficients[0];
    for (int s = 0; s < grid.segments(); s++) {
      int at = 4 * (SEGMENTS + s);
      double near = s * grid.width() - UniformGrid.RADIUS;
      if (!close(f, near, grid.width(), c[at], c[at + 1], c[at + 2])) {
        c[at] = Float.NaN;
      }
    }
  }

  /**
   * Compares a parabola with a function f, in value and slope.
   *
   * @param f the function
   * @param near the x at which the segment begins
   * @param width the width of the segment
   * @param c c₀, c₁ and c₂
   * @return whether they agree within the tolerances at the points {@link #CHECKED}
   */
  static boolean close(Expression f, double near, double width, double... c) {
    double[] d = new double[2];
    return Arrays.stream(CHECKED)
        .allMatch(
            t -> {
              f.evaluate(near + t * width, d);
              double value = c[0] + t * (c[1] + t * c[2]);
              double slope = (c[1] + 2 * t * c[2]) / width;
              return Math.abs(value - d[0]) <= VALUE_TOLERANCE * Math.max(0.01, Math.abs(d[0]))
                  && Math.abs(slope - d[1]) <= SLOPE_TOLERANCE * Math.max(1, Math.abs(d[1]));
            });
  }

  /**
   * Reads values and slopes of a function at the elements of a block, in three loops. Java
   * vectorises the first and the last loop.
   *
   * @param function the index of the function
   * @param block contains the arguments; receives slopes and values. {@code left} receives the
   *     indices of the elements that are left to the caller: those in marked segments, those that
   *     are NaN and, with {@link #exactEnds}, those beyond the grid. The values of these elements
   *     are NaN
   * @return the number of indices in {@code left}
   */
  int read(int function, Host.Block block) {
    float[] t = block.slope;
    locate(block.count, block.x, t, block.y);
    int left = gather(coefficients[function], mask, block);
    parabolas(block.count, t, block.y, block.one, block.two, perWidth);
    return left;
  }

  /**
   * Finds the segments of elements.
   *
   * @param count the number of elements
   * @param x the elements
   * @param t receives the position of each element in its segment, 0 to 1 within the grid
   * @param rows receives floats whose lowest bits, those of {@link #mask}, are the row of each
   *     element
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

  /**
   * Gathers the coefficients of the elements' rows. On entry {@code block.y} holds the rows, as
   * {@link #locate} writes them. They are overwritten with c₀. {@code block.one} receives c₁,
   * {@code block.two} receives c₂, and {@code block.left} the indices of the elements whose c₀ is
   * NaN. Returns the number of these elements.
   */
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

  /**
   * Computes the parabolas at t: replaces c₀ by the value y and t by the slope dy/dx. {@code scale}
   * is 1/width.
   */
  private static void parabolas(
      int count, float[] t, float[] c0, float[] c1, float[] c2, float scale) {
    for (int k = 0; k < count; k++) {
      float at = t[k];
      c0[k] = c0[k] + at * (c1[k] + at * c2[k]);
      t[k] = (c1[k] + at * (c2[k] + c2[k])) * scale;
    }
  }

  /**
   * Computes the derivatives of the loss with respect to the coefficients c₀ and c₁ of each row of
   * the table; these are called the two bins of the row. Let g be the derivative of the loss with
   * respect to the value y of an element. The bins are Σ g and Σ g·t over the elements that belong
   * to the row. c₂ has no bin (see {@link #toNodes}).
   *
   * @param block contains the arguments as x, and g as y
   * @param bins {@code [2·row]} for c₀ and {@code [2·row + 1]} for c₁; the sums are added to them
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

  /** {@return bins of one function, all 0} */
  double[] bins() {
    return new double[2 * (mask + 1)];
  }

  /**
   * Backpropagates the bins to the function's values at the nodes of the grid, as if the function
   * were linear on each segment; the node in the middle of a segment gets 0. If the function is a
   * weighted sum of operations, this makes the derivative with respect to the mixing weight of an
   * operation o inexact. Each element contributes an error of up to |g|·width²·|o″|/8, where g is
   * the derivative of the loss with respect to the element's value.
   *
   * @param function the index of the function; segments in which its values are infinite, or which
   *     {@link #read} leaves to its caller, are left out
   * @param bins the bins of this function, in the layout that {@link #bin} describes
   * @return the derivatives of the loss with respect to the values at the nodes
   */
  double[] toNodes(int function, double... bins) {
    double[] nodes = new double[grid.nodes()];
    for (int s = 0; s < grid.segments(); s++) {
      int at = 2 * (SEGMENTS + s);
      if (Float.isFinite(coefficients[function][2 * at])) {
        nodes[2 * s] += bins[at] - bins[at + 1];
        nodes[2 * s + 2] += bins[at + 1];
      }
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
   * Reads values of a function by tensor operations, on any device and in any precision.
   *
   * @param function the index of the function
   * @param x the arguments, any shape
   * @param owner the manager that will own the tensor of coefficients, which is kept until the
   *     manager is closed or {@link #release} is called; null for the manager of x, so that the
   *     tensor is freed with the tensors of this pass
   * @param differentiable whether autograd computes the gradient of the coefficients
   * @return the values in the shape of x, differentiable with respect to x. They are NaN for x = ±∞
   *     and for |x| so large that |x|/width overflows the data type
   */
  NDArray readThere(int function, NDArray x, NDManager owner, boolean differentiable) {
    if (x.getDataType().getNumOfBytes() == 2) {
      // Half precision has too few digits for the number of a segment and the position in it.
      NDArray single = x.toType(DataType.FLOAT32, false);
      return readThere(function, single, owner, differentiable).toType(x.getDataType(), false);
    }
    if (onDevice == null || onDevice.isReleased() || !onDevice.getDevice().equals(x.getDevice())) {
      onDevice = upload(owner == null ? x.getManager() : owner);
      if (owner != null) {
        // Otherwise the NDScope of the current training step would free the tensor when it closes.
        NDScope.unregister(onDevice);
      }
      onDevice.setRequiresGradient(differentiable);
    }
    NDArray position = x.mul(Constant.of(x, perWidth));
    NDArray row =
        position
            .stopGradient()
            .add(Constant.of(x, middle))
            // The minimum comes before the conversion, since a CPU converts numbers beyond int64 to
            // the least int64.
            .minimum(Constant.of(x, above))
            .toType(DataType.INT64, false)
            .maximum(Constant.of(x.getDevice(), BELOW));
    NDArray t = position.sub(row.toType(DataType.FLOAT32, false).sub(Constant.of(x, middle)));
    NDArray at = function == 0 ? row : row.add(Constant.of(x.getDevice(), function * (above + 1L)));
    NDArray c1AndMore = onDevice.get(2).take(at).mul(t).add(onDevice.get(1).take(at));
    return c1AndMore.mul(t).add(onDevice.get(0).take(at));
  }

  /** Frees the tensor of coefficients. */
  void release() {
    if (onDevice != null) {
      onDevice.close();
      onDevice = null;
    }
  }

  /** Creates the tensor of coefficients. */
  private NDArray upload(NDManager owner) {
    int columns = coefficients.length * (above + 1);
    float[] byPower = new float[POWERS * columns];
    for (int i = 0; i < byPower.length; i++) {
      int column = i % columns;
      byPower[i] = coefficients[column / (above + 1)][4 * (column % (above + 1)) + i / columns];
    }
    return owner.create(byPower, new Shape(POWERS, columns));
  }

  /**
   * {@return for each function its bins (see {@link #bin}), taken from the gradient that autograd
   * has computed for the tensor of coefficients; 0 if the table was not read by tensor operations}
   */
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
