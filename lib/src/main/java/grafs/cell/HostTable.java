package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table read by loops over the tensors' own memory, for float32 on the CPU, where the framework's
 * gather and scatter are slow.
 *
 * <p>On the segment that x falls into the cell is s·x + c. A loop writes s and c, autograd sees y =
 * s·x + c, and the gradient that arrives at c is the upstream gradient, which a second loop bins
 * onto the grid: dL/dT. From there autograd goes on to α and β.
 */
final class HostTable implements Table {

  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  /** Below this many elements a second thread costs more than it saves. */
  private static final int SMALLEST_SHARE = 8192;

  private final Grid grid;
  private final NDArray values;
  private final int points;
  private final float origin;
  private final float perStep;
  private final float[] slopes;
  private final float[] intercepts;
  private final boolean differentiable;
  private final List<Reading> readings = new ArrayList<>();

  private record Reading(int row, NDArray x, NDArray intercept) {}

  /**
   * Takes over a table.
   *
   * @param grid the grid
   * @param values the values on it, {@code [instances or 1, points]}
   * @param differentiable whether autograd follows them, so that {@link #backward} is to be called
   */
  HostTable(Grid grid, NDArray values, boolean differentiable) {
    this.grid = grid;
    this.values = values;
    this.differentiable = differentiable;
    points = grid.points();
    origin = (float) -grid.radius();
    perStep = (float) (1 / grid.step());
    float[] table = values.toFloatArray();
    slopes = new float[table.length];
    intercepts = new float[table.length];
    for (int i = 0; i + 1 < table.length; i++) {
      int column = i % points;
      double left = (column - points / 2) * grid.step();
      double slope = ((double) table[i + 1] - table[i]) / grid.step();
      slopes[i] = (float) slope;
      intercepts[i] = (float) (table[i] - slope * left);
    }
  }

  @Override
  public NDArray read(int instance, NDArray x) {
    NDManager manager = x.getManager();
    int row = values.getShape().get(0) == 1 ? 0 : instance;
    NDArray slope = manager.create(x.getShape(), DataType.FLOAT32);
    NDArray intercept = manager.create(x.getShape(), DataType.FLOAT32);
    look(row, floats(x), floats(slope), floats(intercept));
    if (differentiable) {
      intercept.setRequiresGradient(true);
      readings.add(new Reading(row, x, intercept));
    }
    return x.mul(slope).addi(intercept);
  }

  private void look(int row, FloatBuffer x, FloatBuffer slope, FloatBuffer intercept) {
    int base = row * points;
    inShares(
        x.capacity(),
        (share, from, to) -> {
          for (int k = from; k < to; k++) {
            int i = base + segment(x.get(k));
            slope.put(k, slopes[i]);
            intercept.put(k, intercepts[i]);
          }
        });
  }

  private int segment(float x) {
    // The cast rounds towards zero and saturates; NaN becomes 0.
    int i = (int) ((x - origin) * perStep);
    return Math.min(Math.max(i, 0), points - 2);
  }

  @Override
  public void backward(GradientCollector collector) {
    if (readings.isEmpty()) {
      return;
    }
    float[] gradient = new float[slopes.length];
    for (Reading reading : readings) {
      try (NDArray upstream = reading.intercept.getGradient()) {
        bin(reading.row, floats(reading.x), floats(upstream), gradient);
      }
    }
    readings.clear();
    NDArray upstream = values.getManager().create(gradient, values.getShape());
    collector.backward(values.mul(upstream).sum());
  }

  /**
   * Adds dL/dT: each element's gradient goes to the two ends of its segment, by its distance from
   * them.
   */
  private void bin(int row, FloatBuffer x, FloatBuffer upstream, float[] gradient) {
    double[][] bins = new double[THREADS][];
    inShares(
        x.capacity(),
        (share, from, to) -> {
          double[] own = bins[share] = new double[points];
          for (int k = from; k < to; k++) {
            float v = x.get(k);
            float g = upstream.get(k);
            int i = segment(v);
            float t = (v - origin) * perStep - i;
            own[i] += g * (1 - t);
            own[i + 1] += g * t;
          }
        });
    for (double[] own : bins) {
      for (int i = 0; own != null && i < points; i++) {
        gradient[row * points + i] += (float) own[i];
      }
    }
  }

  private interface Share {
    void work(int share, int from, int to);
  }

  /** Splits a loop into fixed shares, so that sums come out the same in every run. */
  private static void inShares(int size, Share share) {
    int shares = Math.max(1, Math.min(THREADS, size / SMALLEST_SHARE));
    IntStream.range(0, shares)
        .parallel()
        .forEach(
            s ->
                share.work(
                    s, (int) ((long) size * s / shares), (int) ((long) size * (s + 1) / shares)));
  }

  /** The tensor's own memory; for one that is not contiguous, that of a contiguous copy. */
  private static FloatBuffer floats(NDArray array) {
    return array.toByteBuffer(true).asFloatBuffer();
  }
}
