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
import grafs.cell.Constant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A block with its weights on a device and its loss. Runs the forward and backward passes of
 * training and search, and frees all tensors of a pass when it ends.
 */
public final class Learner implements AutoCloseable {

  private final NDManager manager;
  private final Block block;
  private final Loss loss;
  private final LabelRule labelRule;
  private final ParameterStore store;
  private final long seed;
  private final PairList<String, NDArray> weights = new PairList<>();
  private final PairList<String, NDArray> buffers = new PairList<>();
  private final Map<String, NDArray> state = new LinkedHashMap<>();
  private final InitialValues initial;

  /**
   * Initialises the block's weights.
   *
   * @param block a block that is not initialised yet and outputs logits {@code [batch, classes]},
   *     or for a text {@code [batch, tokens, classes]}
   * @param loss the loss of output and labels
   * @param input the shape of a batch, such as {@code [1, 3, 32, 32]}
   * @param seed the seed of the weights
   */
  public Learner(Block block, Loss loss, Shape input, long seed) {
    this(block, loss, seed, input);
  }

  /**
   * Initialises the weights of a block that may take several inputs. Weights that are initialised
   * already keep their values, and are not freed with the learner.
   *
   * @param block a block that outputs logits, or for a regression {@code [batch, numbers]}
   * @param loss the loss of output and labels
   * @param seed the seed of the weights
   * @param inputs the shapes of a batch's inputs
   */
  public Learner(Block block, Loss loss, long seed, Shape... inputs) {
    this.block = block;
    this.loss = loss;
    this.labelRule = LabelRule.of(loss);
    this.seed = seed;
    this.manager = NDManager.newBaseManager();
    this.store = new ParameterStore(manager, false);
    Engine.getInstance().setRandomSeed((int) seed);
    initial = new InitialValues(block, manager);
    block.initialize(manager, DataType.FLOAT32, inputs);
    for (Pair<String, Parameter> parameter : block.getParameters()) {
      NDArray array = parameter.getValue().getArray();
      (parameter.getValue().requiresGradient() ? weights : buffers).add(parameter.getKey(), array);
      state.put(parameter.getKey(), array);
    }
    freeze(false);
  }

  /** {@return the manager that owns the weights, on their device} */
  public NDManager manager() {
    return manager;
  }

  /** {@return the seed that the constructor was given; {@link #restart} does not change it} */
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
   * {@return the values of all parameters, trainable weights and buffers such as running means: the
   * arrays themselves, by the names that the block gives them}
   */
  public Map<String, NDArray> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * {@return the buffers, which forward passes in training update and gradients do not: the running
   * statistics of batch normalisation, by the names that the block gives them}
   */
  public PairList<String, NDArray> buffers() {
    return buffers;
  }

  /**
   * Resets the parameters to random values: trained weights and the running statistics of
   * normalisations are initialised again, even if they were initialised before the learner was
   * made. Frozen weights get their values from then.
   *
   * @param newSeed the seed of the weights
   */
  public void restart(long newSeed) {
    freeze(true);
    initial.restore(newSeed);
    freeze(false);
    for (NDArray weight : weights.values()) {
      // Subtraction would keep the NaN of a diverged training. Array.copyTo would tie the
      // gradient's memory to a Java object that is soon collected.
      try (NDArray gradient = weight.getGradient()) {
        gradient.set(new NDIndex("..."), 0);
      }
    }
  }

  /** {@return the number of trainable parameters} */
  public long parameters() {
    return weights.values().stream().mapToLong(NDArray::size).sum();
  }

  /**
   * Excludes the weights from autograd, or includes them again. While they are excluded, a backward
   * pass costs less and computes no gradients of the weights.
   *
   * @param frozen whether to exclude the weights
   */
  public void freeze(boolean frozen) {
    weights.values().forEach(weight -> weight.setRequiresGradient(!frozen));
  }

