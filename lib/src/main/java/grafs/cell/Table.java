package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

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

  /** The bits of the sum for the integer 0. */
  private static final int ZERO = Float.floatToRawIntBits(ROUND);

  private final UniformGrid grid;
  private final boolean exactEnds;
  private final int middle;
  private final int last;
  private final float perWidth;

  /** The number of nodes in the chord that continues a function beyond the grid. */
  private final int chord;

  /**
   * By row, {@code [segment][power]} in rows of four, the range below the grid first and the range
   * above it last. In a segment with c₀ = NaN the function itself is evaluated.
   */
  private final float[][] coefficients;

  /**
   * The coefficients as a tensor {@code [power, rows·segments]}, created when first read on a GPU.
   */
  private NDArray onDevice;

  /**
   * Creates a table to be filled.
   *
   * @param grid the grid
   * @param rows the number of functions
   * @param exactEnds whether {@link #readHere} evaluates the functions themselves beyond the grid
   */
  Table(UniformGrid grid, int rows, boolean exactEnds) {
    this.grid = grid;
    this.exactEnds = exactEnds;
    middle = grid.segments() / 2 + 1;
    last = grid.segments() + 1;
    perWidth = (float) (1 / grid.width());
    chord = (int) Math.min(grid.nodes() - 1, Math.max(1, Math.round(2 / grid.width())));
    coefficients = new float[rows][4 * (last + 1)];
  }

  /**
   * Computes the coefficients of a row's parabolas.
   *
   * @param row the row
   * @param y the function's values at the grid's nodes
   */
  void set(int row, double... y) {
    int end = grid.nodes() - 1;
    double before = (y[chord] - y[0]) * 2 / chord;
    double after = (y[end] - y[end - chord]) * 2 / chord;
    put(row, 0, exactEnds ? Double.NaN : y[0] - before, before, 0);
    put(row, last, exactEnds ? Double.NaN : y[end], after, 0);
    for (int i = 0; i < end; i += 2) {
      double c1 = -3 * y[i] + 4 * y[i + 1] - y[i + 2];
      put(row, i / 2 + 1, y[i], c1, y[i + 2] - y[i] - c1);
    }
  }

  private void put(int row, int segment, double... c) {
    for (int power = 0; power < POWERS; power++) {
      coefficients[row][4 * segment + power] = (float) c[power];
    }
  }

  /** Marks a segment of a row, counted from 0, to be evaluated exactly by {@link #readHere}. */
  void mark(int row, int segment) {
    coefficients[row][4 * (segment + 1)] = Float.NaN;
  }

  /** Computes value and slope of a row at a point of a segment, t from 0 to 1. */
  void evaluate(int row, int segment, double t, double[] d) {
    float[] c = coefficients[row];
    int at = 4 * (segment + 1);
    d[0] = c[at] + t * (c[at + 1] + t * c[at + 2]);
    d[1] = (c[at + 1] + t * 2 * c[at + 2]) / grid.width();
  }

  /** {@return whether value and slope as read are close enough to the function's own} */
  static boolean close(double[] read, double[] own) {
    return Math.abs(read[0] - own[0]) <= VALUE_TOLERANCE * Math.max(0.01, Math.abs(own[0]))
        && Math.abs(read[1] - own[1]) <= SLOPE_TOLERANCE * Math.max(1, Math.abs(own[1]));
  }

  /**
   * Reads a row by a loop over the tensor's own memory.
   *
   * @param row the row
   * @param x the arguments, any shape, for which {@link Host#takes} is true: float32 on a CPU
   * @param exact the row's function
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readHere(int row, NDArray x, Host.Exact exact) {
    return Host.apply(
        x, (count, at, slope, y, left) -> parabolas(row, count, at, slope, y, left), exact);
  }

  /**
   * Reads a block of elements; puts the indices of those in marked segments into {@code left} and
   * returns their number.
   */
  private int parabolas(int row, int count, float[] at, float[] slope, float[] y, int[] left) {
    float[] c = coefficients[row];
    int base = ZERO - middle;
    int end = last;
    float scale = perWidth;
    int marked = 0;
    for (int k = 0; k < count; k++) {
      float position = at[k] * scale;
      float rounded = position - 0.5f + ROUND;
      float t = position - (rounded - ROUND);
      int i = Math.max(0, Math.min(end, Float.floatToRawIntBits(rounded) - base)) << 2;
      float c1 = c[i + 1];
      float c2 = c[i + 2];
      float value = c[i] + t * (c1 + t * c2);
      slope[k] = (c1 + t * (c2 + c2)) * scale;
      y[k] = value;
      if (value != value) {
        left[marked++] = k;
      }
    }
    return marked;
  }

  /**
   * Adds a block's derivatives by c₀ and c₁ to the bins: Σ g and Σ g·t of each segment.
   *
   * @param count the number of readings, at most {@link Host#BLOCK}
   * @param x the arguments
   * @param g the derivatives of the loss by the values
   * @param bins {@code [segment][2]}
   */
  void bin(int count, float[] x, float[] g, double[] bins) {
    int base = ZERO - middle;
    int end = last;
    float scale = perWidth;
    for (int k = 0; k < count; k++) {
      float position = x[k] * scale;
      float rounded = position - 0.5f + ROUND;
      float t = position - (rounded - ROUND);
      int i = Math.max(0, Math.min(end, Float.floatToRawIntBits(rounded) - base)) << 1;
      bins[i] += g[k];
      bins[i + 1] += t * g[k];
    }
  }

  /** {@return zeros for the bins of a row} */
  double[] bins() {
    return new double[2 * (last + 1)];
  }

  /**
   * Backpropagates derivatives by c₀ and c₁ to the values at the ends of segments, as if the
   * functions were linear between them: an operation o's weight gets a derivative that is off by up
   * to width²·|o″|/8.
   *
   * @param row the row
   * @param bins {@code [segment][2]}
   * @return the derivatives by the values at the nodes
   */
  double[] toNodes(int row, double... bins) {
    double[] nodes = new double[grid.nodes()];
    for (int s = 0; s < grid.segments(); s++) {
      int at = 2 * (s + 1);
      nodes[2 * s] += bins[at] - bins[at + 1];
      nodes[2 * s + 2] += bins[at + 1];
    }
    if (!exactEnds) {
      int end = grid.nodes() - 1;
      double before = (bins[1] - bins[0]) * 2 / chord;
      nodes[0] += bins[0] - before;
      nodes[chord] += before;
      double after = bins[2 * last + 1] * 2 / chord;
      nodes[end] += bins[2 * last] + after;
      nodes[end - chord] -= after;
    }
    return nodes;
  }

  /**
   * Reads a row by tensor operations alone, on any device.
   *
   * @param row the row
   * @param x the arguments, any shape
   * @param owner the manager that will own the coefficients on the device, for as long as it is
   *     open or until {@link #release}; null for the scope of this pass
   * @param differentiable whether autograd computes the gradient of the coefficients
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readThere(int row, NDArray x, NDManager owner, boolean differentiable) {
    if (x.getDataType().getNumOfBytes() == 2) {
      // Half precision has too few digits for the numbers of the segments.
      NDArray single = x.toType(DataType.FLOAT32, false);
      return readThere(row, single, owner, differentiable).toType(x.getDataType(), false);
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
    NDArray segment =
        position
            .stopGradient()
            .add(Constant.of(x, middle))
            .toType(DataType.INT64, false)
            .maximum(Constant.of(x.getDevice(), 0))
            .minimum(Constant.of(x.getDevice(), last));
    NDArray t = position.sub(segment.toType(DataType.FLOAT32, false).sub(Constant.of(x, middle)));
    NDArray at = row == 0 ? segment : segment.add(Constant.of(x.getDevice(), row * (last + 1L)));
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
    int columns = coefficients.length * (last + 1);
    float[] byPower = new float[POWERS * columns];
    for (int i = 0; i < byPower.length; i++) {
      int column = i % columns;
      byPower[i] = coefficients[column / (last + 1)][4 * (column % (last + 1)) + i / columns];
    }
    return owner.create(byPower, new Shape(POWERS, columns));
  }

  /** {@return the gradient of the coefficients on the device, as the {@link #bins} of each row} */
  double[][] gradientThere() {
    double[][] bins = new double[coefficients.length][2 * (last + 1)];
    if (onDevice != null && !onDevice.isReleased()) {
      float[] gradient = onDevice.getGradient().toFloatArray();
      int columns = coefficients.length * (last + 1);
      for (int i = 0; i < 2 * columns; i++) {
        int column = i % columns;
        bins[column / (last + 1)][2 * (column % (last + 1)) + i / columns] = gradient[i];
      }
    }
    return bins;
  }
}
