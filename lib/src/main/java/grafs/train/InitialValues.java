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
 * The initial values of a block's parameters: those that they had before, or those of their
 * initializers.
 */
final class InitialValues {

  private static final Set<Parameter.Type> STATISTICS =
      EnumSet.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.RUNNING_VAR);

  private final Block block;
  private final NDManager manager;

  /** Copies of the parameters that were initialised when this object was created, by name. */
  private final Map<String, NDArray> given = new HashMap<>();

  InitialValues(Block block, NDManager manager) {
    this.block = block;
    this.manager = manager;
    for (Pair<String, Parameter> parameter : block.getParameters()) {
      if (parameter.getValue().isInitialized()) {
        NDArray copy = parameter.getValue().getArray().duplicate();
        copy.attach(manager);
        given.put(parameter.getKey(), copy);
      }
    }
  }

  /**
   * Sets all parameters to their initial values.
   *
   * @param seed the seed of the initializers
   * @param fromScratch whether trainable parameters and running statistics are initialised again
   *     even if there is a copy of their earlier values
   */
  void restore(long seed, boolean fromScratch) {
    Engine.getInstance().setRandomSeed((int) seed);
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      for (Pair<String, Parameter> named : block.getParameters()) {
        Parameter parameter = named.getValue();
        NDArray array = parameter.getArray();
        boolean random = parameter.requiresGradient() || STATISTICS.contains(parameter.getType());
        NDArray first = fromScratch && random ? null : given.get(named.getKey());
        if (first == null) {
          Initializer initializer = parameter.getInitializer();
          first = initializer.initialize(manager, parameter.getShape(), array.getDataType());
        }
        first.copyTo(array);
      }
    }
  }
}
