package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import grafs.op.HostFunction;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The activation cells of one network: a factory of activation blocks for building it, and the
 * switch that decides what they all compute. At first that is the default activation.
 *
 * <p>One pass of a search is {@link #relax}, the network's forward pass, the loss's backward pass,
 * {@link #gradient}. A cell is a function of one number, so every instance is evaluated on a grid
 * and the network reads it from there ({@link Table}); where a tensor has fewer numbers than the
 * grid, and for numbers beyond it, the cell is evaluated at the numbers themselves.
 */
public final class Cells implements Supplier<Block> {

  private final CellSpace space;
  private final Block defaultActivation;
  private final Grid grid = Grid.SEARCH;
  private final RelaxedCell cell;
  private final RelaxedCell.Nodes nodes;
  private final List<Instance> instances = new ArrayList<>();

  /** What the instances compute while there are no weights. */
  private Block function;

  private CellWeights weights;
  private boolean differentiable;
  private RelaxedCell.Pass[] passes;
  private Table table;
  private final List<Reading> readings = new ArrayList<>();
  private Consumer<NDArray> observer = x -> {};

  /**
   * Where values were read.
   *
   * @param zeros zeros that were added to the values, at which their gradient arrives
   * @param pass the cell evaluated at the numbers themselves, or null if the table was read
   */
  private record Reading(int instance, NDArray x, NDArray zeros, RelaxedCell.Pass pass) {}

  /**
   * Creates the cells of a network to be built.
   *
   * @param space the search space
   * @param defaultActivation what the cells compute at first; a block without parameters
   */
  public Cells(CellSpace space, Block defaultActivation) {
    this.space = space;
    this.defaultActivation = defaultActivation;
    function = defaultActivation;
    cell = new RelaxedCell(space);
    nodes = cell.prepare(grid.values());
  }

  /** {@return a new activation block for one place in the network} */
  @Override
  public Block get() {
    Instance instance = new Instance(instances.size());
    instances.add(instance);
    return instance;
  }

  /** {@return the search space} */
  public CellSpace space() {
    return space;
  }

  /** {@return the activation that the cells compute at first} */
  public Block defaultActivation() {
    return defaultActivation;
  }

  /** {@return the number of activation blocks made so far} */
  public int instances() {
    return instances.size();
  }

  /**
   * Lets all instances compute the relaxed cell until the next call.
   *
   * @param weights the mixing weights, in a row for each instance or in one for all
   * @param differentiable whether {@link #gradient} will be asked for
   */
  public void relax(CellWeights weights, boolean differentiable) {
    forget();
    this.weights = weights;
    this.differentiable = differentiable;
  }

  /**
   * Lets all instances compute a function until the next call.
   *
   * @param other the function
   */
  public void compute(Expression other) {
    forget();
    function = other.get();
  }

  /** Lets all instances compute the default activation again. */
  public void restoreDefault() {
    forget();
    function = defaultActivation;
  }

  private void forget() {
    weights = null;
    passes = null;
    table = null;
    readings.clear();
  }

  /**
   * Carries what the backward pass left at the activations on to the mixing weights and β.
   *
   * @return the derivatives of the loss
   */
  public CellWeights.Gradient gradient() {
    CellWeights.Gradient gradient = CellWeights.Gradient.zeros(weights);
    double[][] bins = table == null ? null : table.gradientThere();
    for (Reading reading : readings) {
      int row = weights.row(reading.instance);
      try (NDArray upstream = reading.zeros.getGradient()) {
        FloatBuffer x = HostFunction.memory(reading.x);
        FloatBuffer g = HostFunction.memory(upstream);
        if (reading.pass == null) {
          bin(row, x, g, bins[row], gradient);
        } else {
          double[] own = IntStream.range(0, g.capacity()).mapToDouble(g::get).toArray();
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
    CellWeights.Gradient[] own = new CellWeights.Gradient[bins.length];
    IntStream.range(0, bins.length)
        .parallel()
        .forEach(
            row -> {
              own[row] = CellWeights.Gradient.zeros(weights);
              passes[row].backward(
                  table.toNodes(bins[row]), own[row].weights()[row], own[row].beta());
            });
    // Added up in the order of the rows, so that every run gives the same bits.
    for (int row = 0; row < own.length; row++) {
      add(own[row].weights()[row], gradient.weights()[row]);
      add(own[row].beta(), gradient.beta());
    }
  }

  private static void add(double[][] from, double[][] to) {
    for (int p = 0; p < to.length; p++) {
      for (int o = 0; o < to[p].length; o++) {
        to[p][o] += from[p][o];
      }
    }
  }

  /** Adds a reading's share of the derivatives, in parts that are the same in every run. */
  private void bin(int row, FloatBuffer x, FloatBuffer g, double[] bins, CellWeights.Gradient to) {
    int size = x.capacity();
    double[][] parts = new double[HostFunction.shares(size)][];
    double[][] beyond = new double[parts.length][];
    double[][] beyondGradient = new double[parts.length][];
    HostFunction.inShares(
        size,
        (share, from, end) -> {
          double[] own = table.bins();
          double[] points = new double[16];
          double[] gradients = new double[16];
          int outside = 0;
          float[] xs = new float[HostFunction.BLOCK];
          float[] gs = new float[HostFunction.BLOCK];
          for (int first = from; first < end; first += HostFunction.BLOCK) {
            int count = Math.min(HostFunction.BLOCK, end - first);
            x.get(first, xs, 0, count);
            g.get(first, gs, 0, count);
            for (int k = 0; k < count; k++) {
              if (Math.abs(xs[k]) < grid.radius()) {
                table.bin(xs[k], gs[k], own);
              } else {
                if (outside == points.length) {
                  points = java.util.Arrays.copyOf(points, 2 * outside);
                  gradients = java.util.Arrays.copyOf(gradients, 2 * outside);
                }
                points[outside] = xs[k];
                gradients[outside++] = gs[k];
              }
            }
          }
          parts[share] = own;
          beyond[share] = java.util.Arrays.copyOf(points, outside);
          beyondGradient[share] = java.util.Arrays.copyOf(gradients, outside);
        });
    for (int share = 0; share < parts.length; share++) {
      for (int i = 0; i < bins.length; i++) {
        bins[i] += parts[share][i];
      }
      if (beyond[share].length > 0) {
        cell.evaluate(beyond[share], weights, row)
            .backward(beyondGradient[share], to.weights()[row], to.beta());
      }
    }
  }

  /**
   * Takes samples of what comes into the cells, the pre-activations.
   *
   * @param perCell how many values to take of each cell in each forward pass
   * @param seed which ones
   * @param forward runs the network, once or several times
   * @return the values, of all cells together
   */
  public float[] inputs(int perCell, long seed, Runnable forward) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> samples = new ArrayList<>();
    observer =
        x -> {
          float[] all = x.toFloatArray();
          float[] some = new float[perCell];
          for (int i = 0; i < perCell; i++) {
            some[i] = all[random.nextInt(all.length)];
          }
          samples.add(some);
        };
    try {
      forward.run();
    } finally {
      observer = x -> {};
    }
    float[] joined = new float[perCell * samples.size()];
    for (int i = 0; i < samples.size(); i++) {
      System.arraycopy(samples.get(i), 0, joined, i * perCell, perCell);
    }
    return joined;
  }

  private NDArray read(int instance, NDArray x) {
    if (!Table.isHere(x)) {
      tabulate(false);
      return table.readThere(weights.row(instance), x, x.getManager(), differentiable);
    }
    RelaxedCell.Pass direct = null;
    NDArray y;
    if (x.size() <= grid.nodes()) {
      FloatBuffer at = HostFunction.memory(x);
      double[] points = IntStream.range(0, at.capacity()).mapToDouble(at::get).toArray();
      direct = cell.evaluate(points, weights, instance);
      y = direct(direct, x);
    } else {
      tabulate(true);
      y = table.readHere(weights.row(instance), x, (at, d) -> exact(instance, at, d));
    }
    if (!differentiable) {
      return y;
    }
    // One zero that looks like as many as x has elements.
    NDManager manager = x.getManager();
    NDArray zeros = manager.zeros(new Shape(1)).broadcast(x.getShape()).stopGradient();
    zeros.setRequiresGradient(true);
    readings.add(new Reading(instance, x, zeros, direct));
    return y.addi(zeros);
  }

  private static NDArray direct(RelaxedCell.Pass pass, NDArray x) {
    double[] values = pass.values();
    double[] slopes = pass.slopes();
    return HostFunction.apply(
        x,
        (first, count, at, slope, y) -> {
          for (int k = 0; k < count; k++) {
            y[k] = (float) values[first + k];
            slope[k] = (float) slopes[first + k];
          }
        });
  }

  private void exact(int instance, double x, double[] d) {
    RelaxedCell.Pass pass = cell.evaluate(new double[] {x}, weights, instance);
    d[0] = pass.values()[0];
    d[1] = pass.slopes()[0];
  }

  /**
   * Evaluates the cell of every row on the grid.
   *
   * @param here whether it is read where what lies beyond the grid can be evaluated
   */
  private void tabulate(boolean here) {
    if (table != null) {
      return;
    }
    int rows = weights.weights().length;
    passes = new RelaxedCell.Pass[rows];
    Table made = new Table(grid, rows);
    RelaxedCell.Nodes own = cell.withBeta(nodes, weights);
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            row -> {
              passes[row] = cell.evaluate(own, weights, row);
              made.set(row, passes[row].values());
            });
    if (here) {
      made.markEnds();
    }
    table = made;
  }

  /** One place of the network that holds a cell. */
  private final class Instance extends AbstractBlock {

    private final int index;

    Instance(int index) {
      this.index = index;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      observer.accept(x);
      return weights == null
          ? function.forward(store, inputs, training, params)
          : new NDList(read(index, x));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
