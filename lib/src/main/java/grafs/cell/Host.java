package grafs.cell;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Where Java reaches a tensor's memory itself, and reading a number costs nothing: on the CPU. On a
 * GPU a number that is read makes Java wait for all that was asked for before it.
 *
 * <p>With {@code -Dgrafs.likeGpu=true} nothing is at hand: the CPU then computes in the way that a
 * GPU does, slower, which shows without one how that way does.
 */
public final class Host {

  private static final boolean LIKE_GPU = Boolean.getBoolean("grafs.likeGpu");

  /** Below this many elements a second thread costs more than it saves. */
  private static final int SMALLEST_SHARE = 1 << 16;

  /** A thread that wakes up late finds work left when there are more shares than threads. */
  private static final int MOST_SHARES = 16;

  /**
   * Elements copied at once between tensors and Java's arrays, in which loops are fastest. Of a
   * power of two the arrays of a loop would lie at addresses alike in their last twelve bits, which
   * processors take for the same until they know better: the loop is then half as fast.
   */
  static final int BLOCK = 720;

  private Host() {}

  /**
   * Tells whether what is on a device is at hand.
   *
   * @param device a device
   * @return whether Java reaches its memory, and may look at every number
   */
  public static boolean reaches(Device device) {
    return !device.isGpu() && !LIKE_GPU;
  }

  /** What is done to a block of elements. */
  @FunctionalInterface
  interface Loop {

    /**
     * Fills in slopes and values.
     *
     * @param count the number of elements, at most {@link #BLOCK}
     * @param x the arguments; what is beyond the count means nothing
     * @param slope where the derivatives go
     * @param y where the values go
     * @param left receives the indices of elements that are left to be evaluated exactly
     * @return how many are left
     */
    int fill(int count, float[] x, float[] slope, float[] y, int[] left);
  }

  /** Evaluates what a loop left. */
  @FunctionalInterface
  interface Exact {

    /**
     * Evaluates the function.
     *
     * @param positions where the points stand in their tensor, in row-major order, ascending
     * @param x the points, at least one; overwritten with the values
     * @param slopes receives the derivatives
     */
    void evaluate(int[] positions, double[] x, double[] slopes);
  }

  /**
   * Tells whether a tensor is one of float32 that Java reaches.
   *
   * @param x a tensor
   * @return whether {@link #apply} takes it
   */
  static boolean takes(NDArray x) {
    return x.getDataType() == DataType.FLOAT32 && reaches(x.getDevice());
  }

  /**
   * Applies a scalar function by one loop over the tensor's own memory. A function of several
   * tensor operations reads and writes memory once for each, forward and backward; this does so
   * once.
   *
   * <p>The loop gives the function's values y and slopes s. Autograd is shown the product s·x,
   * whose derivative in x is s, and the values are written over the product's.
   *
   * @param x the arguments, float32 on the CPU, any shape
   * @param loop the function
   * @param exact the function itself, for what the loop leaves
   * @return the values in the shape of x, differentiable in x
   */
  static NDArray apply(NDArray x, Loop loop, Exact exact) {
    NDArray slope = x.getManager().create(x.getShape(), DataType.FLOAT32);
    // In this order, so that the product lies in memory as the slope does, whatever x's strides.
    NDArray y = slope.mul(x);
    FloatBuffer arguments = memory(x);
    FloatBuffer slopes = memory(slope);
    FloatBuffer values = memory(y);
    int size = Math.toIntExact(x.size());
    IntStream.Builder[] left = new IntStream.Builder[shares(size)];
    inShares(
        size,
        (share, from, to) -> {
          float[] block = new float[BLOCK];
          float[] s = new float[BLOCK];
          float[] v = new float[BLOCK];
          int[] own = new int[BLOCK];
          left[share] = IntStream.builder();
          for (int first = from; first < to; first += BLOCK) {
            int count = Math.min(BLOCK, to - first);
            arguments.get(first, block, 0, count);
            int found = loop.fill(count, block, s, v, own);
            slopes.put(first, s, 0, count);
            values.put(first, v, 0, count);
            for (int i = 0; i < found; i++) {
              left[share].add(first + own[i]);
            }
          }
        });
    int[] positions = Arrays.stream(left).flatMapToInt(IntStream.Builder::build).toArray();
    if (positions.length > 0) {
      double[] ys = Arrays.stream(positions).mapToDouble(arguments::get).toArray();
      double[] derivatives = new double[positions.length];
      exact.evaluate(positions, ys, derivatives);
      for (int k = 0; k < positions.length; k++) {
        values.put(positions[k], (float) ys[k]);
        slopes.put(positions[k], (float) derivatives[k]);
      }
    }
    // Autograd keeps it for as long as it needs it, which ends before the step does.
    slope.close();
    return y;
  }

  /** A part of a loop. */
  @FunctionalInterface
  interface Share {

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
   * Returns into how many shares a loop is split: the same on every machine, so that sums are.
   *
   * @param size the number of elements
   * @return the number of shares, at least 1
   */
  static int shares(int size) {
    return Math.max(1, Math.min(MOST_SHARES, size / SMALLEST_SHARE));
  }

  /**
   * Splits a loop over the processors.
   *
   * @param size the number of elements
   * @param share the work
   */
  static void inShares(int size, Share share) {
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
  static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).asFloatBuffer();
  }
}
