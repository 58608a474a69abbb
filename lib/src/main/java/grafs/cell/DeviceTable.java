package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import grafs.op.Constant;

/**
 * A table read by tensor operations alone, on any device and in any precision; autograd does the
 * rest. On a GPU its gather and scatter are what the hardware is good at.
 *
 * <p>Each segment between two points, and what lies beyond the grid on either side, is a line: the
 * table keeps where it begins, c, and how much it rises in a step, d, so that a reading is y = c +
 * d·t with few operations on what may be a whole network's activations. t counts steps from the
 * segment's own beginning, since differences of large numbers would lose digits.
 */
final class DeviceTable implements Table {

  private final Grid grid;
  private final int rows;

  /** Of all segments of all rows, one after the other. */
  private final NDArray beginnings;

  private final NDArray rises;

  /** The values, {@code [rows, points]}. */
  DeviceTable(Grid grid, NDArray values) {
    this.grid = grid;
    rows = (int) values.getShape().get(0);
    int last = grid.points() - 1;
    int chord = grid.chord();
    NDArray first = values.get(columns(0, 1));
    NDArray end = values.get(columns(last, last + 1));
    NDArray perChord = Constant.of(values, 1.0 / chord);
    NDArray before = values.get(columns(chord, chord + 1)).sub(first).mul(perChord);
    NDArray after = end.sub(values.get(columns(last - chord, last - chord + 1))).mul(perChord);
    NDArray between = values.get(columns(1, last + 1)).sub(values.get(columns(0, last)));
    rises = NDArrays.concat(new NDList(before, between, after), 1).flatten();
    // The first segment is as if it began a step before the first point, the last at the last.
    beginnings = NDArrays.concat(new NDList(first.sub(before), values), 1).flatten();
  }

  private static NDIndex columns(int from, int to) {
    return new NDIndex().addAllDim().addSliceDim(from, to);
  }

  private long segments() {
    return grid.points() + 1;
  }

  @Override
  public NDArray read(int row, NDArray x) {
    return read(x, rows == 1 ? null : Constant.of(x.getDevice(), row * segments()));
  }

  @Override
  public NDArray readRows(NDArray x) {
    if (rows == 1) {
      return read(0, x);
    }
    long[] firsts = new long[rows];
    for (int row = 0; row < rows; row++) {
      firsts[row] = row * segments();
    }
    return read(x, Constant.of(x.getDevice(), firsts).expandDims(1));
  }

  /** Reads at x, where each of its rows has its segments from another place on. */
  private NDArray read(NDArray x, NDArray first) {
    // One more than the index of 0: segment 0 lies before the first point.
    NDArray middle = Constant.of(x, grid.points() / 2 + 1);
    NDArray position = x.mul(Constant.of(x, 1 / grid.step())).add(middle);
    // Rounds towards zero, which is down. As integers, so that NaN too becomes one of them.
    NDArray segment =
        position
            .stopGradient()
            .toType(DataType.INT64, false)
            .maximum(Constant.of(x.getDevice(), 0))
            .minimum(Constant.of(x.getDevice(), grid.points()));
    NDArray t = position.sub(segment.toType(x.getDataType(), false));
    NDArray index = first == null ? segment : segment.add(first);
    return rises.take(index).mul(t).add(beginnings.take(index));
  }

  @Override
  public void backward(GradientCollector collector) {
    // The table is part of the network's graph.
  }
}
