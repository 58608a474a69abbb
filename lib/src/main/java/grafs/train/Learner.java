package grafs.train;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A block with its weights on a device and its loss: what training and search step forward and
 * backward. All tensors of a step are freed when it ends.
 */
public final class Learner implements AutoCloseable {

  private final NDManager manager;
  private final Block block;
  private final Loss loss;
  private final ParameterStore store;
  private final long seed;
  private final PairList<String, NDArray> weights = new PairList<>();
  private final PairList<String, NDArray> buffers = new PairList<>();

  /**
   * Initialises the block's weights.
   *
   * @param block a block that is not initialised yet; classifying, output {@code [batch, classes]},
   *     or every token of a text, {@code [batch, tokens, classes]}
   * @param loss the loss of output and labels
   * @param input the shape of a batch, such as {@code [1, 3, 32, 32]}
   * @param seed the seed of the weights
   */
  public Learner(Block block, Loss loss, Shape input, long seed) {
    this(block, loss, seed, input);
  }

  /**
   * Initialises the weights of a block that may take several inputs. Those that are initialised
   * already stay as they are, and are not freed with the learner.
   *
   * @param block a block, classifying, or for a regression, output {@code [batch, numbers]}
   * @param loss the loss of output and labels
   * @param seed the seed of the weights
   * @param inputs the shapes of a batch's inputs
   */
  public Learner(Block block, Loss loss, long seed, Shape... inputs) {
    this.block = block;
    this.loss = loss;
    this.seed = seed;
    this.manager = NDManager.newBaseManager();
    this.store = new ParameterStore(manager, false);
    Engine.getInstance().setRandomSeed((int) seed);
    block.initialize(manager, DataType.FLOAT32, inputs);
    for (Pair<String, Parameter> parameter : block.getParameters()) {
      (parameter.getValue().requiresGradient() ? weights : buffers)
          .add(parameter.getKey(), parameter.getValue().getArray());
    }
    freeze(false);
  }

  /** {@return the manager that owns the weights, on their device} */
  public NDManager manager() {
    return manager;
  }

  /** {@return the seed of the weights} */
  public long seed() {
    return seed;
  }

  /** {@return the block} */
  public Block block() {
    return block;
  }

  /** {@return the trainable weights, by the names that the block gives them} */
  public PairList<String, NDArray> weights() {
    return weights;
  }

  /**
   * {@return all that the network has learned, the weights and what it keeps of the data, such as
   * running means: the arrays themselves, by the names that the block gives them}
   */
  public Map<String, NDArray> state() {
    Map<String, NDArray> state = new LinkedHashMap<>();
    for (Pair<String, Parameter> parameter : block.getParameters()) {
      state.put(parameter.getKey(), parameter.getValue().getArray());
    }
    return state;
  }

  /**
   * {@return what passes in training move and no gradient does: the running statistics of batch
   * normalisation, by the names that the block gives them}
   */
  public PairList<String, NDArray> buffers() {
    return buffers;
  }

  /** {@return the number of trainable parameters} */
  public long parameters() {
    return weights.values().stream().mapToLong(NDArray::size).sum();
  }

  /**
   * Keeps autograd from following the weights, or lets it follow them again: a backward pass then
   * costs less, and leaves no gradient at them.
   *
   * @param frozen whether to hold the weights out
   */
  public void freeze(boolean frozen) {
    weights.values().forEach(weight -> weight.setRequiresGradient(!frozen));
  }

