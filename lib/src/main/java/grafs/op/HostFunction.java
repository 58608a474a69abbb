package grafs.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * A scalar function evaluated by one loop over a tensor's own memory, for float32 on the CPU. A
 * function of several tensor operations reads and writes memory once for each, forward and
 * backward; this reads and writes it once.
 *
 * <p>The loop gives the function's values y and slopes s. Autograd is shown the product s·x, whose
 * derivative in x is s, and the values are written over the product's.
 */
public final class HostFunction {

  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  /** Below this many elements a second thread costs more than it saves. */
  private static final int SMALLEST_SHARE = 1 << 16;

  /** Elements copied at once between tensors and Java's arrays, in which loops are fastest. */
  public static final int BLOCK = 512;

  private HostFunction() {}

  /** What is done to a block of elements. */
  @FunctionalInterface
  public interface Loop {

    /**
     * Fills in slopes and values.
     *
     * @param first the tensor's element with which the block begins, in row-major order
     * @param count the number of elements
     * @param x the arguments; what is beyond the count means nothing
     * @param slope where the derivatives go
     * @param y where the values go
     */
    void fill(int first, int count, float[] x, float[] slope, float[] y);
  }

  /**
   * Tells whether a tensor is one of float32 {@linkplain Host that Java reaches}.
   *
   * @param x a tensor
   * @return whether {@link #apply} takes it
   */
  public static boolean takes(NDArray x) {
    return x.getDataType() == DataType.FLOAT32 && Host.reaches(x.getDevice());
  }

  /** What is done after the loop, to elements that it left. */
  @FunctionalInterface
  public interface Rest {

    /**
     * Fills in what the loop left.
     *
     * @param x the arguments
     * @param slope where the derivatives go
     * @param y where the values go
     */
    void fill(FloatBuffer x, FloatBuffer slope, FloatBuffer y);
  }

  /**
   * Applies a function.
   *
   * @param x the arguments, float32 on the CPU, any shape
   * @param loop the function
   * @param rest what is done after it
   * @return the values in the shape of x, differentiable in x
   */
  public static NDArray apply(NDArray x, Loop loop, Rest rest) {
    NDArray slope = x.getManager().create(x.getShape(), DataType.FLOAT32);
    // In this order, so that the product lies in memory as the slope does, whatever x's strides.
    NDArray y = slope.mul(x);
    FloatBuffer arguments = memory(x);
    FloatBuffer slopes = memory(slope);
    FloatBuffer values = memory(y);
    inShares(
        Math.toIntExact(x.size()),
        (share, from, to) -> {
          float[] block = new float[BLOCK];
          float[] s = new float[BLOCK];
          float[] v = new float[BLOCK];
          for (int first = from; first < to; first += BLOCK) {
            int count = Math.min(BLOCK, to - first);
            arguments.get(first, block, 0, count);
            loop.fill(first, count, block, s, v);
            slopes.put(first, s, 0, count);
            values.put(first, v, 0, count);
          }
        });
    rest.fill(arguments, slopes, values);
    // Autograd keeps it for as long as it needs it, which ends before the step does.
    slope.close();
    return y;
  }

  /** A part of a loop. */
  @FunctionalInterface
  public interface Share {

    /**
     * Works on elements from, …, to − 1.
     *
     * @param share the share's number, from 0 to {@link #shares} − 1
     * @param from the first element
     * @param to the element after the last
     */
    void work(int share, int from, int to);
  }

  /**
   * Returns into how many shares a loop is split: the same in every run, so that sums are.
   *
   * @param size the number of elements
   * @return the number of shares, at least 1
   */
  public static int shares(int size) {
    return Math.max(1, Math.min(THREADS, size / SMALLEST_SHARE));
  }

  /**
   * Splits a loop over the processors.
   *
   * @param size the number of elements
   * @param share the work
   */
  public static void inShares(int size, Share share) {
    int shares = shares(size);
    IntStream.range(0, shares)
        .parallel()
        .forEach(
            s ->
                share.work(
                    s, (int) ((long) size * s / shares), (int) ((long) size * (s + 1) / shares)));
  }

  /**
   * Returns a tensor's own memory.
   *
   * @param array float32 on the CPU
   * @return its elements in row-major order; of an array that is not contiguous, a copy of them
   */
  public static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).asFloatBuffer();
  }
}
