package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import grafs.op.HostFunction;

/**
 * Functions tabulated on a {@link Grid}, one a row, and how values are read from them: piecewise
 * linearly, and beyond the grid by the chord over its outermost points.
 *
 * <pre>i = clamp(⌊(x − x₀)/h⌋, 0, n−2),  t = (x − x₀)/h − i,  y = T[i] + t·(T[i+1] − T[i])</pre>
 */
interface Table {

  /**
   * Makes the table that suits the values' device and precision.
   *
   * @param grid the grid
   * @param values the values on it, {@code [rows, points]}
   * @param differentiable whether autograd follows the values, so that {@link #backward} is to be
   *     called
   */
  static Table of(Grid grid, NDArray values, boolean differentiable) {
    return HostFunction.takes(values)
        ? new HostTable(grid, values, differentiable)
        : new DeviceTable(grid, values);
  }

  /**
   * Reads values of one function.
   *
   * @param row the function; a table of one row serves every row
   * @param x the arguments, any shape
   * @return the values in the shape of x, differentiable in x
   */
  NDArray read(int row, NDArray x);

  /**
   * Reads values of all functions.
   *
   * @param x the arguments, {@code [rows, n]}; of any number of rows if the table has one row
   * @return the values in the shape of x, differentiable in x
   */
  NDArray readRows(NDArray x);

  /**
   * Carries what the backward pass left at the values read on to what the table was made from. To
   * be called after the loss's backward pass, within the same gradient collector.
   */
  void backward(GradientCollector collector);
}
