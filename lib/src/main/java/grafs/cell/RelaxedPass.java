package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One forward and backward pass of a network that has a {@link RelaxedCell relaxed cell} in place
 * of every activation. A relaxed cell is a graph of places, each of which computes a weighted sum
 * of operations; some operations have a learnable scalar β. The cells of the network are called
 * instances. Each instance has its own row of mixing weights, the factors in these sums, or all
 * instances share one row.
 *
 * <p>A cell is a function of one number. It is therefore evaluated on a grid, once for each row,
 * and the network reads the values at its many pre-activations (the inputs of its activations) from
 * the resulting {@link Table}. The grid divides the range of x into segments, with nodes at their
 * ends and in their middles. In the backward pass, the derivatives of the loss with respect to the
 * instances' outputs are summed within each segment; these sums are called bins. The bins are then
 * backpropagated through the cell, which has been evaluated at the nodes.
 *
 * <p>On a CPU, tensors of other precisions than float32 are converted to float32. On a CPU the
 * table is not read for elements beyond the grid, nor for tensors with no more elements than the
 * grid has nodes. For these the cell itself is evaluated, forward and backward.
 */
final class RelaxedPass {

  private final RelaxedCell cell;
  private final RelaxedCell.Nodes nodes;
  private final CellWeights weights;
  private final boolean differentiable;

  /**
   * The evaluations of instances on a CPU in this pass, which {@link #gradient} needs. On a GPU the
   * table is read by tensor operations. Such evaluations are not listed, since {@link
   * Table#gradientThere} returns their gradients.
   */
  private final List<Reading> readings = new ArrayList<>();

  /**
   * For each row of weights, the evaluation of the cell at the nodes of the grid; null until the
   * table is first read.
   */
  private RelaxedCell.Pass[] passes;

  private Table table;

  /**
   * One evaluation of an instance on the CPU by a loop over Java arrays, kept for the backward
   * pass.
   */
  private final class Reading implements Host.Exact {

    final int instance;
    final NDArray x;

    /**
     * Whether values are read from the table, because x has more elements than the grid has nodes.
     */
    final boolean tabulated;

    /**
     * A tensor of zeros that was added to the values y. After the network's backward pass the
     * gradient of this tensor is ∂L/∂y, the derivatives of the loss L with respect to y.
     */
    NDArray zeros;

    /**
     * The indices in x of the elements for which the cell itself was evaluated; empty if none were.
     */
    int[] positions = {};

    /** The evaluation of the cell at these elements; null if there are none. */
    RelaxedCell.Pass pass;

    Reading(int instance, NDArray x) {
      this.instance = instance;
      this.x = x;
      tabulated = x.size() > UniformGrid.SEARCH.nodes();
    }

    @Override
    public void evaluate(int[] at, double[] values, double[] slopes) {
      positions = at;
      pass = cell.evaluate(values.clone(), weights, instance);
      System.arraycopy(pass.values(), 0, values, 0, values.length);
      System.arraycopy(pass.slopes(), 0, slopes, 0, values.length);
    }
  }

  /**
   * Begins a pass.
   *
   * @param cell the relaxed cell
   * @param nodes the nodes of the grid {@link UniformGrid#SEARCH}, from {@link RelaxedCell#prepare}
   * @param weights the mixing weights and β; one row of weights for each instance, or one row for
   *     all
   * @param differentiable whether {@link #gradient} will be called after the backward pass
   */
  RelaxedPass(
      RelaxedCell cell, RelaxedCell.Nodes nodes, CellWeights weights, boolean differentiable) {
    this.cell = cell;
    this.nodes = nodes;
    this.weights = weights;
    this.differentiable = differentiable;
  }

  /**
   * Computes the values of an instance.
   *
   * @param instance the index of the instance
   * @param x the arguments, any shape
   * @return the values in the shape of x, differentiable with respect to x
   */
  NDArray read(int instance, NDArray x) {
    if (!Host.reaches(x.getDevice())) {
      tabulate(false);
      return table.readThere(weights.row(instance), x, null, differentiable);
    }
    if (x.getDataType() != DataType.FLOAT32) {
      NDArray single = x.toType(DataType.FLOAT32, false);
      return read(instance, single).toType(x.getDataType(), false);
    }
    Reading reading = new Reading(instance, x);
    NDArray y;
    if (reading.tabulated) {
      tabulate(true);
      int row = weights.row(instance);
      y = Host.apply(x, block -> table.read(row, block), reading);
    } else {
      y = Host.apply(x, RelaxedPass::leaveAll, reading);
    }
    if (!differentiable) {
      return y;
    }
    // A tensor of zeros, whose gradient will be ∂L/∂y. It has the shape of x, but occupies the
    // memory of a single number.
    NDManager manager = x.getManager();
    reading.zeros = manager.zeros(new Shape(1)).broadcast(x.getShape()).stopGradient();
    reading.zeros.setRequiresGradient(true);
    readings.add(reading);
    return y.addi(reading.zeros);
  }

