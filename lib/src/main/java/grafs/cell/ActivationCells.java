package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The activation cells of one network: a factory of activation blocks for building it, and the
 * switch that decides what they all compute. Until {@link #relax} the blocks compute the default
 * activation; from then on the relaxed cell with the weights given.
 *
 * <p>One step of a search is {@code relax}, the network's forward pass, the loss's backward pass,
 * {@link #backward}. The tensors of a step belong to the caller's {@link ai.djl.ndarray.NDScope}.
 */
public final class ActivationCells implements Supplier<Block> {

  /** How relaxed cells are evaluated. */
  public enum Evaluation {
    /**
     * Every operation on every activation: the definition, for tests. A step costs some 100 plain
     * ones.
     */
    EXACT,
    /** All cells on a grid once a step, activations by interpolation. */
    TABULATED
  }

  private final CellSpace space;
  private final Evaluation evaluation;
  private final Grid grid;
  private final Block defaultActivation;
  private final RelaxedCell cell;
  private final TabulatedCell tabulated;
  private final List<Instance> instances = new ArrayList<>();

  private CellWeights weights;
  private TabulatedCell.Step step;
  private Consumer<NDArray> observer = x -> {};

  /**
   * Creates the cells of a network to be built.
   *
   * @param space the search space
   * @param evaluation exact or tabulated
   * @param grid the grid of tabulated cells
   * @param defaultActivation what the cells compute at first; without parameters
   */
  public ActivationCells(
      CellSpace space, Evaluation evaluation, Grid grid, Block defaultActivation) {
    this.space = space;
    this.evaluation = evaluation;
    this.grid = grid;
    this.defaultActivation = defaultActivation;
    this.cell = new RelaxedCell(space);
    this.tabulated = new TabulatedCell(space, grid);
  }

  /** {@return a new activation block, with β of its own, for one place in the network} */
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

  /** {@return the number of activation blocks made so far} */
  public int instances() {
    return instances.size();
  }

  /**
   * Lets all cells compute the relaxed function with these weights until the next call.
   *
   * @param weights the mixing weights, for all instances or shared by them
   */
  public void relax(CellWeights weights) {
    this.weights = weights;
    if (evaluation == Evaluation.EXACT) {
      return;
    }
    step = tabulated.evaluate(weights, betas());
  }

  /**
   * Carries gradients from the activations to the weights' origin (α) and to β: to be called after
   * the backward pass of the loss, within its gradient collector.
   *
   * @param collector the gradient collector of the step
   */
  public void backward(GradientCollector collector) {
    if (step != null) {
      step.backward(collector);
    }
  }

  /** Lets all cells compute the default activation again. */
  public void restoreDefault() {
    weights = null;
    step = null;
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
    Consumer<NDArray> before = observer;
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
      observer = before;
    }
    float[] joined = new float[perCell * samples.size()];
    for (int i = 0; i < samples.size(); i++) {
      System.arraycopy(samples.get(i), 0, joined, i * perCell, perCell);
    }
    return joined;
  }

  /**
   * Looks for an operation of the relaxed cells whose value, gradient or β is not finite. Not to be
   * called within a gradient collector.
   *
   * @param weights the mixing weights, for all instances or shared by them
   * @return the first one in the order of the network, or nothing if all are finite
   */
  public Optional<Culprit> culprit(CellWeights weights) {
    for (Instance instance : instances) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDManager manager = weights.unary().getManager();
        NDArray x = grid.values(manager, weights.unary().getDataType());
        NDArray own = instance.beta == null ? null : instance.beta.getArray().stopGradient();
        Optional<Culprit> found =
            new Diagnosis(space, instance.index, weights.of(instance.index), own).run(x);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Sets β of all instances to the same values.
   *
   * @param beta the values, of length {@link CellSpace#betas()}
   */
  public void setBeta(float[] beta) {
    for (Instance instance : instances) {
      if (instance.beta != null) {
        instance.beta.getArray().set(beta);
      }
    }
  }

  /** {@return the mean of the instances' β vectors, of length {@link CellSpace#betas()}} */
  public float[] meanBeta() {
    float[] mean = new float[space.betas()];
    for (Instance instance : instances) {
      float[] own = mean.length == 0 ? mean : instance.beta.getArray().toFloatArray();
      for (int i = 0; i < mean.length; i++) {
        mean[i] += own[i] / instances.size();
      }
    }
    return mean;
  }

  @Override
  public String toString() {
    return evaluation == Evaluation.EXACT ? "exact" : "tabulated on " + grid;
  }

  private NDArray betas() {
    if (space.betas() == 0) {
      return null;
    }
    NDList own = new NDList();
    instances.forEach(instance -> own.add(instance.beta.getArray()));
    return NDArrays.stack(own);
  }

  private NDArray evaluate(Instance instance, NDArray x) {
    observer.accept(x);
    if (weights == null) {
      return defaultActivation.forward(null, new NDList(x), false).head();
    }
    if (evaluation == Evaluation.TABULATED) {
      return step.table().read(instance.index, x);
    }
    return exact(instance, x);
  }

  /** The cell itself within the grid's radius, beyond it the chord that {@link Grid} tells of. */
  private NDArray exact(Instance instance, NDArray x) {
    double radius = grid.radius();
    double chord = grid.chord() * grid.step();
    NDArray inside = x.clip(-radius, radius);
    NDArray ends =
        x.getManager()
            .create(new double[] {-radius, chord - radius, radius - chord, radius})
            .toType(x.getDataType(), false);
    NDArray all = NDArrays.concat(new NDList(inside.flatten(), ends)).expandDims(0);
    NDArray own = instance.beta == null ? null : instance.beta.getArray().expandDims(0);
    NDArray y = cell.evaluate(all, weights.of(instance.index), own).flatten();
    long n = x.size();
    NDArray width = x.getManager().create(chord).toType(x.getDataType(), false);
    NDArray left = y.get(n + 1).sub(y.get(n)).div(width);
    NDArray right = y.get(n + 3).sub(y.get(n + 2)).div(width);
    return y.get(":" + n)
        .reshape(x.getShape())
        .sub(Activation.relu(x.add(radius).neg()).mul(left))
        .add(Activation.relu(x.sub(radius)).mul(right));
  }

  /** One place of the network that holds a cell. */
  private final class Instance extends AbstractBlock {

    private final int index;
    private final Parameter beta;

    Instance(int index) {
      this.index = index;
      beta =
          space.betas() == 0
              ? null
              : addParameter(
                  Parameter.builder()
                      .setName("beta")
                      .setType(Parameter.Type.OTHER)
                      .optShape(new Shape(space.betas()))
                      .optInitializer((manager, shape, type) -> betaStart(manager, type))
                      .build());
    }

    private NDArray betaStart(NDManager manager, DataType type) {
      return manager.create(space.betaStart()).toType(type, false);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return new NDList(evaluate(this, inputs.singletonOrThrow()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
