package grafs.cell;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Direct access from Java to the memory of tensors, which is possible on a CPU. On a GPU, reading a
 * number blocks until all operations queued before are done.
 *
 * <p>With {@code -Dgrafs.likeGpu=true} the CPU takes the code path of a GPU, which is slower there,
 * so that this path can be tested without a GPU.
 */
public final class Host {

  private static final boolean LIKE_GPU = Boolean.getBoolean("grafs.likeGpu");

  /** Below this many elements a second thread costs more than it saves. */
  private static final int SMALLEST_SHARE = 1 << 16;

  /**
   * The largest number of shares; more shares than threads leave work for a thread that starts
   * late.
   */
  private static final int MOST_SHARES = 16;

  /**
   * The number of elements copied at once between tensors and Java arrays, in which loops are
   * fastest. Not a power of two: the arrays of a loop would then lie at addresses with the same
   * last 12 bits, which processors mistake for the same address (4K aliasing), and the loop would
   * be half as fast.
   */
  private static final int BLOCK = 720;

  private Host() {}

  /**
   * Tells whether Java can access the memory of a device directly.
   *
   * @param device a device
   * @return whether it can, so that reading single numbers is cheap
   */
  public static boolean reaches(Device device) {
    return !device.isGpu() && !LIKE_GPU;
  }

  /** The arrays of a loop: elements of tensors, of which the first {@link #count} are in use. */
  static final class Block {

    /** The number of elements. */
    int count;

    /** The arguments. */
    final float[] x = new float[BLOCK];

    /** The derivatives with respect to the arguments. */
    final float[] slope = new float[BLOCK];

    /** The values. */
    final float[] y = new float[BLOCK];

    /** Two arrays for what the loop computes on the way, such as coefficients. */
    final float[] one = new float[BLOCK];

    final float[] two = new float[BLOCK];

    /** The indices in this block, ascending, of the elements that are left to {@link Exact}. */
    final int[] left = new int[BLOCK];
  }

  /** Evaluates a function on a block of elements. */
  @FunctionalInterface
  interface Loop {

    /**
     * Fills in slopes and values.
     *
     * @param block has the arguments; receives slopes and values, and the indices of elements that
     *     are left to {@link Exact}
     * @return how many are left
     */
    int fill(Block block);
  }

  /** Evaluates a function exactly, at the elements that a {@link Loop} has left. */
  @FunctionalInterface
  interface Exact {

    /**
     * Evaluates the function.
     *
     * @param positions the indices of the points in their tensor, in row-major order, ascending
     * @param x the points, at least one; overwritten with the values
     * @param slopes receives the derivatives
     */
    void evaluate(int[] positions, double[] x, double[] slopes);
  }

  /**
   * Tells whether a tensor is of float32 in memory that Java can access.
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
   * <p>The loop computes the function's values y and slopes s. Autograd records the product s·x,
   * whose derivative in x is s; then the values y overwrite those of the product.
   *
   * @param x the arguments, float32 on the CPU, any shape
   * @param loop the function
   * @param exact the function itself, for the elements that the loop leaves; null if it leaves none
   * @return the values in the shape of x, differentiable in x
   */
  static NDArray apply(NDArray x, Loop loop, Exact exact) {
    NDArray slope = x.getManager().create(x.getShape(), DataType.FLOAT32);
    // Not x.mul(slope): the product takes the layout of its first factor. It must be contiguous,
    // since memory(y) would be a copy otherwise.
    NDArray y = slope.mul(x);
    FloatBuffer arguments = memory(x);
    FloatBuffer slopes = memory(slope);
    FloatBuffer values = memory(y);
    int size = Math.toIntExact(x.size());
    IntStream.Builder[] left = new IntStream.Builder[shares(size)];
    Arrays.setAll(left, share -> IntStream.builder());
    inBlocks(
        size,
        (share, block, first) -> {
          arguments.get(first, block.x, 0, block.count);
          int found = loop.fill(block);
          slopes.put(first, block.slope, 0, block.count);
          values.put(first, block.y, 0, block.count);
          for (int i = 0; i < found; i++) {
            left[share].add(first + block.left[i]);
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
    // Autograd keeps its own reference to the slope until the backward pass.
    slope.close();
    return y;
  }

  /** Works on the elements of one share of a loop, a block after the other. */
  @FunctionalInterface
  interface BlockWork {

    /**
     * Works on a block.
     *
     * @param share the number of its share, from 0 to {@link #shares} − 1
     * @param block its arrays, which the blocks of a share use one after the other
     * @param first the position of its first element
     */
    void work(int share, Block block, int first);
  }

  /**
   * Returns the number of shares into which a loop is split. It is the same on every machine, so
   * that sums over shares have the same bits.
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
   * @param work the work
   */
  static void inBlocks(int size, BlockWork work) {
    int shares = shares(size);
    IntStream.range(0, shares)
        .parallel()
        .forEach(
            share -> {
              Block block = new Block();
              int end = (int) ((long) size * (share + 1) / shares);
              for (int first = (int) ((long) size * share / shares); first < end; first += BLOCK) {
                block.count = Math.min(BLOCK, end - first);
                work.work(share, block, first);
              }
            });
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
