package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;

/**
 * A table read by tensor operations alone, on any device and in any precision; autograd does the
 * rest. On a GPU its gather and scatter are what the hardware is good at.
 */
final class DeviceTable implements Table {

  private final Grid grid;
  private final NDArray values;

  /** The values, {@code [rows, points]}. */
  DeviceTable(Grid grid, NDArray values) {
    this.grid = grid;
    this.values = values;
  }

  @Override
  public NDArray read(int row, NDArray x) {
    return read(values.get(values.getShape().get(0) == 1 ? 0 : row), x, null);
  }

  @Override
  public NDArray readRows(NDArray x) {
    if (values.getShape().get(0) == 1) {
      return read(0, x);
    }
    long rows = x.getShape().get(0);
    long end = rows * grid.points();
    NDManager manager = x.getManager();
    return read(values.flatten(), x, manager.arange(0f, end, grid.points()).reshape(rows, 1));
  }

  /** Reads at x, where each of its rows has its values from another place on. */
  private NDArray read(NDArray flat, NDArray x, NDArray from) {
    NDManager manager = x.getManager();
    int last = grid.points() - 1;
    int chord = grid.chord();
    // Not mul(Number): DJL would free the constant before the backward pass reads it.
    NDArray perStep = manager.create(1 / grid.step()).toType(x.getDataType(), false);
    NDArray position = x.mul(perStep).add(grid.points() / 2);
    NDArray where = position.stopGradient();
    NDArray below = where.lt(0);
    NDArray above = where.gte(last);
    NDArray outside = below.logicalOr(above);
    NDArray segment = where.floor().clip(0, last - 1);
    NDArray left = NDArrays.where(above, segment.onesLike().mul(last - chord), segment);
    NDArray width = NDArrays.where(outside, segment.onesLike().mul(chord), segment.onesLike());
    NDArray t = position.sub(left).div(width);
    NDArray index = left.toType(DataType.INT64, false);
    if (from != null) {
      index = index.add(from.toType(DataType.INT64, false));
    }
    NDArray a = flat.take(index);
    NDArray b = flat.take(index.add(width.toType(DataType.INT64, false)));
    return a.add(t.mul(b.sub(a)));
  }

  @Override
  public void backward(GradientCollector collector) {
    // The table is part of the network's graph.
  }
}
