package grafs.cell;

import ai.djl.ndarray.NDArray;

/**
 * The cells of a network tabulated on a {@link Grid}, and how activations are read from the table:
 * piecewise linearly, with the end segments continued beyond the grid.
 *
 * <pre>i = clamp(⌊(x − x₀)/h⌋, 0, n−2),  t = (x − x₀)/h − i,  y = T[i] + t·(T[i+1] − T[i])</pre>
 */
interface Table {

  /**
   * Reads one instance's activations.
   *
   * @param instance the cell instance, a row of the table
   * @param x the pre-activations, any shape
   * @return the activations in the shape of x, differentiable in x
   */
  NDArray read(int instance, NDArray x);

  /**
   * Carries what the backward pass left at the activations on to α and β. To be called after the
   * loss's backward pass, within the same gradient collector.
   */
  void backward(ai.djl.training.GradientCollector collector);
}
