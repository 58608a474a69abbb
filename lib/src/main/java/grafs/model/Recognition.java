package grafs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import grafs.cell.Expression;
import grafs.cell.KnownActivation;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Tells which blocks are activations, by computing the values of each block at fixed points. An
 * activation is a block without parameters and children that acts elementwise by a function that is
 * not affine. {@link ActivationSites}, which replaces the activations of a network, uses this class
 * to find them.
 */
final class Recognition {

  /**
   * The 61 arguments, in ascending order, at which functions are computed to recognise them: from
   * −4 to 4 in steps of 0.2, and others up to ±100 000. The large arguments distinguish functions
   * that clip large values, such as ReLU6, from functions that do not.
   */
  private static final float[] POINTS = {
    -100_000, -2000, -300, -130, -50, -25, -15, -9, -6.5f, -5, -4, -3.8f, -3.6f, -3.4f, -3.2f, -3,
    -2.8f, -2.6f, -2.4f, -2.2f, -2, -1.8f, -1.6f, -1.4f, -1.2f, -1, -0.8f, -0.6f, -0.4f, -0.2f, 0,
    0.2f, 0.4f, 0.6f, 0.8f, 1, 1.2f, 1.4f, 1.6f, 1.8f, 2, 2.2f, 2.4f, 2.6f, 2.8f, 3, 3.2f, 3.4f,
    3.6f, 3.8f, 4, 5, 6.5f, 9, 15, 25, 50, 130, 300, 2000, 100_000
  };

  /**
   * Maps a function's values at {@link #POINTS} to the function's name. The functions of {@link
   * KnownActivation} come first, then other functions, in the order in which they were found.
   */
  private final Map<float[], String> names = new LinkedHashMap<>();

  /** Owns the tensors that are created to compute values of blocks. */
  private final NDManager manager;

  Recognition(NDManager manager) {
    this.manager = manager;
    for (KnownActivation known : KnownActivation.values()) {
      if (known.function() != null) {
        names.put(values(known.function()), Activations.name(known));
      }
    }
  }

  /**
   * Returns the name of the function that a block computes. Blocks that compute equal values at
   * {@link #POINTS} have the same name.
   *
   * @return the name of a constant of {@link KnownActivation} in lower case, such as {@code relu};
   *     if no constant has the block's function, {@code unknown}, {@code unknown 2} and so on; null
   *     if the block is no activation
   */
  String name(Block block) {
    boolean leaf = block.getChildren().isEmpty() && block.getDirectParameters().isEmpty();
    float[] own = leaf ? elementwise(block) : null;
    if (own == null || !bends(own)) {
      return null;
    }
    for (Map.Entry<float[], String> known : names.entrySet()) {
      if (near(own, known.getKey())) {
        return known.getValue();
      }
    }
    long unknown = names.values().stream().filter(name -> name.startsWith("unknown")).count();
    names.put(own, unknown == 0 ? "unknown" : "unknown " + (unknown + 1));
    return names.get(own);
  }

  /** Returns a block's values at {@link #POINTS}; null if it does not act elementwise. */
  private float[] elementwise(Block block) {
    try {
      // The 61 points are given to the block in the shape [1, 61], then the last 60 of them in the
      // shape [3, 4, 5]. A block that acts elementwise computes the same values for both.
      Shape row = new Shape(1, POINTS.length);
      Shape cube = new Shape(3, 4, 5);
      float[] rest = Arrays.copyOfRange(POINTS, 1, POINTS.length);
      NDArray x = manager.create(POINTS, row);
      NDArray y = block.forward(null, new NDList(x), false).singletonOrThrow();
      NDArray again =
          block.forward(null, new NDList(manager.create(rest, cube)), false).singletonOrThrow();
      float[] values = y.toFloatArray();
      boolean same =
          y.getShape().equals(row)
              && again.getShape().equals(cube)
              && Arrays.equals(Arrays.copyOfRange(values, 1, values.length), again.toFloatArray());
      return same ? values : null;
    } catch (RuntimeException | AssertionError e) {
      // A block that throws does not accept inputs of these shapes, so it does not act elementwise.
      return null;
    }
  }

  /**
   * Tells whether a function is not affine, by its slopes s between neighbouring {@link #POINTS}.
   * It is not affine if, from one slope to the next, s changes by more than 5e-4 · max(1, |s|) plus
   * a bound on the error that rounding to float32 causes. A slope that is NaN also counts as such a
   * change.
   *
   * @param y the function's values at {@link #POINTS}
   */
  private static boolean bends(float... y) {
    return IntStream.range(1, y.length - 1)
        .anyMatch(
            i -> {
              double left = slope(y, i - 1);
              double right = slope(y, i);
              double rounding =
                  4
                      * Math.ulp(Math.max(Math.abs(y[i - 1]), Math.abs(y[i + 1])))
                      / (POINTS[i + 1] - POINTS[i - 1]);
              return !(Math.abs(left - right) <= 5e-4 * Math.max(1, Math.abs(left)) + 4 * rounding);
            });
  }

  /**
   * Returns the slope of the line through the function's values at the {@link #POINTS} i and i + 1.
   */
  private static double slope(float[] y, int i) {
    return ((double) y[i + 1] - y[i]) / ((double) POINTS[i + 1] - POINTS[i]);
  }

  /**
   * Tells whether the function by which a parallel block joins the outputs of its branches contains
   * an activation, such as the ReLU after the sum in DJL's residual networks. The test is whether
   * this function is not affine in the output of the first branch, while the outputs of the other
   * branches are 0. The result is false if the function cannot be computed.
   */
  boolean activates(ParallelBlock parallel) {
    try {
      Field field = ParallelBlock.class.getDeclaredField("function");
      field.setAccessible(true);
      @SuppressWarnings("unchecked")
      Function<List<NDList>, NDList> function =
          (Function<List<NDList>, NDList>) field.get(parallel);
      NDArray x = manager.create(POINTS).reshape(1, -1);
      List<NDList> branches = new ArrayList<>();
      for (int b = 0; b < parallel.getChildren().size(); b++) {
        branches.add(new NDList(b == 0 ? x : x.zerosLike()));
      }
      NDArray y = function.apply(branches).singletonOrThrow();
      return y.getShape().equals(x.getShape()) && bends(y.toFloatArray());
    } catch (ReflectiveOperationException | RuntimeException | AssertionError e) {
      return false;
    }
  }

  /** Returns a function's values at {@link #POINTS}. */
  private static float[] values(Expression function) {
    float[] values = new float[POINTS.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) function.values(POINTS[i])[0];
    }
    return values;
  }

  /**
   * Tells whether a and b agree at every index: the numbers are equal, both are NaN, or they differ
   * by less than 1e-5 · max(1, |b|).
   */
  private static boolean near(float[] a, float... b) {
    return IntStream.range(0, a.length)
        .allMatch(
            i ->
                Float.compare(a[i], b[i]) == 0
                    || Math.abs(a[i] - b[i]) < 1e-5 * Math.max(1, Math.abs(b[i])));
  }
}
