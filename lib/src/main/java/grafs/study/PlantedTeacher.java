package grafs.study;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import smile.math.MathEx;

/**
 * A regression with a known answer: a network with a given activation and random weights computes
 * the targets, so that a search over networks of that shape should find this activation.
 *
 * <pre>y = (v·f(W₂ f(W₁ x + b₁) + b₂) − mean) / deviation,  x ~ N(0, I)</pre>
 *
 * <p>with two hidden layers; with one, W₂, b₂ and the outer f are left out. Every pre-activation of
 * the first layer has mean b and deviation {@code spread} over x; those of the second layer are
 * standardised to the same. b is normal with deviation {@link #BIAS}·spread. All is computed on
 * {@code double}; without the noise y has mean 0 and variance 1 over the teacher's own sample. The
 * noise is a lower bound of every error: without it, all good networks have errors near 0, whose
 * ratios are random.
 *
 * @param activation f
 * @param inputs the dimension of x, at least 1
 * @param width the units of a layer, at least 1
 * @param layers the hidden layers, 1 or 2
 * @param spread the standard deviation of the pre-activations, positive
 * @param noise the standard deviation of the targets' noise, at least 0
 * @param seed the seed of the weights and of all points
 */
record PlantedTeacher(
    DoubleUnaryOperator activation,
    int inputs,
    int width,
    int layers,
    double spread,
    double noise,
    long seed) {

  /** The deviation of the biases, relative to that of the pre-activations. */
  private static final double BIAS = 0.5;

  /** The number of points over which pre-activations and targets are standardised. */
  private static final int SAMPLE = 4096;

  /**
   * Draws points and their targets.
   *
   * @param manager owns the arrays
   * @param counts the sizes of the parts; they do not change the sequence of points
   * @return a data set for each part: data {@code [count, inputs]} and labels {@code [count, 1]},
   *     float32
   */
  List<ArrayDataset> points(NDManager manager, int... counts) {
    Random random = new Random(seed);
    double[][][] weights = new double[layers][][];
    for (int layer = 0; layer < layers; layer++) {
      weights[layer] = matrix(random, width, layer == 0 ? inputs : width);
    }
    double[][] biases = matrix(random, layers, width);
    double[] out = matrix(random, 1, width)[0];
    Random draws = new Random(seed ^ 0x9E3779B97F4A7C15L);
    double[][] h = matrix(draws, SAMPLE, inputs);
    // Weights and biases are scaled over the sample, layer by layer, and then used for all other
    // points.
    for (int layer = 0; layer < layers; layer++) {
      for (int unit = 0; unit < width; unit++) {
        standardise(weights[layer][unit], biases[layer], unit, h);
      }
      for (int i = 0; i < SAMPLE; i++) {
        h[i] = forward(h[i], weights[layer], biases[layer]);
      }
    }
    double[] y = products(out, h);
    double mean = MathEx.mean(y);
    double deviation = deviation(y, mean);
    List<ArrayDataset> parts = new ArrayList<>();
    for (int count : counts) {
      float[] xs = new float[count * inputs];
      float[] ys = new float[count];
      for (int i = 0; i < count; i++) {
        double[] point = matrix(draws, 1, inputs)[0];
        for (int k = 0; k < inputs; k++) {
          xs[i * inputs + k] = (float) point[k];
          point[k] = xs[i * inputs + k];
        }
        for (int layer = 0; layer < layers; layer++) {
          point = forward(point, weights[layer], biases[layer]);
        }
        double clean = (MathEx.dot(out, point) - mean) / deviation;
        ys[i] = (float) (clean + noise * draws.nextGaussian());
      }
      parts.add(
          new ArrayDataset.Builder()
              .setData(manager.create(xs, new Shape(count, inputs)))
              .optLabels(manager.create(ys, new Shape(count, 1)))
              .setSampling(1, false)
              .build());
    }
    return parts;
  }

  /**
   * Scales a unit's weights and sets its bias so that its pre-activation over h has the deviation
   * {@code spread}, and as mean the drawn bias times BIAS·spread.
   */
  private void standardise(double[] weights, double[] biases, int unit, double[]... h) {
    double[] z = products(weights, h);
    double mean = MathEx.mean(z);
    double scale = spread / Math.max(deviation(z, mean), 1e-12);
    MathEx.scale(scale, weights);
    biases[unit] = BIAS * spread * biases[unit] - scale * mean;
  }

  private double[] forward(double[] x, double[][] weights, double... biases) {
    double[] next = products(x, weights);
    Arrays.setAll(next, unit -> activation.applyAsDouble(next[unit] + biases[unit]));
    return next;
  }

  private static double[] products(double[] x, double[]... rows) {
    return Arrays.stream(rows).mapToDouble(row -> MathEx.dot(row, x)).toArray();
  }

  private static double[][] matrix(Random random, int rows, int columns) {
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      Arrays.setAll(row, k -> random.nextGaussian());
    }
    return matrix;
  }

  private static double deviation(double[] values, double mean) {
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}
