package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests samples of the {@link Dirichlet} distribution and their derivatives with respect to its
 * concentrations: against values of high precision, by the moments of many samples, and in extreme
 * cases. c are the concentrations, the parameters of the distribution; w is a sample; dⱼ are the
 * factors in the derivative ∂wᵢ/∂cⱼ = dⱼ·(δᵢⱼ − wᵢ), where δᵢⱼ = 1 for i = j, otherwise 0.
 */
class DirichletTest {

  private static final int DRAWS = 100_000;

  /**
   * The seed is fixed. Samples of small concentrations have heavy tails, so that with some seeds
   * the mean of samples would differ from the exact mean by more than the tests allow.
   */
  private static final long SEED = 1;

  /**
   * Rows of c₁, c₂, w₁ and d₁, for distributions of two components. d₁ was computed by numerical
   * differentiation of mpmath's incomplete Beta function at 60 digits.
   */
  private static final double[][] EXACT = {
    {1, 28, 0.03125, 0.038891959432143582},
    {1, 28, 0.25, 0.09412726567890987},
    {0.25, 0.5, 0x1p-40, 1.0398905785704601e-10},
    {0.0078125, 0.0078125, 0.5, 4140.5990187648929},
    {0.0078125, 100, 0x1p-9, 0.38109411186405971},
    {0.0078125, 100, 0x1p-300, 1.2741931547396624e-86},
    {100, 0.0078125, 1 - 0x1p-7, 0.010010347340156171},
    {100, 0.0078125, 1 - 0x1p-40, 0.010049772133199441},
    {100, 100, 0.5, 0.0050166999519069532},
    {100, 2800, 0.03125, 0.00032871765685105221},
    {100, 2800, 0.0625, 0.00045828229471730303},
    {2.5, 3, 0x1p-30, 7.5573023180303372e-9},
    {2.5, 3, 1 - 0x1p-30, 0.30264550251836972},
    {0.5, 0.125, 1 - 0x1p-50, 4.0864100915588529},
    {64, 64, 0x1p-6, 0.00087599001102963203},
    {64, 64, 1 - 0x1p-6, 0.010815819906663278},
  };

  static Stream<double[]> concentrations() {
    return Stream.of(
        new double[] {0.01, 0.01, 0.01},
        new double[] {0.01, 0.5, 2},
        new double[] {100, 0.01, 1},
        new double[] {0.3, 1, 5, 28},
        new double[] {1, 1, 1, 1, 1},
        new double[] {100, 100, 100});
  }

  /**
   * A case of the file of reference values: concentrations, a sample and ∂wᵢ/∂cⱼ with row i and
   * column j, computed with 40 digits.
   */
  private record Oracle(
      double[] concentration,
      double[] sample,
      @SerializedName("jacobian_dsample_dconcentration") double[][] jacobian) {}

