package grafs.study;

import grafs.cell.Candidates;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.Expression;
import grafs.cell.RelaxedCell;
import grafs.nas.ArchitectureParameters;
import grafs.nas.CellFit;
import grafs.nas.Relaxation;
import grafs.notebook.Plots;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import smile.math.MathEx;
import smile.stat.distribution.GaussianDistribution;

/**
 * A relaxed cell as a function of x, for figures: every place outputs the sum of all its
 * operations, weighted by softmax(α); β are at the means of their starting values.
 *
 * @param space the search space
 * @param alpha the architecture parameters, {@code [place][operation]}
 */
public record RelaxedFunction(CellSpace space, double[][] alpha) implements Plots.Curve {

  /**
   * Draws α from N(0, deviation²).
   *
   * @param space the search space
   * @param deviation the standard deviation of α; with 0 the cell is the average of all operations
   * @param seed the seed
   * @return the cell
   */
  public static RelaxedFunction random(CellSpace space, double deviation, long seed) {
    Random random = new Random(seed);
    return new RelaxedFunction(
        space,
        space.places().stream()
            .map(
                place ->
                    place.candidates().stream()
                        .mapToDouble(op -> deviation * random.nextGaussian())
                        .toArray())
            .toArray(double[][]::new));
  }

  /**
   * Fits α to a function.
   *
   * @param space the search space
   * @param target the function
   * @param steps the number of steps of Adam; 0 leaves α where a search begins
   * @param seed the seed of α
   * @return the cell
   */
  public static RelaxedFunction fitted(CellSpace space, Expression target, int steps, long seed) {
    ArchitectureParameters architecture = new ArchitectureParameters(space, seed);
    for (int p = 0; p < architecture.beta().length; p++) {
      System.arraycopy(
          space.betaStart(null)[p], 0, architecture.beta()[p], 0, architecture.beta()[p].length);
    }
    if (steps > 0) {
      new CellFit(steps, CellFit.SOFTMAX.learningRate(), 0)
          .fit(architecture, Relaxation.SOFTMAX, target::values, new SplittableRandom(seed));
    }
    return new RelaxedFunction(space, architecture.alphaValues());
  }

  /**
   * Sharpens or blurs the choice: softmax(α/T) goes from equal weights at T = ∞ to {@link
   * #decided()} at T = 0.
   *
   * @param temperature T, positive
   * @return the cell with α/T
   */
  public RelaxedFunction atTemperature(double temperature) {
    return new RelaxedFunction(
        space,
        Arrays.stream(alpha)
            .map(row -> Arrays.stream(row).map(a -> a / temperature).toArray())
            .toArray(double[][]::new));
  }

  /** {@return the function of the operations of largest α; not bounded} */
  public Expression decided() {
    return space.function(Candidates.all(space).best(alpha), space.betaStart(null));
  }

  /** {@return the weights of the operations in each place, {@code [place][operation]}} */
  public double[][] weights() {
    return Arrays.stream(alpha).map(Relaxation.SOFTMAX::mean).toArray(double[][]::new);
  }

  /** {@return the values at the points, operations bounded} */
  @Override
  public double[] values(double... x) {
    return new RelaxedCell(space).evaluate(x, cellWeights(), 0).values();
  }

  private CellWeights cellWeights() {
    return new CellWeights(
        new double[][][] {weights()}, space.betaStart(null), Candidates.all(space));
  }

  /**
   * Computes the derivatives of the cell's values by the α of one place: where the loss falls with
   * a larger f(x), gradient descent raises the α whose derivative is positive there.
   *
   * @param place the place, from 0
   * @param x the points
   * @return ∂f(x)/∂α, {@code [operations][points]}
   */
  public double[][] alphaDerivatives(int place, double... x) {
    int operations = alpha[place].length;
    double[][] derivatives = new double[operations][x.length];
    double[][] weights = weights();
    CellWeights own = cellWeights();
    RelaxedCell cell = new RelaxedCell(space);
    for (int i = 0; i < x.length; i++) {
      CellWeights.Gradient gradient = own.zeroGradient();
      double[][] byWeight = gradient.weights()[0];
      cell.evaluate(new double[] {x[i]}, own, 0)
          .backward(new double[] {1}, byWeight, gradient.beta());
      double[] back = Relaxation.softmaxBackward(weights[place], byWeight[place]);
      for (int o = 0; o < operations; o++) {
        derivatives[o][i] = back[o];
      }
    }
    return derivatives;
  }

  /**
   * Computes the distance from another function on N(0, 1) inputs, as after a normalisation layer.
   *
   * @param target the other function
   * @return the root mean square of the difference over x ~ N(0, 1)
   */
  public double error(Plots.Curve target) {
    int n = 512;
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    double[] x = IntStream.range(0, n).mapToDouble(i -> normal.quantile((i + 0.5) / n)).toArray();
    return MathEx.distance(values(x), target.values(x)) / Math.sqrt(n);
  }
}
