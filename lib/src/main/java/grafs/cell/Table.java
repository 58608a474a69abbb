package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import grafs.op.Constant;
import grafs.op.Host;
import grafs.op.HostFunction;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/**
 * Functions tabulated on a {@link Grid}, one a row, and how a network reads them: on the segment
 * that x falls into, with t ∈ [0, 1] along it,
 *
 * <pre>y = c₀ + c₁·t + c₂·t²,  dy/dx = (c₁ + 2·c₂·t)/width</pre>
 *
 * <p>Where Java reaches the tensor's memory this is one loop. What lies beyond the grid, and
 * segments that are marked, are evaluated exactly. Elsewhere the coefficients are gathered by
 * tensor operations, and beyond the grid the function continues along the chord of its outermost
 * unit.
 */
final class Table {

  /** Evaluates a function itself. */
  @FunctionalInterface
  interface Exact {

    /**
     * Evaluates one function.
     *
     * @param positions where the points stand in their tensor
     * @param x the points, at least one; overwritten with the values
     * @param slopes receives the derivatives
     */
    void evaluate(int[] positions, double[] x, double[] slopes);
  }

  private final Grid grid;
  private final int middle;
  private final int last;
  private final float perWidth;

  /** {@code [row][segment][power]}, with a segment before the grid and one after it. */
  private final float[] coefficients;

  /** {@code [3, rows·segments]}, made when first read on a device. */
  private NDArray onDevice;

  Table(Grid grid, int rows) {
    this.grid = grid;
    middle = grid.segments() / 2 + 1;
    last = grid.segments() + 1;
    perWidth = (float) (1 / grid.width());
    coefficients = new float[rows * rowSize()];
  }

  private int rowSize() {
    return 3 * (last + 1);
  }

  /** The number of nodes in the chord that continues a function beyond the grid. */
  private int chord() {
    return (int) Math.min(grid.nodes() - 1, Math.max(1, Math.round(2 / grid.width())));
  }

  /**
   * Draws the parabolas of a row.
   *
   * @param row the row
   * @param y the function's values at the grid's nodes
   */
  void set(int row, double... y) {
    int base = row * rowSize();
    for (int s = 0; s < grid.segments(); s++) {
      double y0 = y[2 * s];
      double y1 = y[2 * s + 1];
      double y2 = y[2 * s + 2];
      put(base + 3 * (s + 1), y0, -3 * y0 + 4 * y1 - y2, 2 * y0 - 4 * y1 + 2 * y2);
    }
    int end = y.length - 1;
    double before = (y[chord()] - y[0]) * 2 / chord();
    double after = (y[end] - y[end - chord()]) * 2 / chord();
    put(base, y[0] - before, before, 0);
    put(base + 3 * last, y[end], after, 0);
  }

  private void put(int at, double c0, double c1, double c2) {
    coefficients[at] = (float) c0;
    coefficients[at + 1] = (float) c1;
    coefficients[at + 2] = (float) c2;
  }

  /** Marks a row's segment, counted from 0: it is evaluated exactly where that can be. */
  void mark(int row, int segment) {
    coefficients[row * rowSize() + 3 * (segment + 1)] = Float.NaN;
  }

  /** Marks what lies beyond the grid in all rows. */
  void markEnds() {
    for (int base = 0; base < coefficients.length; base += rowSize()) {
      coefficients[base] = Float.NaN;
      coefficients[base + 3 * last] = Float.NaN;
    }
  }

  /** The value of a row at a point of a segment, t from 0 to 1. */
  double value(int row, int segment, double t) {
    int at = row * rowSize() + 3 * (segment + 1);
    return coefficients[at] + t * (coefficients[at + 1] + t * coefficients[at + 2]);
  }

  /** The slope of a row at a point of a segment, t from 0 to 1. */
  double slope(int row, int segment, double t) {
    int at = row * rowSize() + 3 * (segment + 1);
    return (coefficients[at + 1] + 2 * t * coefficients[at + 2]) / grid.width();
  }