  /**
   * Runs one batch forward and backward; gradients are added to those that are there.
   *
   * @param batch the examples
   * @param tally where to add the batch's score
   * @param before what to do first within the gradient's scope
   * @param after what to do with the collector after the loss's backward pass
   */
  public void backpropagate(
      Batch batch, Tally tally, Runnable before, Consumer<GradientCollector> after) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      before.run();
      Scored scored = score(batch, true);
      collector.backward(scored.loss);
      after.accept(collector);
      scored.addTo(tally);
    } catch (EngineException e) {
      throw outOfMemory(batch, before, e);
    }
  }

  /** PyTorch's error, or what to do about it if memory was too small. */
  private RuntimeException outOfMemory(Batch batch, Runnable before, EngineException error) {
    String said = String.valueOf(error.getMessage());
    if (!said.contains("out of memory") && !said.contains("not enough memory")) {
      return error;
    }
    return new IllegalStateException(
        "a batch of %d examples does not fit into the memory of %s%s"
            .formatted(
                batch.getSize(),
                manager.getDevice(),
                memory(batch, before, List.of())
                    .map(need -> need.advice(batch.getSize(), MemoryNeed.of(manager.getDevice())))
                    .orElse(": take a smaller batchSize")),
        error);
  }

  /**
   * Estimates the memory of training steps: passes two and three examples forward, fewer if there
   * are not so many, and counts what that leaves in memory. Changes nothing.
   *
   * @param batch some examples
   * @param before what to do first, such as to relax the cells
   * @param kept what is kept beside, such as the optimizer's state
   * @return the estimate, or empty if the block does not take batches of these sizes
   */
  public Optional<MemoryNeed> memory(Batch batch, Runnable before, Collection<NDArray> kept) {
    int some = Math.min(2, batch.getSize());
    int more = Math.min(3, batch.getSize());
    List<NDArray> statistics = this.buffers.values().stream().map(NDArray::duplicate).toList();
    long smaller;
    long larger;
    try {
      smaller = forward(batch, some, before);
      larger = forward(batch, more, before);
    } catch (EngineException | IllegalArgumentException e) {
      // Of a block that is written for one size. What else is wrong shows with the first step.
      return Optional.empty();
    } finally {
      for (int i = 0; i < statistics.size(); i++) {
        statistics.get(i).copyTo(this.buffers.valueAt(i));
        statistics.get(i).close();
      }
    }
    long perExample = more > some ? Math.max(0, larger - smaller) : smaller / some;
    long weights = bytes(this.weights.values().stream());
    long always = 2 * weights + bytes(this.buffers.values().stream()) + bytes(kept.stream());
    return Optional.of(MemoryNeed.of(always, Math.max(0, smaller - some * perExample), perExample));
  }

  /** {@return the bytes of all tensors that a forward pass makes} */
  private long forward(Batch batch, int examples, Runnable before) {
    // By their names, since arrays are equal that hold equal numbers.
    Set<String> there =
        manager.getManagedArrays().stream().map(NDArray::getUid).collect(Collectors.toSet());
    try (NDManager own = manager.newSubManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      before.run();
      NDIndex some = new NDIndex("0:" + examples);
      NDList data = new NDList();
      batch.getData().forEach(array -> data.add(array.get(own, some)));
      NDList labels = new NDList();
      batch.getLabels().forEach(array -> labels.add(array.get(own, some)));
      score(new Batch(own, data, labels, examples, null, null, 0, 0), true);
      // Those of sub-managers are among them.
      return bytes(
          manager.getManagedArrays().stream().filter(array -> !there.contains(array.getUid())));
    }
  }

  private static long bytes(Stream<NDArray> arrays) {
    return arrays.mapToLong(array -> array.size() * array.getDataType().getNumOfBytes()).sum();
  }

  /**
   * Runs one batch forward and backward.
   *
   * @param batch the examples
   * @param tally where to add the batch's score
   */
  public void backpropagate(Batch batch, Tally tally) {
    backpropagate(batch, tally, () -> {}, collector -> {});
  }

  /**
   * Scores the network, without training it.
   *
   * @param batches the examples; every batch is closed
   * @return the score over all of them
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public Score evaluate(Iterable<Batch> batches) {
    try (Tally tally = new Tally(manager)) {
      for (Batch batch : batches) {
        try (batch) {
          Progress.stopIfInterrupted(() -> "interrupted while the network was scored");
          evaluate(batch, tally);
        }
      }
      return tally.score();
    }
  }

  /**
   * Scores the network on one batch, without training it.
   *
   * @param batch the examples
   * @param tally where to add the batch's score
   */
  public void evaluate(Batch batch, Tally tally) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      score(batch, false).addTo(tally);
    }
  }

  /**
   * Scores the network on one batch as it computes in training, where batch normalisation goes by
   * the batch's own statistics and dropout draws, and changes nothing.
   *
   * @param batch the examples
   * @param tally where to add the batch's score
   */
  public void evaluateAsInTraining(Batch batch, Tally tally) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      List<NDArray> before = buffers.values().stream().map(NDArray::duplicate).toList();
      score(batch, true).addTo(tally);
      for (int i = 0; i < before.size(); i++) {
        before.get(i).copyTo(buffers.valueAt(i));
      }
    }
  }

  /** A batch's loss, scores {@code [examples, classes]} and labels {@code [examples]}. */
  private record Scored(NDArray loss, NDArray scores, NDArray labels) {

    void addTo(Tally tally) {
      tally.add(loss, scores, labels);
    }
  }

  private Scored score(Batch batch, boolean training) {
    NDArray scores = block.forward(store, batch.getData(), training).head();
    NDArray labels = batch.getLabels().head();
    Shape shape = scores.getShape();
    if (shape.dimension() > 2) {
      // Every token is an example.
      scores = scores.reshape(-1, shape.get(shape.dimension() - 1));
      labels = labels.flatten();
    }
    return new Scored(loss.evaluate(new NDList(labels), new NDList(scores)), scores, labels);
  }

  @Override
  public void close() {
    manager.close();
  }
}
