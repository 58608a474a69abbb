package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A data set's copies in devices' memories. A copy is made when a manager first asks for it, and
 * belongs to that manager, which frees it when it is closed: while batches are made with the
 * manager, the copy is there, even after the data set itself was garbage-collected.
 */
final class DeviceCopies {

  private final Map<Form, NDArray> copies = new HashMap<>();

  private record Form(NDManager owner, int variant) {}

  /**
   * Returns a copy.
   *
   * @param owner the manager that owns the copy, on its device
   * @param variant which, of those that are made of the data
   * @param make makes it, with a manager that is closed with its owner
   * @return the copy, not to be closed
   */
  synchronized NDArray get(NDManager owner, int variant, Function<NDManager, NDArray> make) {
    copies.keySet().removeIf(form -> !form.owner.isOpen());
    return copies.computeIfAbsent(
        new Form(owner, variant), form -> make.apply(owner.newSubManager()));
  }
}
