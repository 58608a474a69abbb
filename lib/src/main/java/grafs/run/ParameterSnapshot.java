package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A copy of the values of a block's parameters, by which {@link SearchedNetwork} restores the
 * user's network after trainings have changed it. The copy is in native memory until it is closed.
 */
final class ParameterSnapshot implements AutoCloseable {

  private final NDManager manager = NDManager.newBaseManager();
  private final Map<Parameter, NDArray> initialised = new IdentityHashMap<>();
  private final Block block;

  /**
   * Copies the values of all parameters that are initialised.
   *
   * @param block the block that has the parameters
   */
  ParameterSnapshot(Block block) {
    this.block = block;
    for (Parameter parameter : block.getParameters().values()) {
      if (parameter.isInitialized()) {
        NDArray copy = parameter.getArray().duplicate();
        copy.attach(manager);
        initialised.put(parameter, copy);
      }
    }
  }

  /**
   * Gives the parameters the copied values again, and makes parameters that were not initialised
   * uninitialised again.
   */
  void restore() {
    for (Parameter parameter : block.getParameters().values()) {
      NDArray before = initialised.get(parameter);
      if (before != null) {
        before.copyTo(parameter.getArray());
      } else if (parameter.isInitialized()) {
        parameter.close();
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
