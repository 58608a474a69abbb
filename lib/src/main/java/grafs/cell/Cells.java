package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import grafs.op.HostFunction;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** Where values were read. */
  private static final class Reading {

    final int instance;
    final NDArray x;

    /** Zeros that were added to the values, at which their gradient arrives. */
    NDArray zeros;

    /** Whether the table was read. */
    boolean tabulated;

    /** The elements of x at which the cell itself was evaluated, and their pass. */
    int[] positions = {};

    RelaxedCell.Pass pass;

    Reading(int instance, NDArray x) {
      this.instance = instance;
      this.x = x;
    }
  }

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
    nodes = cell.prepare(UniformGrid.SEARCH.values());
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

  /**
   * Computes the default activation.
   *
   * @param manager whose device computes
   * @param points the arguments
   * @return its values there, in float32's precision
   */
  public double[] defaultValues(NDManager manager, double... points) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray x = manager.create(points).toType(DataType.FLOAT32, false);
      NDArray y = defaultActivation.forward(null, new NDList(x), false).head();
      return y.toType(DataType.FLOAT64, false).toDoubleArray();
    }
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
        FloatBuffer g = HostFunction.memory(upstream);
        if (reading.tabulated) {
          bin(HostFunction.memory(reading.x), g, bins[row]);
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
    CellWeights.Gradient[] own = new CellWeights.Gradient[bins.length];
    IntStream.range(0, bins.length)
        .parallel()
        .forEach(
            row -> {
              own[row] = CellWeights.Gradient.zeros(weights);
              passes[row].backward(
                  table.toNodes(row, bins[row]), own[row].weights()[row], own[row].beta());
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
  private void bin(FloatBuffer x, FloatBuffer g, double[] bins) {
    double[][] parts = new double[HostFunction.shares(x.capacity())][];
    HostFunction.inShares(
        x.capacity(),
        (share, from, end) -> {
          double[] own = table.bins();
          float[] xs = new float[HostFunction.BLOCK];
          float[] gs = new float[HostFunction.BLOCK];
          for (int first = from; first < end; first += HostFunction.BLOCK) {
            int count = Math.min(HostFunction.BLOCK, end - first);
            x.get(first, xs, 0, count);
            g.get(first, gs, 0, count);
            table.bin(count, xs, gs, own);
          }
          parts[share] = own;
        });
    for (double[] part : parts) {
      for (int i = 0; i < bins.length; i++) {
        bins[i] += part[i];
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
    if (!HostFunction.takes(x)) {
      tabulate(false);
      return table.readThere(weights.row(instance), x, x.getManager(), differentiable);
    }
    Reading reading = new Reading(instance, x);
    HostFunction.Exact exact = (positions, at, slopes) -> exact(reading, positions, at, slopes);
    NDArray y;
    if (x.size() <= UniformGrid.SEARCH.nodes()) {
      y = Table.evaluateHere(x, exact);
    } else {
      tabulate(true);
      reading.tabulated = true;
      y = table.readHere(weights.row(instance), x, exact);
    }
    if (!differentiable) {
      return y;
    }
    // One zero that looks like as many as x has elements.
    NDManager manager = x.getManager();
    reading.zeros = manager.zeros(new Shape(1)).broadcast(x.getShape()).stopGradient();
    reading.zeros.setRequiresGradient(true);
    readings.add(reading);
    return y.addi(reading.zeros);
  }

  private void exact(Reading reading, int[] positions, double[] x, double... slopes) {
    reading.positions = positions;
    reading.pass = cell.evaluate(x.clone(), weights, reading.instance);
    System.arraycopy(reading.pass.values(), 0, x, 0, x.length);
    System.arraycopy(reading.pass.slopes(), 0, slopes, 0, x.length);
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
    Table made = new Table(UniformGrid.SEARCH, rows);
    RelaxedCell.Nodes own = cell.withBeta(nodes, weights);
    passes = new RelaxedCell.Pass[rows];
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