  /**
   * A loop that computes nothing and leaves all elements to {@link Reading#evaluate}, which
   * evaluates the cell itself.
   */
  private static int leaveAll(Host.Block block) {
    Arrays.setAll(block.left, k -> k);
    return block.count;
  }

  /**
   * Evaluates the cell at the nodes of the grid for every row of weights, and fills the table,
   * unless this has been done already.
   *
   * @param here true if a loop on a CPU will read the table, and will leave out elements beyond the
   *     grid; false if tensor operations will read it
   */
  private void tabulate(boolean here) {
    if (table != null) {
      return;
    }
    int rows = weights.weights().length;
    Table made = new Table(UniformGrid.SEARCH, rows, here);
    passes = new RelaxedCell.Pass[rows];
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            row -> {
              passes[row] = cell.evaluate(nodes, weights, row);
              made.set(row, passes[row].values());
            });
    table = made;
  }

  /**
   * Computes the derivatives of the loss L with respect to the mixing weights and β. They follow
   * from the derivatives with respect to the instances' outputs, which the network's backward pass
   * has computed. To be called once.
   *
   * @return the derivatives
   */
  CellWeights.Gradient gradient() {
    CellWeights.Gradient gradient = weights.zeroGradient();
    double[][] bins = table == null ? null : table.gradientThere();
    for (Reading reading : readings) {
      int row = weights.row(reading.instance);
      try (NDArray upstream = reading.zeros.getGradient()) {
        FloatBuffer g = Host.memory(upstream);
        if (reading.tabulated) {
          bin(Host.memory(reading.x), g, bins[row]);
        }
        if (reading.pass != null) {
          double[] own = Arrays.stream(reading.positions).mapToDouble(g::get).toArray();
          reading.pass.backward(own, gradient.weights()[row], gradient.beta());
        }
      }
      reading.zeros.close();
    }
    readings.clear();
    if (table != null) {
      toWeights(bins, gradient);
    }
    return gradient;
  }

  /**
   * Backpropagates the bins of each row of weights through the cell's evaluation at the nodes of
   * the grid. This gives derivatives of the loss with respect to the mixing weights and β.
   *
   * @param bins for each row of weights its bins, in the layout that {@link Table#bin} describes
   * @param gradient the derivatives are added to this gradient
   */
  private void toWeights(double[][] bins, CellWeights.Gradient gradient) {
    double[][][] byWeight = new double[bins.length][][];
    double[][][] byBeta = new double[bins.length][][];
    IntStream.range(0, bins.length)
        .parallel()
        .forEach(
            row -> {
              byWeight[row] = CellWeights.zeros(weights.beta());
              byBeta[row] = CellWeights.zeros(weights.beta());
              passes[row].backward(table.toNodes(row, bins[row]), byWeight[row], byBeta[row]);
            });
    // Summed in the order of the rows, so that every run gives bit-identical results.
    for (int row = 0; row < bins.length; row++) {
      CellWeights.add(gradient.weights()[row], byWeight[row], 1);
      CellWeights.add(gradient.beta(), byBeta[row], 1);
    }
  }

  /**
   * Adds the derivatives ∂L/∂y at the elements of one tensor to the bins of its row of weights. A
   * share is the part of the loop that one thread works on. Each share has bins of its own; these
   * are summed afterwards in the order of the shares, so that every run gives bit-identical
   * results.
   *
   * @param x the arguments
   * @param g ∂L/∂y, in the order of x
   * @param bins the bins of the row of weights, in the layout that {@link Table#bin} describes
   */
  private void bin(FloatBuffer x, FloatBuffer g, double[] bins) {
    double[][] parts = new double[Host.shares(x.capacity())][];
    Arrays.setAll(parts, share -> table.bins());
    Host.inBlocks(
        x.capacity(),
        (share, block, first) -> {
          x.get(first, block.x, 0, block.count);
          g.get(first, block.y, 0, block.count);
          table.bin(block, parts[share]);
        });
    for (double[] part : parts) {
      for (int i = 0; i < bins.length; i++) {
        bins[i] += part[i];
      }
    }
  }
}
