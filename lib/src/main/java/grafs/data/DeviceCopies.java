package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What of a data set was copied to devices: each copy is made when a manager first asks for it, and
 * belongs to that manager, which frees it when it is closed. So a copy is there as long as batches
 * are made with the manager, whatever becomes of the data set.
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
