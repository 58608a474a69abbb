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
 * A regression with a known answer, for {@link PlantedTask}. The targets are computed by a network
 * with random weights and a given activation f; a search for the best activation of networks of
 * that shape should find f. With two hidden layers,
 *
 * <pre>y = (v·f(W₂ f(W₁ x + b₁) + b₂) − mean) / deviation + noise,  x ~ N(0, I)</pre>
 *
 * <p>With one hidden layer, W₂, b₂ and the outer f are left out. All weights and biases are drawn
 * from N(0, 1). Then they are adjusted on a sample of 4 096 points x. W is scaled and b is shifted,
 * so that each pre-activation (argument of f) has over the sample the standard deviation {@code
 * spread} and a mean that is drawn from N(0, (spread/2)²). {@code mean} and {@code deviation} are
 * chosen so that y without noise has over the sample the mean 0 and the variance 1. The noise keeps
 * errors away from 0: without it, all good networks would have errors near 0, and the ratios of
 * these errors would be random. The network is computed in {@code double}.
 *
 * @param activation f
 * @param inputs the dimension of x, at least 1
 * @param width the number of units of each hidden layer, at least 1
 * @param layers the number of hidden layers, 1 or 2
 * @param spread the standard deviation of the pre-activations, positive
 * @param noise the standard deviation of the noise of the targets, at least 0
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

  /** The standard deviation of the pre-activations' means, as a multiple of {@code spread}. */
  private static final double BIAS = 0.5;

  /** The number of points over which pre-activations and targets are scaled and shifted. */
  private static final int SAMPLE = 4096;

  /**
   * Draws points and computes their targets.
   *
   * @param manager owns the arrays
   * @param counts the number of points of each part; how a sequence of points is divided into parts
   *     does not change the points
   * @return a data set for each part: points {@code [count, inputs]} as data and targets {@code
   *     [count, 1]} as labels, float32
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
    // Weights and biases are standardised on this sample, layer by layer; then they stay the same
    // for all points that are returned.
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
   * Scales the weights of a unit and sets its bias so that its pre-activation has the standard
   * deviation {@code spread} and the mean BIAS·spread·(drawn bias).
   *
   * @param weights the weights of the unit, changed in place
   * @param biases the biases of the layer, of which the unit's is changed in place
   * @param unit the index of the unit in the layer
   * @param h the inputs of the layer, {@code [points][inputs of the layer]}
   */
  private void standardise(double[] weights, double[] biases, int unit, double[]... h) {
    double[] z = products(weights, h);
    double mean = MathEx.mean(z);
    double scale = spread / Math.max(deviation(z, mean), 1e-12);
    MathEx.scale(scale, weights);
    biases[unit] = BIAS * spread * biases[unit] - scale * mean;
  }

  /** {@return the outputs of one layer for one point} */
  private double[] forward(double[] x, double[][] weights, double... biases) {
    double[] next = products(x, weights);
    Arrays.setAll(next, unit -> activation.applyAsDouble(next[unit] + biases[unit]));
    return next;
  }

  /** {@return the scalar product of x with each row} */
  private static double[] products(double[] x, double[]... rows) {
    return Arrays.stream(rows).mapToDouble(row -> MathEx.dot(row, x)).toArray();
  }

  /** {@return a matrix of independent draws from N(0, 1)} */
  private static double[][] matrix(Random random, int rows, int columns) {
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      Arrays.setAll(row, k -> random.nextGaussian());
    }
    return matrix;
  }

  /** {@return the standard deviation, with n in the denominator} */
  private static double deviation(double[] values, double mean) {
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}
