package grafs.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Functions and points, and a comparison of the values of exported code with those of the kit. */
final class Agreement {

  static final long SEED = 41;
  private final Random random = new Random(SEED);

  /** Each operation by itself, then 100 random functions. */
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

  int singles() {
    return RandomActivations.ALL.size();
  }

  double[] points(int n) {
    double[] points = new double[n];
    for (int i = 0; i < n; i++) {
      points[i] = (float) (3 * random.nextGaussian());
    }
    points[0] = 0;
    return points;
  }

  /** Compares values, except where one is not finite or is beyond 1e9. */
  static void compare(
      String language, List<Expression> functions, double[] x, List<double[]> y, double tolerance) {
    for (int f = 0; f < functions.size(); f++) {
      double[] expected = functions.get(f).values(x);
      for (int i = 0; i < x.length; i++) {
        if (Double.isFinite(expected[i])
            && Double.isFinite(y.get(f)[i])
            && Math.abs(expected[i]) < 1e9) {
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
