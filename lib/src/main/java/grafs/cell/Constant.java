package grafs.cell;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Holds the constants of formulas, such as 0.5 in 0.5·x, as tensors. A constant is created once for
 * each device and data type, and is never freed. This class is therefore not suited to numbers that
 * vary, such as data.
 *
 * <p>The library combines tensors with such constants, and avoids DJL's methods that take a Java
 * number, for two reasons. First, {@code mul(Number)}, {@code div(Number)} and {@code pow(Number)}
 * convert the number to a tensor and free that tensor at once, although autograd still needs it for
 * the backward pass. The gradient is then computed from memory that may have been reused. {@code
 * Activation.swish} and most of DJL's losses call these methods. Second, on a GPU every {@code
 * add(Number)} copies the number to the GPU, and every {@code clip} blocks until the GPU has
 * finished all queued work.
 */
public final class Constant {

  private static final Map<Key, NDArray> MADE = new ConcurrentHashMap<>();

  private record Key(Device device, DataType type, Number value) {}

  private Constant() {}

  /**
   * Returns a number as a tensor.
   *
   * @param like a tensor on the device and of the data type that the result has
   * @param value the number
   * @return a tensor of shape {@code []}; the caller must not close it
   */
  public static NDArray of(NDArray like, double value) {
    DataType type = like.getDataType();
    return made(
        new Key(like.getDevice(), type, value),
        manager -> manager.create(value).toType(type, false));
  }

  /**
   * Returns a whole number, such as an index, as a tensor.
   *
   * @param device the device of the tensor
   * @param value the number
   * @return int64, of shape {@code [1]}; the caller must not close it
   */
  public static NDArray of(Device device, long value) {
    return made(
        new Key(device, DataType.INT64, value), manager -> manager.create(new long[] {value}));
  }

  private static NDArray made(Key key, Function<NDManager, NDArray> make) {
    return MADE.computeIfAbsent(
        key,
        k -> {
          try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            // Copied to memory of its own: a tensor that DJL makes from Java numbers uses memory
            // that Java manages.
            NDArray made = make.apply(NDManager.newBaseManager(k.device)).duplicate();
            NDScope.unregister(made);
            return made;
          }
        });
  }
}
