package grafs.data;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.ref.Cleaner;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What of a data set was copied to devices: each copy is made when it is first asked for, and freed
 * when this object is not in use any more.
 */
final class DeviceCopies {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Map<Form, NDArray> copies = new HashMap<>();

  private record Form(Device device, int variant) {}

  /**
   * Returns a copy.
   *
   * @param device where
   * @param variant which, of those that are made of the data
   * @param make makes it, with a manager that frees all it made when the copy is freed
   * @return the copy, not to be closed
   */
  synchronized NDArray get(Device device, int variant, Function<NDManager, NDArray> make) {
    return copies.computeIfAbsent(
        new Form(device, variant),
        form -> {
          NDManager manager = NDManager.newBaseManager(device);
          CLEANER.register(this, manager::close);
          return make.apply(manager);
        });
  }
}
