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
 * A network (a DJL block) with its loss. The learner initialises the network's parameters, and runs
 * forward and backward passes of the network. When a pass ends, the tensors that it created are
 * freed. Parameters with gradients are called <em>weights</em>, the others <em>buffers</em>: the
 * running statistics of batch normalisation, and frozen parameters. Gradients add up over backward
 * passes, until an optimizer, {@link WeightOptimizer}, uses them and sets them to 0.
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

  /** The arrays of all weights and buffers by name. */
  private final Map<String, NDArray> state = new LinkedHashMap<>();

  private final InitialValues initial;

  /**
   * Initialises the parameters of a network with one input, as the other constructor does for any
   * number of inputs.
   *
   * @param block the network; it outputs logits {@code [batch, classes]}, for a text {@code [batch,
   *     tokens, classes]}, or for a regression {@code [batch, numbers]}
   * @param loss the loss, which compares the output with the labels
   * @param input the shape of an input with its batch dimension, such as {@code [1, 3, 32, 32]};
   *     the batch size may be any
   * @param seed the seed of the random initial weights
   */
  public Learner(Block block, Loss loss, Shape input, long seed) {
    this(block, loss, seed, input);
  }

  /**
   * Initialises the parameters of a network with one or several inputs. Parameters that are
   * initialised already, such as pretrained ones, keep their values, and are not freed when the
   * learner is closed.
   *
   * @param block the network; it has one output: logits {@code [batch, classes]}, for a text {@code
   *     [batch, tokens, classes]}, or for a regression {@code [batch, numbers]}
   * @param loss the loss, which compares the output with the labels
   * @param seed the seed of the random initial weights
   * @param inputs the shape of each input with its batch dimension; the batch size may be any
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
    try {
      block.initialize(manager, DataType.FLOAT32, inputs);
    } catch (RuntimeException e) {
      manager.close(); // The caller has no learner to close.
      throw e;
    }
    for (Pair<String, Parameter> parameter : block.getParameters()) {
      NDArray array = parameter.getValue().getArray();
      (parameter.getValue().requiresGradient() ? weights : buffers).add(parameter.getKey(), array);
      state.put(parameter.getKey(), array);
    }
    freeze(false);
  }

  /**
   * {@return the manager that owns the parameters which the learner initialised; its device is the
   * one on which the network is computed}
   */
  public NDManager manager() {
    return manager;
  }

  /** {@return the seed given to the constructor; {@link #restart} does not change it} */
  public long seed() {
    return seed;
  }

  /** {@return the network} */
  public Block block() {
    return block;
  }

  /** {@return the loss} */
  public Loss loss() {
    return loss;
  }

  /** {@return the arrays of the weights, not copies, by DJL's names of their parameters} */
  public PairList<String, NDArray> weights() {
    return weights;
  }

  /**
   * {@return the arrays of all parameters (weights and buffers), not copies, by DJL's names of the
   * parameters}
   */
  public Map<String, NDArray> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * {@return the arrays of the buffers, not copies, by DJL's names of their parameters. Forward
   * passes in training mode change the running statistics of batch normalisation among them}
   */
  public PairList<String, NDArray> buffers() {
    return buffers;
  }

  /**
   * Resets the network, to train it again from other initial weights. Weights and the running
   * statistics of batch normalisation are initialised anew, even if they were initialised before
   * the learner was created. Gradients are set to 0. Frozen parameters and parameters without an
   * initializer are set to the values that they had before the learner was created, if they had
   * any.
   *
   * @param newSeed the seed of the random initial weights
   */
  public void restart(long newSeed) {
    freeze(true);
    initial.restore(newSeed);
    freeze(false);
    for (NDArray weight : weights.values()) {
      // The gradient is set to 0 by assignment. If it were subtracted from itself, the NaN of a
      // diverged training would remain. Copying zeros to it with NDArray.copyTo would make it use
      // the memory of a Java buffer that is soon freed.
      try (NDArray gradient = weight.getGradient()) {
        gradient.set(new NDIndex("..."), 0);
      }
    }
  }

  /** {@return the number of elements of all weights} */
  public long parameters() {
    return weights.values().stream().mapToLong(NDArray::size).sum();
  }

  /**
   * Excludes the weights from autograd, or includes them again. While they are excluded, backward
   * passes compute no gradients of the weights and take less time.
   *
   * @param frozen true to exclude the weights, false to include them
   */
  public void freeze(boolean frozen) {
    weights.values().forEach(weight -> weight.setRequiresGradient(!frozen));
  }

  /**
   * Runs a forward pass in training mode and a backward pass for one batch. The gradients are added
   * to those of earlier batches.
   *
   * @param batch the examples
   * @param tally the running sums to which the batch's loss and number of correct predictions are
   *     added
   * @param share a factor by which the loss is multiplied before the backward pass, such as ½ for
   *     the mean gradient of two batches; the loss that is added to the tally is not multiplied
   * @param before runs before the forward pass, while autograd already records operations
   * @param after runs after the backward pass, before the tensors of the pass are freed
   * @throws IllegalStateException if the device has not enough memory; the message gives the number
   *     of examples in the batch
   * @throws IllegalArgumentException if the network has several outputs, or the labels have more or
   *     fewer numbers than the loss requires
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
   * Runs a forward and a backward pass for one batch, as the method with more parameters does with
   * a share of 1.
   */
  public void backpropagate(Batch batch, RunningScore tally) {
    backpropagate(batch, tally, 1, () -> {}, () -> {});
  }

  /**
   * Scores the network in inference mode: batch normalisation uses its running statistics, and
   * there is no dropout.
   *
   * @param batches the examples; each batch is closed as soon as it has been scored
   * @return the score over all batches
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public Score evaluate(Iterable<Batch> batches) {
    try (RunningScore tally = new RunningScore(manager)) {
      for (Batch batch : batches) {
        try (batch;
            NDScope scope = new NDScope()) {
          scope.suppressNotUsedWarning();
          Progress.stopIfInterrupted(() -> "the scoring of the network was interrupted");
          score(batch, false, tally);
        }
      }
      return tally.score();
    }
  }

  /**
   * Scores the network on one batch in training mode: batch normalisation uses the statistics of
   * the batch, and dropout is active. Weights, gradients and buffers do not change.
   *
   * @param batch the examples; not closed
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
   * Runs a forward pass in inference mode for one batch, and returns the shape of the network's
   * output.
   *
   * @param batch the examples; not closed
   * @return the shape of the output, such as {@code [batch, classes]}
   * @throws IllegalArgumentException if the network has several outputs
   */
  public Shape output(Batch batch) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return forward(batch, false).getShape();
    }
  }

  private NDArray forward(Batch batch, boolean training) {
    // The list is copied, because DJL's recurrent blocks add their states to their input list.
    NDList outputs = block.forward(store, new NDList(batch.getData()), training);
    if (outputs.size() != 1) {
      throw new IllegalArgumentException(
          "the network has %d outputs, of shapes %s; one is needed, which the loss compares with the labels: put a block after it that returns one, such as new LambdaBlock(list -> new NDList(list.get(0)))"
              .formatted(outputs.size(), Arrays.toString(outputs.getShapes())));
    }
    return outputs.head();
  }

  /**
   * Runs a forward pass for a batch, adds the batch's loss and correct predictions to the tally,
   * and returns the mean loss, a scalar.
   */
  private NDArray score(Batch batch, boolean training, RunningScore tally) {
    NDArray scores = forward(batch, training);
    NDArray labels = batch.getLabels().head();
    Shape shape = scores.getShape();
    labelRule.requireShape(shape, labels.getShape());
    if (shape.dimension() > 2) {
      // [batch, tokens, classes] becomes [batch · tokens, classes]: each token is an example.
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
