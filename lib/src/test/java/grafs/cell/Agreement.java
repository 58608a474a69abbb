package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * For tests of the source code that {@link SourceCode} exports for functions: makes functions and
 * points, and compares the values that the exported code computes with those of {@link
 * Expression#values}.
 */
final class Agreement {

  static final long SEED = 41;
  private final Random random = new Random(SEED);

  /**
   * Makes one function for each operation, o(x) or, for an operation of two arguments, o(x,
   * sin(x)). Then makes 100 random functions.
   */
  List<Expression> functions() {
    List<Expression> functions = new ArrayList<>();
    Expression x = new Expression.Input();
    for (Operation op : RandomActivations.ALL) {
      double beta = op.hasBeta() ? (float) random.nextGaussian() : Double.NaN;
      functions.add(
          new Expression.Apply(
              op, beta, op.arity() == 1 ? List.of(x) : List.of(x, Expression.parse("sin(x)"))));
    }
    for (int i = 0; i < 100; i++) {
      functions.add(RandomActivations.random(random));
    }
    return functions;
  }

  /**
   * {@return how many functions at the beginning of {@link #functions} are o(x) or o(x, sin(x)) for
   * an operation o}
   */
  int singles() {
    return RandomActivations.ALL.size();
  }

  /** Draws n numbers from N(0, 3²), rounded to float32; the first is 0. */
  double[] points(int n) {
    double[] points = new double[n];
    for (int i = 0; i < n; i++) {
      points[i] = (float) (3 * random.nextGaussian());
    }
    points[0] = 0;
    return points;
  }

  /**
   * Compares values, except where the expected value is not finite or is beyond ±1e9.
   *
   * @param language the language of the exported code, for the message
   * @param functions the functions
   * @param x the points
   * @param y the values computed by the exported code, for each function at the points
   * @param tolerance the largest difference, relative to max(1, |expected value|)
   */
  static void compare(
      String language, List<Expression> functions, double[] x, List<double[]> y, double tolerance) {
    for (int f = 0; f < functions.size(); f++) {
      double[] expected = functions.get(f).values(x);
      for (int i = 0; i < x.length; i++) {
        if (Math.abs(expected[i]) < 1e9) {
          assertEquals(
              expected[i],
              y.get(f)[i],
              tolerance * Math.max(1, Math.abs(expected[i])),
              "%s of %s at %s, seed %d".formatted(language, functions.get(f), x[i], SEED));
        }
      }
    }
  }
}