  /**
   * Runs one batch forward and backward and adds its gradients to those of earlier batches.
   *
   * @param batch the examples
   * @param tally where to add the batch's score
   * @param share the factor of the loss in the backward pass, such as ½ if two batches make a step;
   *     the tally gets the loss without it
   * @param before runs before the forward pass, while autograd records
   * @param after runs after the backward pass, before the pass's tensors are freed
   * @throws IllegalStateException if memory does not suffice; says for which batch
   */
  public void backpropagate(
      Batch batch, RunningScore tally, double share, Runnable before, Runnable after) {
    try (NDScope scope = new NDScope();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      scope.suppressNotUsedWarning();
      before.run();
      NDArray loss = score(batch, true, tally);
      collector.backward(share == 1 ? loss : loss.mul(Constant.of(loss, share)));
      after.run();
    } catch (EngineException e) {
      String said = String.valueOf(e.getMessage());
      if (!said.contains("out of memory") && !said.contains("not enough memory")) {
        throw e;
      }
      throw new IllegalStateException(
          "a batch of %d examples does not fit into the memory of %s: take a smaller batchSize (%s)"
              .formatted(batch.getSize(), manager.getDevice(), said.lines().findFirst().orElse("")),
          e);
    }
  }

  /**
   * Runs one batch forward and backward.
   *
   * @param batch the examples
   * @param tally where to add the batch's score
   */
  public void backpropagate(Batch batch, RunningScore tally) {
    backpropagate(batch, tally, 1, () -> {}, () -> {});
  }

  /**
   * Scores the network, without training it.
   *
   * @param batches the examples; every batch is closed
   * @return the score over all of them
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public Score evaluate(Iterable<Batch> batches) {
    try (RunningScore tally = new RunningScore(manager)) {
      for (Batch batch : batches) {
        try (batch;
            NDScope scope = new NDScope()) {
          scope.suppressNotUsedWarning();
          Progress.stopIfInterrupted(() -> "interrupted while the network was scored");
          score(batch, false, tally);
        }
      }
      return tally.score();
    }
  }

  /**
   * Scores the network on one batch in training mode: batch normalisation uses the batch's own
   * statistics, and dropout is active. Weights and running statistics do not change.
   *
   * @param batch the examples
   * @return the score
   */
  public Score evaluateAsInTraining(Batch batch) {
    try (RunningScore tally = new RunningScore(manager);
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      List<NDArray> before = buffers.values().stream().map(NDArray::duplicate).toList();
      score(batch, true, tally);
      for (int i = 0; i < before.size(); i++) {
        before.get(i).copyTo(buffers.valueAt(i));
      }
      return tally.score();
    }
  }

  /**
   * Runs one batch forward and returns the shape of the network's output.
   *
   * @param batch examples
   * @return the output's shape, such as {@code [batch, classes]}
   * @throws IllegalArgumentException if the network has several outputs
   */
  public Shape output(Batch batch) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return forward(batch, false).getShape();
    }
  }

  private NDArray forward(Batch batch, boolean training) {
    // A copy: DJL's recurrent blocks add their states to the list that they are given.
    NDList outputs = block.forward(store, new NDList(batch.getData()), training);
    if (outputs.size() != 1) {
      throw new IllegalArgumentException(
          "the network has %d outputs, of shapes %s; one is needed, which the loss compares with the labels: put a block after it that returns one, such as new LambdaBlock(list -> new NDList(list.get(0)))"
              .formatted(outputs.size(), Arrays.toString(outputs.getShapes())));
    }
    return outputs.head();
  }

  /** Adds a batch's score to a tally and returns its loss. */
  private NDArray score(Batch batch, boolean training, RunningScore tally) {
    NDArray scores = forward(batch, training);
    NDArray labels = batch.getLabels().head();
    Shape shape = scores.getShape();
    labelRule.requireShape(shape, labels.getShape());
    if (shape.dimension() > 2) {
      // Every token is an example.
      scores = scores.reshape(-1, shape.get(shape.dimension() - 1));
      labels = labels.flatten();
    }
    NDArray value = loss.evaluate(new NDList(labels), new NDList(scores));
    tally.add(value, scores, labels);
    return value;
  }

  @Override
  public void close() {
    manager.close();
  }
}
