package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Copies of a data set in the memory of devices. A copy is made at the first request of a manager,
 * which owns it: it exists until that manager is closed, even if the data set itself is
 * garbage-collected before.
 */
final class DeviceCopies {

  private final Map<Form, NDArray> copies = new HashMap<>();

  private record Form(NDManager owner, int variant) {}

  /**
   * Returns a copy.
   *
   * @param owner the manager that owns the copy, on its device
   * @param variant tells apart different copies of the data, such as with different margins
   * @param make makes it, with a manager that is closed with its owner
   * @return the copy, not to be closed
   */
  synchronized NDArray get(NDManager owner, int variant, Function<NDManager, NDArray> make) {
    copies.keySet().removeIf(form -> !form.owner.isOpen());
    return copies.computeIfAbsent(
        new Form(owner, variant), form -> make.apply(owner.newSubManager()));
  }
}