  /** Returns the matrix of ∂wᵢ/∂cⱼ, with row i and column j. */
  private static double[][] jacobian(Dirichlet dirichlet, double... w) {
    double[] d = dirichlet.pathwise(w);
    double[][] jacobian = new double[w.length][w.length];
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < w.length; j++) {
        jacobian[i][j] = i == j ? 0 : -d[j] * w[i];
      }
      // 1 − wᵢ is computed as the sum of the other components: a subtraction would lose the digits
      // of a small result.
      for (int other = 0; other < w.length; other++) {
        jacobian[i][i] += other == i ? 0 : d[i] * w[other];
      }
    }
    return jacobian;
  }

  @Test
  void jacobianIsTheOracles() throws IOException {
    String json = Files.readString(SharedFolder.require("oracles/dirichlet-pathwise.json"));
    Oracle[] cases = new Gson().fromJson(json, Oracle[].class);
    assertTrue(cases.length > 0);
    for (Oracle known : cases) {
      double[][] jacobian = jacobian(new Dirichlet(known.concentration), known.sample);
      for (int i = 0; i < jacobian.length; i++) {
        for (int j = 0; j < jacobian.length; j++) {
          double expected = known.jacobian[i][j];
          assertEquals(
              expected,
              jacobian[i][j],
              1e-6 * Math.abs(expected),
              known.sample.length + " components, row " + i + ", column " + j);
        }
      }
    }
  }

  @Test
  void pathwiseIsExactFromTheCentreToTheTails() {
    for (double[] known : EXACT) {
      double d =
          new Dirichlet(known[0], known[1]).pathwise(new double[] {known[2], 1 - known[2]})[0];
      assertEquals(known[3], d, 1e-10 * known[3], Arrays.toString(known));
    }
  }

  @Test
  void pathwiseIsFiniteEverywhere() {
    double[] scales = {1e-3, 1e-2, 1, 100, 1e4};
    double[] xs = {0, Double.MIN_VALUE, 1e-300, 1e-17, 1e-3, 0.5, 1 - 1e-3, Math.nextDown(1.0), 1};
    for (double a : scales) {
      for (double b : scales) {
        for (double x : xs) {
          for (double d : new Dirichlet(a, b).pathwise(new double[] {x, 1 - x})) {
            assertTrue(Double.isFinite(d) && d >= 0, a + ", " + b + " at " + x + " gives " + d);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("concentrations")
  void samplesHaveTheMomentsOfTheDistribution(double[] c) {
    int n = c.length;
    double sum = Arrays.stream(c).sum();
    Dirichlet dirichlet = new Dirichlet(c);
    double[] mean = dirichlet.mean();
    Estimate[] means = Estimate.some(n);
    Estimate[] covariances = Estimate.some(n * n);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int s = 0; s < DRAWS; s++) {
      double[] w = dirichlet.sample(random);
      assertEquals(1, Arrays.stream(w).sum(), 1e-14);
      for (int i = 0; i < n; i++) {
        means[i].add(w[i]);
        for (int k = 0; k < n; k++) {
          covariances[i * n + k].add((w[i] - mean[i]) * (w[k] - mean[k]));
        }
      }
    }
    for (int i = 0; i < n; i++) {
      means[i].assertIs(c[i] / sum, 4, "mean " + i);
      for (int k = 0; k < n; k++) {
        double exact = ((i == k ? mean[i] : 0) - mean[i] * mean[k]) / (sum + 1);
        covariances[i * n + k].assertIs(exact, 4, "covariance " + i + ", " + k);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("concentrations")
  void gradientsOfExpectationsAreThoseOfTheClosedForm(double[] c) {
    int n = c.length;
    double sum = Arrays.stream(c).sum();
    Dirichlet dirichlet = new Dirichlet(c);
    Estimate[] first = Estimate.some(n * n);
    Estimate[] second = Estimate.some(n * n * n);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int s = 0; s < DRAWS; s++) {
      double[] w = dirichlet.sample(random);
      double[][] jacobian = jacobian(dirichlet, w);
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) {
          first[i * n + j].add(jacobian[i][j]);
          for (int k = 0; k <= i; k++) {
            second[(i * n + k) * n + j].add(jacobian[i][j] * w[k] + w[i] * jacobian[k][j]);
          }
        }
      }
    }
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        double ofMean = ((i == j ? 1 : 0) - c[i] / sum) / sum;
        first[i * n + j].assertIs(ofMean, 5, "∂E[w" + i + "]/∂c" + j);
        for (int k = 0; k <= i; k++) {
          int same = i == k ? 1 : 0;
          double moment = c[i] * (c[k] + same) / (sum * (sum + 1));
          double numerator = (i == j ? c[k] + same : 0) + (k == j ? c[i] : 0);
          double exact = (numerator - moment * (2 * sum + 1)) / (sum * (sum + 1));
          second[(i * n + k) * n + j].assertIs(exact, 5, "∂E[w" + i + "w" + k + "]/∂c" + j);
        }
      }
    }
  }

  @Test
  void tinyConcentrationsGiveSamplesAndJacobiansWithoutNaN() {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] c = new double[29];
    Arrays.fill(c, 1e-3);
    Dirichlet dirichlet = new Dirichlet(c);
    for (int s = 0; s < 1000; s++) {
      double[] w = dirichlet.sample(random);
      assertEquals(1, Arrays.stream(w).sum(), 1e-14);
      for (double d : dirichlet.pathwise(w)) {
        assertTrue(Double.isFinite(d), Arrays.toString(w));
      }
    }
  }

  @Test
  void oneComponentIsAlwaysOne() {
    Dirichlet certain = new Dirichlet(0.7);
    double[] w = certain.sample(new SplittableRandom(SEED));
    assertEquals(1, w[0]);
    assertEquals(0, certain.pathwise(w)[0]);
  }

  @Test
  void refusesConcentrationsThatAreNotPositiveAndFinite() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> new Dirichlet(1, bad));
      assertTrue(e.getMessage().contains("concentration 1 is " + bad), e.getMessage());
    }
  }

  /** Accumulates the mean of a random variable over draws, and its standard error. */
  private static final class Estimate {

    private int count;
    private double mean;
    private double squares;

    static Estimate[] some(int count) {
      return Stream.generate(Estimate::new).limit(count).toArray(Estimate[]::new);
    }

    void add(double value) {
      count++;
      double difference = value - mean;
      mean += difference / count;
      squares += difference * (value - mean);
    }

    void assertIs(double exact, double errors, String what) {
      double error = Math.sqrt(squares / (count - 1.0) / count);
      assertEquals(exact, mean, errors * error + 1e-15, what + ", standard error " + error);
    }
  }
}