  /**
   * Reads a row by a loop over the tensor's own memory.
   *
   * @param row the row
   * @param x the arguments, float32, any shape, where {@link HostFunction#takes} says so
   * @param exact the row's function
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readHere(int row, NDArray x, Exact exact) {
    int base = row * rowSize();
    Queue<int[]> left = new ConcurrentLinkedQueue<>();
    return HostFunction.apply(
        x,
        (first, count, at, slope, y) -> {
          int[] marked = null;
          int found = 0;
          for (int k = 0; k < count; k++) {
            float position = at[k] * perWidth;
            // A cast to int rounds towards zero, saturates, and makes 0 of NaN.
            int s = (int) (position + middle);
            if (s < 0) {
              s = 0;
            } else if (s > last) {
              s = last;
            }
            float t = position - (s - middle);
            int i = base + 3 * s;
            float c1 = coefficients[i + 1];
            float c2 = coefficients[i + 2];
            float value = coefficients[i] + t * (c1 + t * c2);
            slope[k] = (c1 + 2 * t * c2) * perWidth;
            y[k] = value;
            if (value != value) {
              marked = marked == null ? new int[count] : marked;
              marked[found++] = first + k;
            }
          }
          if (marked != null) {
            left.add(Arrays.copyOf(marked, found));
          }
        },
        (at, slope, y) -> {
          int[] positions = left.stream().flatMapToInt(Arrays::stream).sorted().toArray();
          if (positions.length > 0) {
            fill(positions, at, slope, y, exact);
          }
        });
  }

  /**
   * Evaluates a function at every element of a tensor, without a table.
   *
   * @param x the arguments, as for {@link #readHere}
   * @param exact the function
   * @return the values in the shape of x, differentiable in x
   */
  static NDArray evaluateHere(NDArray x, Exact exact) {
    int[] all = IntStream.range(0, Math.toIntExact(x.size())).toArray();
    return HostFunction.apply(
        x, (first, count, at, slope, y) -> {}, (at, slope, y) -> fill(all, at, slope, y, exact));
  }

  private static void fill(
      int[] positions, FloatBuffer at, FloatBuffer slope, FloatBuffer y, Exact exact) {
    double[] values = Arrays.stream(positions).mapToDouble(at::get).toArray();
    double[] slopes = new double[positions.length];
    exact.evaluate(positions, values, slopes);
    for (int k = 0; k < positions.length; k++) {
      y.put(positions[k], (float) values[k]);
      slope.put(positions[k], (float) slopes[k]);
    }
  }

  /**
   * Adds readings' shares of the derivatives by the coefficients; what lies beyond the grid is left
   * out.
   *
   * @param count the number of readings
   * @param x the arguments
   * @param g the derivatives of the loss by the values
   * @param bins by coefficient, {@code [segment][power]}
   */
  void bin(int count, float[] x, float[] g, double[] bins) {
    for (int k = 0; k < count; k++) {
      float position = x[k] * perWidth;
      int s = (int) (position + middle);
      if (s > 0 && s < last) {
        float t = position - (s - middle);
        double gt = (double) g[k] * t;
        bins[3 * s] += g[k];
        bins[3 * s + 1] += gt;
        bins[3 * s + 2] += gt * t;
      }
    }
  }

  /** {@return a row's bins, empty} */
  double[] bins() {
    return new double[rowSize()];
  }

  /**
   * Carries derivatives by coefficients on to the values at the nodes.
   *
   * @param bins by coefficient, {@code [segment][power]}
   * @return by node
   */
  double[] toNodes(double... bins) {
    double[] nodes = new double[grid.nodes()];
    for (int s = 0; s < grid.segments(); s++) {
      double g0 = bins[3 * (s + 1)];
      double g1 = bins[3 * (s + 1) + 1];
      double g2 = bins[3 * (s + 1) + 2];
      nodes[2 * s] += g0 - 3 * g1 + 2 * g2;
      nodes[2 * s + 1] += 4 * (g1 - g2);
      nodes[2 * s + 2] += 2 * g2 - g1;
    }
    int end = nodes.length - 1;
    double before = (bins[1] - bins[0]) * 2 / chord();
    nodes[0] += bins[0] - before;
    nodes[chord()] += before;
    double after = bins[3 * last + 1] * 2 / chord();
    nodes[end] += bins[3 * last] + after;
    nodes[end - chord()] -= after;
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
    NDArray c2 = onDevice.get(2).take(at);
    NDArray c1 = onDevice.get(1).take(at);
    return c2.mul(t).add(c1).mul(t).add(onDevice.get(0).take(at));
  }

  private NDArray upload(NDManager owner) {
    int columns = coefficients.length / 3;
    float[] byPower = new float[coefficients.length];
    for (int i = 0; i < coefficients.length; i++) {
      byPower[i % 3 * columns + i / 3] = coefficients[i];
    }
    return owner.create(byPower, new Shape(3, columns));
  }

  /** {@return the derivatives that a backward pass left, as the {@link #bins} of each row} */
  double[][] gradientThere() {
    int rows = coefficients.length / rowSize();
    double[][] bins = new double[rows][rowSize()];
    if (onDevice != null && !onDevice.isReleased()) {
      float[] gradient = onDevice.getGradient().toFloatArray();
      int columns = coefficients.length / 3;
      for (int i = 0; i < coefficients.length; i++) {
        bins[i / rowSize()][i % rowSize()] = gradient[i % 3 * columns + i / 3];
      }
    }
    return bins;
  }

  /** {@return whether {@link #readHere} takes a tensor} */
  static boolean isHere(NDArray x) {
    return x.getDataType() == DataType.FLOAT32 && Host.reaches(x.getDevice());
  }
}
