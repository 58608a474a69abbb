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

  private static final int[] NONE = {};

  private final Grid grid;
  private final int middle;
  private final int last;
  private final float perWidth;

  /**
   * By row, {@code [piece][power]}: what lies before the grid, each segment, what lies after the
   * grid, and then the pieces of segments that are split. Where c₀ is NaN, a segment has c₂ pieces
   * from c₁ on, or if c₂ is 0, the function itself is evaluated.
   */
  private final float[][] coefficients;

  /** By row, where each piece of a split segment begins, in segments from 0. */
  private final float[][] beginnings;

  /** Into how many parts of equal width a split segment is divided, by which pieces are found. */
  private static final int PARTS = 32;

  /** By row and split segment, the last piece that begins before a part or where it does. */
  private final char[][] parts;

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
    parts = new char[rows][];
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
    int more = split.stream().mapToInt(SplitSegment::pieces).sum();
    coefficients[row] = new float[4 * (last + 1 + more)];
    beginnings[row] = new float[more + 1];
    parts[row] = new char[PARTS * split.size()];
    int part = 0;
    splits.set(row, split);
    double[] c = new double[4];
    int degree = grid.degree();
    int end = grid.nodes() - 1;
    double before = (y[chord()] - y[0]) * degree / chord();
    double after = (y[end] - y[end - chord()]) * degree / chord();
    put(row, 0, y[0] - before, before, 0, 0);
    put(row, last, y[end], after, 0, 0);
    for (int s = 0; s < grid.segments(); s++) {
      int i = degree * s;
      if (degree == 2) {
        c[0] = y[i];
        c[1] = -3 * y[i] + 4 * y[i + 1] - y[i + 2];
        c[2] = 2 * y[i] - 4 * y[i + 1] + 2 * y[i + 2];
      } else {
        Cubic.through(y[i], y[i + 1], y[i + 2], y[i + 3], c);
      }
      put(row, s + 1, c);
    }
    int piece = last + 1;
    for (SplitSegment own : split) {
      put(row, own.segment() + 1, Double.NaN, piece, own.pieces(), part);
      int first = piece;
      for (int i = 0; i < own.pieces(); i++) {
        own.polynomial(i, grid, c);
        beginnings[row][piece - last - 1] = (float) own.begin(i, grid);
        put(row, piece++, c);
      }
      int at = first;
      for (int i = 0; i < PARTS; i++) {
        float to = own.segment() + 1 - middle + (float) i / PARTS;
        while (at + 1 < piece && beginnings[row][at - last] <= to) {
          at++;
        }
        parts[row][part++] = (char) at;
      }
    }
  }

  private void put(int row, int piece, double... c) {
    for (int i = 0; i < 4; i++) {
      coefficients[row][4 * piece + i] = (float) c[i];
    }
  }

  /**
   * Finds the piece of a segment that is split.
   *
   * @param row the row
   * @param segment the segment, from 1
   * @param position a point in it, in segments from 0
   * @return the piece; 0 if the segment is not split but marked
   */
  private int piece(int row, int segment, float position) {
    float[] c = coefficients[row];
    int pieces = (int) c[4 * segment + 2];
    if (pieces == 0) {
      return 0;
    }
    float[] begin = beginnings[row];
    int end = (int) c[4 * segment + 1] + pieces;
    int part = (int) ((position - (segment - middle)) * PARTS);
    int piece = parts[row][(int) c[4 * segment + 3] + Math.max(0, Math.min(PARTS - 1, part))];
    while (piece + 1 < end && begin[piece - last] <= position) {
      piece++;
    }
    return piece;
  }

  /**
   * Marks a segment, counted from 0, of a row of which none is split: it is evaluated exactly where
   * that can be.
   */
  void mark(int row, int segment) {
    put(row, segment + 1, Double.NaN, 0, 0, 0);
  }

  /** Marks what lies beyond the grid in all rows. */
  void markEnds() {
    for (int row = 0; row < coefficients.length; row++) {
      put(row, 0, Double.NaN, 0, 0, 0);
      put(row, last, Double.NaN, 0, 0, 0);
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
    boolean split = grid.degree() == 3;
    Queue<int[]> left = new ConcurrentLinkedQueue<>();
    return HostFunction.apply(
        x,
        (first, count, at, slope, y) -> {
          int[] marked =
              split
                  ? cubics(row, first, count, at, slope, y)
                  : parabolas(row, first, count, at, slope, y);
          if (marked.length > 0) {
            left.add(marked);
          }
        },
        (at, slope, y) -> {
          int[] positions = left.stream().flatMapToInt(Arrays::stream).sorted().toArray();
          if (positions.length > 0) {
            fill(positions, at, slope, y, exact);
          }
        });
  }

  /** Reads a block of parabolas, of which none is split; returns the elements that are marked. */
  private int[] parabolas(int row, int first, int count, float[] at, float[] slope, float[] y) {
    float[] coefficients = this.coefficients[row];
    int[] marked = NONE;
    int found = 0;
    for (int k = 0; k < count; k++) {
      float position = at[k] * perWidth;
      // A cast to int rounds towards zero, saturates, and makes 0 of NaN.
      int s = Math.max(0, Math.min(last, (int) (position + middle)));
      float t = position - (s - middle);
      int i = 4 * s;
      float c1 = coefficients[i + 1];
      float c2 = coefficients[i + 2];
      float value = coefficients[i] + t * (c1 + t * c2);
      slope[k] = (c1 + 2 * t * c2) * perWidth;
      y[k] = value;
      if (value != value) {
        marked = found == 0 ? new int[count] : marked;
        marked[found++] = first + k;
      }
    }
    return found == 0 ? NONE : Arrays.copyOf(marked, found);
  }

  /** Reads a block of cubic polynomials; returns the elements that are marked. */
  private int[] cubics(int row, int first, int count, float[] at, float[] slope, float[] y) {
    float[] coefficients = this.coefficients[row];
    float[] begin = beginnings[row];
    int[] split = new int[count];
    int splits = 0;
    for (int k = 0; k < count; k++) {
      float position = at[k] * perWidth;
      // A cast to int rounds towards zero, saturates, and makes 0 of NaN.
      int s = Math.max(0, Math.min(last, (int) (position + middle)));
      float t = position - (s - middle);
      int i = 4 * s;
      float c1 = coefficients[i + 1];
      float c2 = coefficients[i + 2];
      float c3 = coefficients[i + 3];
      float value = coefficients[i] + t * (c1 + t * (c2 + t * c3));
      slope[k] = (c1 + t * (2 * c2 + t * 3 * c3)) * perWidth;
      y[k] = value;
      // Noted without a branch, which a processor would guess wrong.
      split[splits] = k;
      splits += value == value ? 0 : 1;
    }
    int[] marked = NONE;
    int found = 0;
    for (int n = 0; n < splits; n++) {
      int k = split[n];
      float position = at[k] * perWidth;
      int s = Math.max(0, Math.min(last, (int) (position + middle)));
      int piece = piece(row, s, position);
      if (piece > 0) {
        int i = 4 * piece;
        float t = position - begin[piece - last - 1];
        float c1 = coefficients[i + 1];
        float c2 = coefficients[i + 2];
        float c3 = coefficients[i + 3];
        slope[k] = (c1 + t * (2 * c2 + t * 3 * c3)) * perWidth;
        y[k] = coefficients[i] + t * (c1 + t * (c2 + t * c3));
      } else {
        marked = found == 0 ? new int[count] : marked;
        marked[found++] = first + k;
      }
    }
    return found == 0 ? NONE : Arrays.copyOf(marked, found);
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
    float[] coefficients = this.coefficients[row];
    float[] begin = beginnings[row];
    int[] split = new int[count];
    int splits = 0;
    for (int k = 0; k < count; k++) {
      float position = x[k] * perWidth;
      int s = Math.max(0, Math.min(last, (int) (position + middle)));
      float c0 = coefficients[4 * s];
      split[splits] = k;
      splits += c0 == c0 ? 0 : 1;
      // What is split is left out by adding it to the bins of what lies before the grid.
      add(bins, c0 == c0 ? s : 0, g[k], position - (s - middle));
    }
    for (int n = 0; n < splits; n++) {
      float position = x[split[n]] * perWidth;
      int s = Math.max(0, Math.min(last, (int) (position + middle)));
      int piece = piece(row, s, position);
      if (piece > 0) {
        add(bins, piece, g[split[n]], position - begin[piece - last - 1]);
      }
    }
    Arrays.fill(bins, 0, 4, 0);
    Arrays.fill(bins, 4 * last, 4 * last + 4, 0);
  }

  private static void add(double[] bins, int piece, double g, double t) {
    int i = 4 * piece;
    double gt = g * t;
    double gtt = gt * t;
    bins[i] += g;
    bins[i + 1] += gt;
    bins[i + 2] += gtt;
    bins[i + 3] += gtt * t;
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
    int piece = last + 1;
    for (int s = 0; s < grid.segments(); s++) {
      int i = degree * s;
      int at = 4 * (s + 1);
      if (next != null && next.segment() == s) {
        double[] values =
            all.computeIfAbsent(next.pass(), pass -> new double[pass.values().length]);
        for (int own = 0; own < next.pieces(); own++) {
          next.backward(own, grid, bins, 4 * piece++, values);
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
    }
    int end = grid.nodes() - 1;
    double before = (bins[1] - bins[0]) * degree / chord();
    nodes[0] += bins[0] - before;
    nodes[chord()] += before;
    double after = bins[4 * last + 1] * degree / chord();
    nodes[end] += bins[4 * last] + after;
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
