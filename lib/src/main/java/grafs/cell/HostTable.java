package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import grafs.op.HostFunction;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table read by loops over the tensors' own memory, for float32 on the CPU, where the framework's
 * gather and scatter are slow.
 *
 * <p>On the segment that x falls into the function is y = s·x + c. To the values read a zero is
 * added, at which the upstream gradient arrives; a second loop bins it by segments, dL/dc and
 * dL/ds, which makes dL/dT. From there autograd goes on to what the table was made from.
 */
final class HostTable implements Table {

  private final Grid grid;
  private final NDArray values;
  private final int points;
  private final int chord;
  private final float perStep;
  private final float middle;

  /** One a segment; the first and the last of a row lie beyond the grid. */
  private final float[] slopes;

  private final float[] intercepts;

  private final boolean differentiable;
  private final List<Reading> readings = new ArrayList<>();

  /** Gradients by segment: dL/ds, counted in steps from where the segment begins, and dL/dc. */
  private record Bins(float[] slopes, float[] intercepts) {}

  /** Where values were read, and the zeros at which their gradient arrives. */
  private record Reading(int row, boolean rows, NDArray x, NDArray zeros) {}

  /**
   * Takes over a table.
   *
   * @param grid the grid
   * @param values the values on it, {@code [rows, points]}
   * @param differentiable whether autograd follows them, so that {@link #backward} is to be called
   */
  HostTable(Grid grid, NDArray values, boolean differentiable) {
    this.grid = grid;
    this.values = values;
    this.differentiable = differentiable;
    points = grid.points();
    chord = grid.chord();
    perStep = (float) (1 / grid.step());
    // One more than the index of 0: segment 0 lies before the first point. Casts to int, here and
    // below, round towards zero, which is down; they saturate, and NaN becomes 0.
    middle = points / 2 + 1;
    FloatBuffer table = HostFunction.memory(values);
    slopes = new float[rows() * segments()];
    intercepts = new float[slopes.length];
    IntStream.range(0, rows())
        .parallel()
        .forEach(
            row -> {
              for (int segment = 0; segment < segments(); segment++) {
                line(table, row, segment);
              }
            });
  }

  private int rows() {
    return (int) values.getShape().get(0);
  }

  private int segments() {
    return points + 1;
  }

  private void line(FloatBuffer table, int row, int segment) {
    int a = left(segment);
    int b = right(segment);
    double value = table.get(row * points + a);
    double slope = (table.get(row * points + b) - value) / ((b - a) * grid.step());
    int at = row * segments() + segment;
    slopes[at] = (float) slope;
    intercepts[at] = (float) (value - slope * grid.point(a));
  }

  /** The grid point from which a segment's line is drawn. */
  private int left(int segment) {
    return segment == 0 ? 0 : segment == points ? points - 1 - chord : segment - 1;
  }

  /** The grid point to which a segment's line is drawn. */
  private int right(int segment) {
    return segment == 0 ? chord : segment == points ? points - 1 : segment;
  }

  @Override
  public NDArray read(int row, NDArray x) {
    return read(new Reading(rows() == 1 ? 0 : row, false, x, zeros(x)));
  }

  @Override
  public NDArray readRows(NDArray x) {
    return read(new Reading(0, rows() > 1, x, zeros(x)));
  }

  /** One zero that looks like as many as x has elements; a leaf of autograd's graph. */
  private NDArray zeros(NDArray x) {
    if (!differentiable) {
      return null;
    }
    NDManager manager = x.getManager();
    NDArray zeros = manager.zeros(new Shape(1)).broadcast(x.getShape()).stopGradient();
    zeros.setRequiresGradient(true);
    return zeros;
  }

  private NDArray read(Reading reading) {
    int width = width(reading);
    NDArray read =
        HostFunction.apply(
            reading.x,
            (first, count, x, slope, y) -> {
              for (int k = 0; k < count; ) {
                int row = (first + k) / width;
                int end = Math.min(count, (row + 1) * width - first);
                look(reading.row + row, k, end, x, slope, y);
                k = end;
              }
            });
    if (!differentiable) {
      return read;
    }
    readings.add(reading);
    return read.addi(reading.zeros);
  }

  /** After how many elements the next row begins. */
  private int width(Reading reading) {
    long rows = reading.rows ? reading.x.getShape().get(0) : 1;
    return Math.max(1, Math.toIntExact(reading.x.size() / rows));
  }

  private void look(int row, int from, int to, float[] x, float[] slope, float[] y) {
    int base = row * segments();
    for (int k = from; k < to; k++) {
      float at = x[k];
      // Written out here and below: two branches that are never taken cost half of min and max.
      int segment = (int) (at * perStep + middle);
      if (segment < 0) {
        segment = 0;
      } else if (segment > points) {
        segment = points;
      }
      float s = slopes[base + segment];
      slope[k] = s;
      y[k] = s * at + intercepts[base + segment];
    }
  }

  @Override
  public void backward(GradientCollector collector) {
    if (readings.isEmpty()) {
      return;
    }
    float[] gradient = new float[rows() * points];
    for (Reading reading : readings) {
      try (NDArray upstream = reading.zeros.getGradient()) {
        bin(reading, upstream, gradient);
      }
      reading.zeros.close();
    }
    readings.clear();
    // Not create(float[]): its memory is the collector's to free, megabytes a step.
    NDArray upstream = values.getManager().create(values.getShape(), DataType.FLOAT32);
    HostFunction.memory(upstream).put(gradient);
    collector.backward(values.mul(upstream).sum());
  }

  /** Adds a reading's share of dL/dT, from rows or fixed shares of one row. */
  private void bin(Reading reading, NDArray upstream, float[] gradient) {
    FloatBuffer x = HostFunction.memory(reading.x);
    FloatBuffer g = HostFunction.memory(upstream);
    int size = x.capacity();
    if (reading.rows) {
      int width = width(reading);
      IntStream.range(0, rows())
          .parallel()
          .forEach(row -> spread(bin(x, g, row * width, (row + 1) * width), gradient, row));
      return;
    }
    Bins[] bins = new Bins[HostFunction.shares(size)];
    HostFunction.inShares(size, (share, from, to) -> bins[share] = bin(x, g, from, to));
    for (Bins own : bins) {
      spread(own, gradient, reading.row);
    }
  }

  private Bins bin(FloatBuffer x, FloatBuffer upstream, int from, int to) {
    float[] slopes = new float[segments()];
    float[] intercepts = new float[segments()];
    float[] at = new float[HostFunction.BLOCK];
    float[] g = new float[HostFunction.BLOCK];
    for (int first = from; first < to; first += HostFunction.BLOCK) {
      int count = Math.min(HostFunction.BLOCK, to - first);
      x.get(first, at, 0, count);
      upstream.get(first, g, 0, count);
      for (int k = 0; k < count; k++) {
        float position = at[k] * perStep + middle;
        int segment = (int) position;
        if (segment < 0) {
          segment = 0;
        } else if (segment > points) {
          segment = points;
        }
        intercepts[segment] += g[k];
        slopes[segment] += g[k] * (position - segment);
      }
    }
    return new Bins(slopes, intercepts);
  }

  /** From segments to the points between which their lines are drawn. */
  private void spread(Bins bins, float[] gradient, int row) {
    int base = row * points;
    for (int segment = 0; segment < segments(); segment++) {
      int a = left(segment);
      int b = right(segment);
      // Points have positions from 1.
      float t = (bins.slopes[segment] + bins.intercepts[segment] * (segment - 1 - a)) / (b - a);
      gradient[base + a] += bins.intercepts[segment] - t;
      gradient[base + b] += t;
    }
  }
}
