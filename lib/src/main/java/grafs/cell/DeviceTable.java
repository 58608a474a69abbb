package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;

/**
 * A table read by tensor operations alone, on any device and in any precision; autograd does the
 * rest.
 */
final class DeviceTable implements Table {

  private final Grid grid;
  private final NDArray values;

  /** The values, {@code [instances or 1, points]}. */
  DeviceTable(Grid grid, NDArray values) {
    this.grid = grid;
    this.values = values;
  }

  @Override
  public NDArray read(int instance, NDArray x) {
    NDArray row = values.get(values.getShape().get(0) == 1 ? 0 : instance);
    // Not mul(Number): DJL would free the constant before the backward pass reads it.
    NDArray perStep = x.getManager().create(1 / grid.step());
    NDArray position = x.add(grid.radius()).mul(perStep);
    NDArray segment = position.stopGradient().floor().clip(0, grid.points() - 2);
    NDArray index = segment.toType(DataType.INT64, false);
    NDArray left = row.take(index);
    NDArray right = row.take(index.add(1));
    return left.add(position.sub(segment).mul(right.sub(left)));
  }

  @Override
  public void backward(GradientCollector collector) {
    // The table is part of the network's graph.
  }
}
