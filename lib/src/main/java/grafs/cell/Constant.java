package grafs.cell;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Constants of formulas as tensors, created once for each device and type and never freed; not
 * meant for data.
 *
 * <p>DJL's own {@code mul(Number)}, {@code div(Number)} and {@code pow(Number)}, and so its {@code
 * Activation.swish} and most of its losses, free their constant at once, while autograd still needs
 * it for the backward pass: the gradient is then computed from memory that may have been reused. On
 * a GPU, moreover, every {@code add(Number)} uploads the number, and every {@code clip} blocks
 * until the GPU has finished all queued work.
 */
public final class Constant {

  private static final Map<Key, NDArray> MADE = new ConcurrentHashMap<>();

  private record Key(Device device, DataType type, List<Number> values) {}

  private Constant() {}

  /**
   * Returns a number.
   *
   * @param like gives the device and the type
   * @param value the number
   * @return a tensor without dimensions, not to be closed
   */
  public static NDArray of(NDArray like, double value) {
    DataType type = like.getDataType();
    return made(
        new Key(like.getDevice(), type, List.of(value)),
        manager -> manager.create(value).toType(type, false));
  }

  /**
   * Returns whole numbers, such as indices.
   *
   * @param device the device
   * @param values the numbers
   * @return int64 [values], not to be closed
   */
  public static NDArray of(Device device, long... values) {
    List<Number> list = Arrays.stream(values).<Number>mapToObj(v -> v).toList();
    return made(new Key(device, DataType.INT64, list), manager -> manager.create(values));
  }

  private static NDArray made(Key key, Function<NDManager, NDArray> make) {
    return MADE.computeIfAbsent(
        key,
        k -> {
          try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            // A copy, since a tensor made from a Java array shares the memory of that array.
            NDArray made = make.apply(NDManager.newBaseManager(k.device)).duplicate();
            NDScope.unregister(made);
            return made;
          }
        });
  }
}
