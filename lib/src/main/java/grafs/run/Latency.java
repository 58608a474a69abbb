package grafs.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * How long activations take here, as a multiple of ReLU: the forward pass over a million elements
 * of float32, on the device that DJL takes. ReLU is timed in turn with what it is compared with,
 * and the median of the rounds counts, so that a busy moment does not. A found function is computed
 * in Java, element by element: alone it takes many times as long as ReLU, even where it is ReLU; of
 * a training step it is a small part.
 *
 * <pre>{@code
 * double times = Latency.of(found.function());
 * }</pre>
 */
public final class Latency {

  private static final Shape INPUT = new Shape(64, 16, 32, 32);
  private static final int ROUNDS = 5;

  /** Calls that are timed together, between one look at the device's results and the next. */
  private static final int CALLS = 4;

  private Latency() {}

  /**
   * Times an activation.
   *
   * @param activation makes it, such as a found function or {@code Activations.of("gelu")}
   * @return how many times as long as ReLU it takes, more than 0
   */
  public static double of(Supplier<Block> activation) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = activation.get();
      block.initialize(manager, DataType.FLOAT32, INPUT);
      ParameterStore parameters = new ParameterStore(manager, false);
      return ratio(
          manager.randomNormal(INPUT),
          x -> block.forward(parameters, new NDList(x), false).singletonOrThrow());
    }
  }

  private static double ratio(NDArray x, UnaryOperator<NDArray> function) {
    nanoseconds(x, function);
    return Arrays.stream(new double[ROUNDS])
        .map(round -> (double) nanoseconds(x, function) / nanoseconds(x, Activation::relu))
        .sorted()
        .toArray()[ROUNDS / 2];
  }

  private static long nanoseconds(NDArray x, UnaryOperator<NDArray> function) {
    long start = System.nanoTime();
    for (int call = 1; call <= CALLS; call++) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDArray y = function.apply(x);
        if (call == CALLS) {
          // A GPU computes while Java goes on: what is read has been computed.
          y.getFloat(0, 0, 0, 0);
        }
      }
    }
    return System.nanoTime() - start;
  }
}
