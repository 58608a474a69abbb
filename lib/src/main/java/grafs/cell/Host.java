package grafs.cell;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Direct access from Java to the memory of tensors, which is possible on a CPU, and loops over that
 * memory in parallel threads. On a GPU, reading a single number blocks until the GPU has finished
 * all queued work.
 *
 * <p>With {@code -Dgrafs.likeGpu=true} the library treats the CPU as it treats a GPU. This is
 * slower, but the code for GPUs can be tested without a GPU.
 */
public final class Host {

  private static final boolean LIKE_GPU = Boolean.getBoolean("grafs.likeGpu");

  /**
   * The least number of elements in a share if a loop has several shares. A share is the part of a
   * loop that one thread works on at a time. With smaller shares, a second thread costs more time
   * than it saves.
   */
  private static final int SMALLEST_SHARE = 1 << 16;

  /**
   * The largest number of shares of a loop. If there are more shares than threads, the load is
   * balanced: a thread that starts late takes fewer shares.
   */
  private static final int MOST_SHARES = 16;

  /**
   * The number of elements that a loop copies at once from tensors into Java arrays, since Java's
   * loops are fastest on arrays. Not a power of two: the arrays would then lie at addresses with
   * the same last 12 bits, which processors mistake for the same address (4K aliasing), and the
   * loop would take twice as long.
   */
  private static final int BLOCK = 720;

  private Host() {}

  /**
   * Tells whether Java can access the memory of a device directly, so that reading single numbers
   * is cheap.
   *
   * @param device a device
   * @return true for a CPU, unless {@code grafs.likeGpu} is set
   */
  public static boolean reaches(Device device) {
    return !device.isGpu() && !LIKE_GPU;
  }

  /**
   * The Java arrays that a loop works on. A block of consecutive elements of each tensor is copied
   * into them. Only the first {@link #count} entries of each array are in use.
   */
  static final class Block {

    /** The number of elements in this block. */
    int count;

    /** The arguments x of the function y(x) that the loop computes. */
    final float[] x = new float[BLOCK];

    /** The derivatives dy/dx. */
    final float[] slope = new float[BLOCK];

    /** The values y. */
    final float[] y = new float[BLOCK];

    /** The first of two arrays for intermediate results of the loop, such as coefficients. */
    final float[] one = new float[BLOCK];

    /** The second array for intermediate results. */
    final float[] two = new float[BLOCK];

    /**
     * The indices in this block, ascending, of the elements that the loop leaves to {@link Exact}.
     */
    final int[] left = new int[BLOCK];
  }

  /** Computes a function for the elements of a block. */
  @FunctionalInterface
  interface Loop {

    /**
     * Computes slopes and values.
     *
     * @param block contains the arguments; receives slopes and values, and in {@code left} the
     *     indices of elements that are left to {@link Exact}
     * @return the number of indices in {@code left}
     */
    int fill(Block block);
  }

  /** Evaluates a function exactly, at the elements that a {@link Loop} has left out. */
  @FunctionalInterface
  interface Exact {

    /**
     * Evaluates the function.
     *
     * @param positions the indices of the elements in the tensor, in row-major order, ascending
     * @param x the arguments at these indices, at least one; overwritten with the values
     * @param slopes receives the derivatives
     */
    void evaluate(int[] positions, double[] x, double[] slopes);
  }

  /**
   * Tells whether {@link #apply} can be used on a tensor.
   *
   * @param x a tensor
   * @return whether it is float32 and in memory that Java can access
   */
  static boolean takes(NDArray x) {
    return x.getDataType() == DataType.FLOAT32 && reaches(x.getDevice());
  }

  /**
   * Applies a scalar function to every element by one loop over the tensor's memory. If the
   * function were composed of several tensor operations, each of them would read and write memory,
   * in the forward and in the backward pass.
   *
   * <p>The loop computes the values y and the slopes s = dy/dx. Autograd records the product s·x,
   * whose derivative with respect to x is s; then the product's memory is overwritten with y.
   *
   * @param x the arguments, float32 on the CPU, any shape
   * @param loop computes the function, except for the elements that it leaves out
   * @param exact computes the elements that the loop leaves out; null if there are none
   * @return the values in the shape of x, differentiable with respect to x
   */
  static NDArray apply(NDArray x, Loop loop, Exact exact) {
    NDArray slope = x.getManager().create(x.getShape(), DataType.FLOAT32);
    // Not x.mul(slope): the product takes the memory layout of its first factor. slope is
    // contiguous, but x may not be, and memory(y) would then be a copy of y.
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

  /**
   * The body of a parallel loop over blocks of elements. A share is a range of consecutive blocks
   * that one thread works on, one block after the other.
   */
  @FunctionalInterface
  interface BlockWork {

    /**
     * Processes one block.
     *
     * @param share the number of the share that the block belongs to, from 0 to {@link #shares} − 1
     * @param block the arrays to copy elements into, with {@code count} set; all blocks of a share
     *     use the same arrays
     * @param first the index of the block's first element in the tensor
     */
    void work(int share, Block block, int first);
  }

  /**
   * Returns the number of shares into which a loop is split. It depends on the size alone, not on
   * the machine. A sum over all elements that is first computed for each share then has the same
   * bits on every machine.
   *
   * @param size the number of elements
   * @return the number of shares, 1 to {@link #MOST_SHARES}
   */
  static int shares(int size) {
    return Math.max(1, Math.min(MOST_SHARES, size / SMALLEST_SHARE));
  }

  /**
   * Runs a loop over elements, block by block, with its shares in parallel.
   *
   * @param size the number of elements
   * @param work processes a block. Several threads call it at the same time, each for another
   *     share; the blocks of one share are processed in order by a single thread
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
   * Returns the memory of a tensor.
   *
   * @param array a float32 tensor on the CPU
   * @return its elements in row-major order. If the tensor is contiguous, writing to them changes
   *     the tensor; otherwise they are a copy
   */
  static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).asFloatBuffer();
  }
}
