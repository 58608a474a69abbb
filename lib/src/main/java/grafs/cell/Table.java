package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Functions tabulated on a {@link UniformGrid}, one a row, and how a network reads them: on the
 * segment that x falls into, with t ∈ [0, 1] along it,
 *
 * <pre>y = c₀ + c₁·t + c₂·t²,  dy/dx = (c₁ + 2·c₂·t)/width</pre>
 *
 * <p>Where Java reaches the tensor's memory this is one loop, and what lies beyond the grid or in a
 * marked segment is evaluated exactly. Elsewhere the coefficients are gathered by tensor
 * operations, and beyond the grid the function continues along the chord of its outermost unit.
 */
final class Table {

  private static final int POWERS = 3;

  /**
   * Added to a small number, it leaves the nearest whole number in the sum's last bits, where it is
   * read without a cast, which is slow in Java.
   */
  private static final float ROUND = 1.5f * (1 << 23);

  /** Those bits for 0. */
  private static final int ZERO = Float.floatToRawIntBits(ROUND);

  private final UniformGrid grid;
  private final int middle;
  private final int last;
  private final float perWidth;

  /** The number of nodes in the chord that continues a function beyond the grid. */
  private final int chord;

  /**
   * By row, {@code [segment][power]} in rows of four, what lies before the grid first and what lies
   * after it last. Where c₀ is NaN the function itself is evaluated.
   */
  private final float[][] coefficients;

  /** {@code [power, rows·segments]}, made when first read on a device. */
  private NDArray onDevice;

  Table(UniformGrid grid, int rows) {
    this.grid = grid;
    middle = grid.segments() / 2 + 1;
    last = grid.segments() + 1;
    perWidth = (float) (1 / grid.width());
    chord = (int) Math.min(grid.nodes() - 1, Math.max(1, Math.round(2 / grid.width())));
    coefficients = new float[rows][4 * (last + 1)];
  }

  /**
   * Draws the parabolas of a row.
   *
   * @param row the row
   * @param y the function's values at the grid's nodes
   */
  void set(int row, double... y) {
    int end = grid.nodes() - 1;
    double before = (y[chord] - y[0]) * 2 / chord;
    double after = (y[end] - y[end - chord]) * 2 / chord;
    put(row, 0, y[0] - before, before, 0);
    put(row, last, y[end], after, 0);
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

  /** Marks a segment of a row, counted from 0: it is evaluated exactly where that can be. */
  void mark(int row, int segment) {
    coefficients[row][4 * (segment + 1)] = Float.NaN;
  }

  /** Marks what lies beyond the grid in all rows. */
  void markEnds() {
    for (int row = 0; row < coefficients.length; row++) {
      mark(row, -1);
      mark(row, grid.segments());
    }
  }

  /** Computes value and slope of a row at a point of a segment, t from 0 to 1. */
  void evaluate(int row, int segment, double t, double[] d) {
    float[] c = coefficients[row];
    int at = 4 * (segment + 1);
    d[0] = c[at] + t * (c[at + 1] + t * c[at + 2]);
    d[1] = (c[at + 1] + t * 2 * c[at + 2]) / grid.width();
  }

  /**
   * Reads a row by a loop over the tensor's own memory.
   *
   * @param row the row
   * @param x the arguments, float32, any shape, where {@link Host#takes} says so
   * @param exact the row's function
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readHere(int row, NDArray x, Host.Exact exact) {
    return Host.apply(
        x, (count, at, slope, y, left) -> parabolas(row, count, at, slope, y, left), exact);
  }

  /** Reads a block; notes the elements that are marked, and returns their number. */
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
   * Adds a block's share of the derivatives by c₀ and c₁: Σ g and Σ g·t of each segment.
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

  /** {@return a row's bins, empty} */
  double[] bins() {
    return new double[2 * (last + 1)];
  }

  /**
   * Carries derivatives by c₀ and c₁ on to the values at the ends of segments, as if the functions
   * were linear between them: an operation o's weight gets a derivative that is off by up to
   * width²·|o″|/8.
   *
   * @param row the row
   * @param bins {@code [segment][2]}
   * @return by node
   */
  double[] toNodes(int row, double... bins) {
    double[] nodes = new double[grid.nodes()];
    for (int s = 0; s < grid.segments(); s++) {
      int at = 2 * (s + 1);
      nodes[2 * s] += bins[at] - bins[at + 1];
      nodes[2 * s + 2] += bins[at + 1];
    }
    if (!Float.isNaN(coefficients[row][0])) {
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
   * @param owner owns the coefficients on the device
   * @param differentiable whether autograd is to follow them
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readThere(int row, NDArray x, NDManager owner, boolean differentiable) {
    if (onDevice == null || onDevice.isReleased() || !onDevice.getDevice().equals(x.getDevice())) {
      onDevice = upload(owner);
      if (owner != x.getManager()) {
        // It outlives the step.
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

  private NDArray upload(NDManager owner) {
    int columns = coefficients.length * (last + 1);
    float[] byPower = new float[POWERS * columns];
    for (int i = 0; i < byPower.length; i++) {
      int column = i % columns;
      byPower[i] = coefficients[column / (last + 1)][4 * (column % (last + 1)) + i / columns];
    }
    return owner.create(byPower, new Shape(POWERS, columns));
  }

  /** {@return the derivatives that a backward pass left, as the {@link #bins} of each row} */
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
