package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One pass of a network with relaxed cells, forward and backward. A cell is a function of one
 * number, so every instance is evaluated on a grid and the network reads values from the resulting
 * {@link Table}. On a CPU, tensors of at most as many elements as the grid has nodes, and elements
 * beyond the grid, are evaluated exactly instead.
 */
final class RelaxedPass {

  private final RelaxedCell cell;
  private final RelaxedCell.Nodes nodes;
  private final CellWeights weights;
  private final boolean differentiable;
  private final List<Reading> readings = new ArrayList<>();

  /** The forward pass of each row on the grid; null until the table is first read. */
  private RelaxedCell.Pass[] passes;

  private Table table;

  /** One evaluation of an instance in the forward pass, kept for the backward pass. */
  private final class Reading implements Host.Exact {

    final int instance;
    final NDArray x;

    /** Whether the values are read from the table. */
    final boolean tabulated;

    /** Zeros added to the values: autograd leaves the gradient ∂L/∂y there. */
    NDArray zeros;

    /** The elements of x at which the cell itself was evaluated, and their pass. */
    int[] positions = {};

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
   * @param cell the cell
   * @param nodes the grid's nodes, prepared
   * @param weights the mixing weights, in a row for each instance or in one for all
   * @param differentiable whether {@link #gradient} will be asked for
   */
  RelaxedPass(
      RelaxedCell cell, RelaxedCell.Nodes nodes, CellWeights weights, boolean differentiable) {
    this.cell = cell;
    this.nodes = nodes;
    this.weights = weights;
    this.differentiable = differentiable;
  }

  /**
   * Computes an instance's values.
   *
   * @param instance the instance
   * @param x the arguments, any shape
   * @return the values in the shape of x, differentiable in x
   */
  NDArray read(int instance, NDArray x) {
    if (!Host.takes(x)) {
      tabulate(false);
      return table.readThere(weights.row(instance), x, null, differentiable);
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
    // A single zero, broadcast to the shape of x without using memory.
    NDManager manager = x.getManager();
    reading.zeros = manager.zeros(new Shape(1)).broadcast(x.getShape()).stopGradient();
    reading.zeros.setRequiresGradient(true);
    readings.add(reading);
    return y.addi(reading.zeros);
  }

  /** A {@link Host.Loop} that leaves all elements to be evaluated exactly. */
  private static int leaveAll(Host.Block block) {
    Arrays.setAll(block.left, k -> k);
    return block.count;
  }

  /**
   * Evaluates the cell of every row on the grid.
   *
   * @param here whether Java reads the table, so that elements beyond the grid are evaluated
   *     exactly
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
   * Backpropagates to the mixing weights and β, from the gradients that the network's backward pass
   * has left at the activations.
   *
   * @return the derivatives of the loss
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

  private void toWeights(double[][] bins, CellWeights.Gradient gradient) {
    double[][][] byWeight = new double[bins.length][][];
    double[][][] byBeta = new double[bins.length][][];
    IntStream.range(0, bins.length)
        .parallel()
        .forEach(
            row -> {
              byWeight[row] = CellWeights.zeros(weights.beta());
              byBeta[row] = CellWeights.zeros(weights.beta());
              passes[row].backward(table.toNodes(bins[row]), byWeight[row], byBeta[row]);
            });
    // Summed in the order of the rows, so that every run gives the same bits.
    for (int row = 0; row < bins.length; row++) {
      CellWeights.add(gradient.weights()[row], byWeight[row], 1);
      CellWeights.add(gradient.beta(), byBeta[row], 1);
    }
  }

  /**
   * Adds the derivatives of one reading to the bins. The work is split in the same way in every
   * run, so that the sums have the same bits.
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
