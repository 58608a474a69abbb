package grafs.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * The bounding of unbounded operations (the paper's section 3.3): in a relaxed cell every
 * operation's output stays within (−ℓ, ℓ).
 *
 * <p>Up to ⅘·ℓ nothing is changed; from there on the output approaches ±ℓ smoothly:
 *
 * <pre>|y| ≤ k: y,   |y| &gt; k: sign(y)·(k + e/(1 + e/(ℓ − k))),   e = |y| − k,   k = ⅘·ℓ</pre>
 *
 * A plain clip to [−ℓ, ℓ] would have a kink there, and where eˣ or x³ reach ±10 their slope jumps
 * by more than 10: such kinks were nine tenths of the error of a tabulated cell's gradients. It
 * would also leave no gradient beyond ℓ, by which an operation could come back.
 *
 * @param limit ℓ, the largest magnitude of an operation's output; positive and at most 1e9
 */
public record Bounds(double limit) {

  /** The paper's bound during search, ℓ = 10. */
  public static final Bounds SEARCH = new Bounds(10);

  /** No bound, only what keeps float32 from overflowing: outputs are left as they are. */
  public static final Bounds OVERFLOW = new Bounds(Bounds.LARGEST);

  /** Up to here operations take arguments and are finite, with finite gradients. */
  static final double LARGEST = 1e9;

  private static final double UNCHANGED = 0.8;

  /**
   * Checks the limit.
   *
   * @throws IllegalArgumentException if ℓ is not in (0, 1e9]
   */
  public Bounds {
    if (!(limit > 0 && limit <= LARGEST)) {
      throw new IllegalArgumentException(
          "the bound ℓ must be in (0, 1e9], but is " + limit + "; the paper uses 10");
    }
  }

  /**
   * Bounds outputs.
   *
   * @param y outputs of operations, any shape
   * @return the bounded outputs, continuously differentiable in y
   */
  public NDArray apply(NDArray y) {
    if (limit == LARGEST) {
      return y;
    }
    if (HostFunction.takes(y)) {
      return unchanged(y) ? y : HostFunction.apply(y, this::bound);
    }
    double k = UNCHANGED * limit;
    NDArray kept = Constant.clip(y, -k, k);
    NDArray excess = y.sub(kept);
    NDArray width = Constant.of(y, limit - k);
    return kept.add(excess.div(excess.abs().div(width).add(Constant.of(y, 1))));
  }

  /** Tells whether no element is so large that bounding would change it. */
  private boolean unchanged(NDArray y) {
    IntBuffer values = y.toByteBuffer(true).asIntBuffer();
    int[] block = new int[HostFunction.BLOCK];
    // The largest of each place in the blocks: a loop that the compiler turns into vectors.
    int[] largest = new int[HostFunction.BLOCK];
    for (int first = 0; first < values.capacity(); first += block.length) {
      int count = Math.min(block.length, values.capacity() - first);
      values.get(first, block, 0, count);
      // Without their sign, floats are ordered as their bits are, NaN above all.
      for (int i = 0; i < count; i++) {
        largest[i] = Math.max(largest[i], block[i] & Integer.MAX_VALUE);
      }
    }
    int k = Float.floatToIntBits((float) (UNCHANGED * limit));
    return Arrays.stream(largest).allMatch(bits -> bits <= k);
  }

  /**
   * Bounds outputs of several operations and puts them together.
   *
   * @param outputs of one shape
   * @param axis along which they are put together, a new one
   * @return what {@link #apply} gives of the stacked outputs
   */
  public NDArray stack(NDList outputs, int axis) {
    if (!HostFunction.takes(outputs.head())) {
      return apply(NDArrays.stack(outputs, axis));
    }
    // One by one, since most need no bounding. On a GPU to look would cost more than to bound.
    NDList bounded = new NDList();
    outputs.forEach(y -> bounded.add(apply(y)));
    return NDArrays.stack(bounded, axis);
  }

  private void bound(int first, int count, float[] y, float[] slope, float[] bounded) {
    float k = (float) (UNCHANGED * limit);
    float perWidth = (float) (1 / (limit - UNCHANGED * limit));
    // Without branches: a loop that the compiler turns into vectors.
    for (int i = 0; i < count; i++) {
      float kept = Math.max(-k, Math.min(k, y[i]));
      float excess = y[i] - kept;
      float part = 1 / (1 + Math.abs(excess) * perWidth);
      slope[i] = part * part;
      bounded[i] = kept + excess * part;
    }
  }

  /**
   * Limits the arguments with which operations are evaluated.
   *
   * @param x arguments, any shape, any values but NaN
   * @return x limited to ±1e9, where every operation is finite
   */
  public static NDArray finite(NDArray x) {
    return Constant.clip(x, -LARGEST, LARGEST);
  }
}
