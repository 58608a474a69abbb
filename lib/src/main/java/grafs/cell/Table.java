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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/**
 * Functions tabulated on a {@link Grid}, one a row, and how a network reads them: on the segment
 * that x falls into, with t ∈ [0, 1] along it,
 *
 * <pre>y = c₀ + c₁·t + c₂·t² + c₃·t³,  dy/dx = (c₁ + 2·c₂·t + 3·c₃·t²)/width</pre>
 *
 * <p>Where Java reaches the tensor's memory this is one loop, in which segments may be split into
 * {@link Pieces}; what lies beyond the grid, and segments that are marked, are evaluated exactly.
 * Elsewhere the coefficients are gathered by tensor operations, and beyond the grid the function
 * continues along the chord of its outermost unit.
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

  /** Into how many cells of equal width a segment is divided, by which its pieces are found. */
  private static final int CELLS = 16;

  /**
   * By row, {@code [piece][power]}: what lies before the grid, each segment or its pieces, what
   * lies after the grid. Where c₀ is NaN, the function itself is evaluated.
   */
  private final float[][] coefficients;

  /** By row, where each piece begins, in segments from 0. */
  private final float[][] beginnings;

  /**
   * By row, the last piece that begins in a cell or before it. Means nothing with more pieces than
   * chars, as for devices, where it is not read.
   */
  private final char[][] pieces;

  /** By row, what is split. */
  private final List<List<SplitSegment>> splits = new ArrayList<>();

  /** {@code [degree + 1, rows·segments]}, made when first read on a device. */
  private NDArray onDevice;

  Table(Grid grid, int rows) {
    this.grid = grid;
    middle = grid.segments() / 2 + 1;
    last = grid.segments() + 1;
    perWidth = (float) (1 / grid.width());
    coefficients = new float[rows][];
    beginnings = new float[rows][];
    pieces = new char[rows][];
    for (int row = 0; row < rows; row++) {
      splits.add(List.of());
    }
  }

  /** The number of nodes in the chord that continues a function beyond the grid. */
  private int chord() {
    return (int) Math.min(grid.nodes() - 1, Math.max(1, Math.round(grid.degree() / grid.width())));
  }

  /**
   * Draws the polynomials of a row.
   *
   * @param row the row
   * @param y the function's values at the grid's nodes; others may follow
   */
  void set(int row, double... y) {
    set(row, y, List.of());
  }

  /**
   * Draws the polynomials of a row of which some segments are split.
   *
   * @param row the row
   * @param y the function's values at the grid's nodes; others may follow
   * @param split what is split
   */
  void set(int row, double[] y, List<SplitSegment> split) {
    int more = split.stream().mapToInt(own -> own.pieces() - 1).sum();
    coefficients[row] = new float[4 * (last + 1 + more)];
    beginnings[row] = new float[last + 1 + more];
    splits.set(row, split);
    double[] c = new double[4];
    int degree = grid.degree();
    int end = grid.nodes() - 1;
    double before = (y[chord()] - y[0]) * degree / chord();
    double after = (y[end] - y[end - chord()]) * degree / chord();
    put(row, 0, Float.NEGATIVE_INFINITY, y[0] - before, before, 0, 0);
    int piece = 1;
    int next = 0;
    for (int s = 0; s < grid.segments(); s++) {
      if (next < split.size() && split.get(next).segment() == s) {
        SplitSegment own = split.get(next++);
        for (int i = 0; i < own.pieces(); i++) {
          own.polynomial(i, grid, c);
          put(row, piece++, (float) own.begin(i, grid), c);
        }
        continue;
      }
      int i = degree * s;
      if (degree == 2) {
        c[0] = y[i];
        c[1] = -3 * y[i] + 4 * y[i + 1] - y[i + 2];
        c[2] = 2 * y[i] - 4 * y[i + 1] + 2 * y[i + 2];
      } else {
        Cubic.through(y[i], y[i + 1], y[i + 2], y[i + 3], c);
      }
      put(row, piece++, s + 1 - middle, c);
    }
    put(row, piece, last - middle, y[end], after, 0, 0);
    int cells = more == 0 ? 1 : CELLS;
    pieces[row] = new char[cells * (last - 1) + 2];
    int p = 0;
    for (int cell = 0; cell < pieces[row].length; cell++) {
      float to = (float) cell / cells + (1 - middle);
      while (p < piece && beginnings[row][p + 1] < to) {
        p++;
      }
      pieces[row][cell] = (char) p;
    }
    pieces[row][pieces[row].length - 1] = (char) piece;
  }

  private void put(int row, int piece, float begin, double... c) {
    beginnings[row][piece] = begin;
    for (int i = 0; i < 4; i++) {
      coefficients[row][4 * piece + i] = (float) c[i];
    }
  }

  /**
   * Marks a segment, counted from 0, of a row of which none is split: it is evaluated exactly where
   * that can be.
   */
  void mark(int row, int segment) {
    coefficients[row][4 * (segment + 1)] = Float.NaN;
  }

  /** Marks what lies beyond the grid in all rows. */
  void markEnds() {
    for (int row = 0; row < coefficients.length; row++) {
      coefficients[row][0] = Float.NaN;
      coefficients[row][coefficients[row].length - 4] = Float.NaN;
    }
  }

  /** The value of a row at a point of a segment, t from 0 to 1. */
  double value(int row, int segment, double t) {
    float[] c = coefficients[row];
    int at = 4 * (segment + 1);
    return c[at] + t * (c[at + 1] + t * (c[at + 2] + t * c[at + 3]));
  }

  /** The slope of a row at a point of a segment, t from 0 to 1. */
  double slope(int row, int segment, double t) {
    float[] c = coefficients[row];
    int at = 4 * (segment + 1);
    return (c[at + 1] + t * (2 * c[at + 2] + t * 3 * c[at + 3])) / grid.width();
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
    float[] coefficients = this.coefficients[row];
    float[] beginnings = this.beginnings[row];
    char[] pieces = this.pieces[row];
    int outside = pieces.length - 1;
    int cells = outside / (last - 1);
    float perCell = perWidth * cells;
    int offset = cells * (middle - 1) + 1;
    Queue<int[]> left = new ConcurrentLinkedQueue<>();
    return HostFunction.apply(
        x,
        (first, count, at, slope, y) -> {
          int[] marked = null;
          int found = 0;
          for (int k = 0; k < count; k++) {
            // A cast to int rounds towards zero, saturates, and makes 0 of NaN.
            int cell = (int) (at[k] * perCell + offset);
            if (cell < 0) {
              cell = 0;
            } else if (cell > outside) {
              cell = outside;
            }
            float t = at[k] * perWidth;
            int piece = pieces[cell];
            while (t < beginnings[piece]) {
              piece--;
            }
            t -= beginnings[piece];
            int i = 4 * piece;
            float c0 = coefficients[i];
            float c1 = coefficients[i + 1];
            float c2 = coefficients[i + 2];
            float c3 = coefficients[i + 3];
            slope[k] = (c1 + t * (2 * c2 + t * 3 * c3)) * perWidth;
            y[k] = c0 + t * (c1 + t * (c2 + t * c3));
            if (c0 != c0) {
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
   * @param row the row that was read
   * @param count the number of readings
   * @param x the arguments
   * @param g the derivatives of the loss by the values
   * @param bins by coefficient, {@code [piece][power]}
   */
  void bin(int row, int count, float[] x, float[] g, double[] bins) {
    float[] beginnings = this.beginnings[row];
    char[] pieces = this.pieces[row];
    int outside = pieces.length - 1;
    int cells = outside / (last - 1);
    float perCell = perWidth * cells;
    int offset = cells * (middle - 1) + 1;
    for (int k = 0; k < count; k++) {
      int cell = (int) (x[k] * perCell + offset);
      if (cell > 0 && cell < outside) {
        float t = x[k] * perWidth;
        int piece = pieces[cell];
        while (t < beginnings[piece]) {
          piece--;
        }
        t -= beginnings[piece];
        int i = 4 * piece;
        double g0 = g[k];
        double g1 = g0 * t;
        double g2 = g1 * t;
        bins[i] += g0;
        bins[i + 1] += g1;
        bins[i + 2] += g2;
        bins[i + 3] += g2 * t;
      }
    }
  }

  /** {@return a row's bins, empty} */
  double[] bins(int row) {
    return new double[coefficients[row].length];
  }

  /**
   * Carries derivatives by coefficients on to the values at the nodes.
   *
   * @param row the row
   * @param bins by coefficient, {@code [piece][power]}
   * @param base the evaluation whose values the row was {@linkplain #set set} to
   * @return by evaluation and point
   */
  Map<RelaxedCell.Pass, double[]> toNodes(int row, double[] bins, RelaxedCell.Pass base) {
    Map<RelaxedCell.Pass, double[]> all = new LinkedHashMap<>();
    double[] nodes = new double[base.values().length];
    all.put(base, nodes);
    int degree = grid.degree();
    Iterator<SplitSegment> rest = splits.get(row).iterator();
    SplitSegment next = rest.hasNext() ? rest.next() : null;
    int at = 4;
    for (int s = 0; s < grid.segments(); s++) {
      int i = degree * s;
      if (next != null && next.segment() == s) {
        double[] values =
            all.computeIfAbsent(next.pass(), pass -> new double[pass.values().length]);
        for (int piece = 0; piece < next.pieces(); piece++) {
          next.backward(piece, grid, bins, at, values);
          at += 4;
        }
        next = rest.hasNext() ? rest.next() : null;
        continue;
      }
      if (degree == 2) {
        nodes[i] += bins[at] - 3 * bins[at + 1] + 2 * bins[at + 2];
        nodes[i + 1] += 4 * (bins[at + 1] - bins[at + 2]);
        nodes[i + 2] += 2 * bins[at + 2] - bins[at + 1];
      } else {
        Cubic.backward(bins[at], bins[at + 1], bins[at + 2], bins[at + 3], nodes, i);
      }
      at += 4;
    }
    int end = grid.nodes() - 1;
    double before = (bins[1] - bins[0]) * degree / chord();
    nodes[0] += bins[0] - before;
    nodes[chord()] += before;
    double after = bins[at + 1] * degree / chord();
    nodes[end] += bins[at] + after;
    nodes[end - chord()] -= after;
    return all;
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
    NDArray y = onDevice.get(grid.degree()).take(at);
    for (int power = grid.degree() - 1; power >= 0; power--) {
      y = y.mul(t).add(onDevice.get(power).take(at));
    }
    return y;
  }

  private NDArray upload(NDManager owner) {
    int powers = grid.degree() + 1;
    int columns = coefficients.length * (last + 1);
    float[] byPower = new float[powers * columns];
    for (int i = 0; i < byPower.length; i++) {
      int column = i % columns;
      byPower[i] = coefficients[column / (last + 1)][4 * (column % (last + 1)) + i / columns];
    }
    return owner.create(byPower, new Shape(powers, columns));
  }

  /** {@return the derivatives that a backward pass left, as the {@link #bins} of each row} */
  double[][] gradientThere() {
    double[][] bins =
        IntStream.range(0, coefficients.length).mapToObj(this::bins).toArray(double[][]::new);
    if (onDevice != null && !onDevice.isReleased()) {
      float[] gradient = onDevice.getGradient().toFloatArray();
      int columns = coefficients.length * (last + 1);
      for (int i = 0; i < gradient.length; i++) {
        int column = i % columns;
        bins[column / (last + 1)][4 * (column % (last + 1)) + i / columns] = gradient[i];
      }
    }
    return bins;
  }

  /** {@return whether {@link #readHere} takes a tensor} */
  static boolean isHere(NDArray x) {
    return x.getDataType() == DataType.FLOAT32 && Host.reaches(x.getDevice());
  }
}
