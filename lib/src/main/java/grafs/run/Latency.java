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
 * Measures the latency of activations on this machine as a multiple of ReLU's: the forward pass
 * over a million float32 elements, on DJL's default device. Each round times the activation and
 * ReLU; the result is the median ratio of the rounds, so that a short disturbance does not change
 * it. On a CPU a found function is computed in Java, element by element: alone it takes many times
 * as long as ReLU, even if it is ReLU, but it is a small part of a training step.
 *
 * <pre>{@code
 * double times = Latency.of(found.function());
 * }</pre>
 */
public final class Latency {

  private static final Shape INPUT = new Shape(64, 16, 32, 32);
  private static final int ROUNDS = 5;

  /** Forward passes that are timed together; only the last result is read back from the device. */
  private static final int CALLS = 4;

  private Latency() {}

  /**
   * Times an activation.
   *
   * @param activation makes its block, such as a found function or {@code Activations.of("gelu")}
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
          // A GPU computes asynchronously: reading a value waits for the result.
          y.getFloat(0, 0, 0, 0);
        }
      }
    }
    return System.nanoTime() - start;
  }
}
