package grafs.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Sets the parameters of a block to initial values again, so that the block can be trained from
 * other random weights. {@link Learner}, which initialises a block and computes its loss and
 * gradients, uses this class in {@link Learner#restart}. There are two kinds of parameters:
 *
 * <ul>
 *   <li>Frozen parameters and parameters without an initializer get the values that they had before
 *       the learner initialised the block, if they had any. Frozen parameters, such as the weights
 *       of a pretrained part, are those without gradients, except the running statistics of batch
 *       normalisation.
 *   <li>All other parameters are drawn anew from their initializers.
 * </ul>
 */
final class InitialValues {

  /** The running statistics of batch normalisation, which have no gradients but are not frozen. */
  private static final Set<Parameter.Type> STATISTICS =
      EnumSet.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.RUNNING_VAR);

  private final Block block;
  private final NDManager manager;

  /**
   * Copies of the values that {@link #restore} does not draw anew, by the names of their
   * parameters.
   */
  private final Map<String, NDArray> given = new HashMap<>();

  /**
   * Copies the values of frozen parameters and of parameters without an initializer.
   *
   * @param block the block, before the {@link Learner} initialises it
   * @param manager the manager that will own the copies
   */
  InitialValues(Block block, NDManager manager) {
    this.block = block;
    this.manager = manager;
    for (Pair<String, Parameter> named : block.getParameters()) {
      Parameter parameter = named.getValue();
      boolean frozen = !parameter.requiresGradient() && !STATISTICS.contains(parameter.getType());
      boolean kept = frozen || parameter.getInitializer() == null;
      if (kept && parameter.isInitialized()) {
        NDArray copy = parameter.getArray().duplicate();
        copy.attach(manager);
        given.put(named.getKey(), copy);
      }
    }
  }

  /**
   * Sets all parameters to their initial values. The arrays of the parameters stay the same
   * objects; only their content changes.
   *
   * @param seed the seed of the random initializers
   */
  void restore(long seed) {
    Engine.getInstance().setRandomSeed((int) seed);
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      for (Pair<String, Parameter> named : block.getParameters()) {
        Parameter parameter = named.getValue();
        NDArray array = parameter.getArray();
        NDArray first = given.get(named.getKey());
        if (first == null) {
          Initializer initializer = parameter.getInitializer();
          first = initializer.initialize(manager, parameter.getShape(), array.getDataType());
        }
        first.copyTo(array);
      }
    }
  }
}
