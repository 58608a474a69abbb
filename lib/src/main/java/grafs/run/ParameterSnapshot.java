package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.IdentityHashMap;
import java.util.Map;

/** A copy of a block's parameters, to be restored later. */
final class ParameterSnapshot implements AutoCloseable {

  private final NDManager manager = NDManager.newBaseManager();
  private final Map<Parameter, NDArray> initialised = new IdentityHashMap<>();
  private final Block block;

  /**
   * Copies the values of the parameters that are initialised.
   *
   * @param block the block
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

  /** Restores the copied values, and makes all other parameters uninitialised again. */
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
