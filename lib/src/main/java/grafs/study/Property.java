package grafs.study;

import grafs.cell.Expression;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What can be told of a function in one number, over x from −4 to 4. */
enum Property {
  /** f(0). */
  AT_ZERO("value at 0") {
    @Override
    double of(double... y) {
      return y[N / 2];
    }
  },
  /** f′(0), a central difference. */
  SLOPE_AT_ZERO("slope at 0") {
    @Override
    double of(double... y) {
      return (y[N / 2 + 1] - y[N / 2 - 1]) / (2 * STEP);
    }
  },
  /** The share of the way up in all ways up and down: 1 of a function that never falls. */
  RISING("share of its way that rises") {
    @Override
    double of(double... y) {
      double up = steps(y).filter(d -> d > 0).sum();
      double all = steps(y).map(Math::abs).sum();
      return all == 0 ? 0.5 : up / all;
    }
  },
  /** The steepest slope. */
  STEEPEST("steepest slope") {
    @Override
    double of(double... y) {
      return steps(y).map(Math::abs).max().orElseThrow() / STEP;
    }
  },
  /** How much its slope changes in all. */
  BEND("change of slope in all") {
    @Override
    double of(double... y) {
      double[] d = steps(y).toArray();
      return IntStream.range(1, d.length).mapToDouble(i -> Math.abs(d[i] - d[i - 1])).sum() / STEP;
    }
  },
  /** The least value. */
  LEAST("least value") {
    @Override
    double of(double... y) {
      return DoubleStream.of(y).min().orElseThrow();
    }
  },
  /** The mean slope from −4 to −2. */
  LEFT_SLOPE("slope on the left") {
    @Override
    double of(double... y) {
      return (y[N / 4] - y[0]) / (N / 4 * STEP);
    }
  },
  /** The mean slope from 2 to 4. */
  RIGHT_SLOPE("slope on the right") {
    @Override
    double of(double... y) {
      return (y[N - 1] - y[N - 1 - N / 4]) / (N / 4 * STEP);
    }
  },
  /** How much of its square is that of its odd part: 1 of an odd function, 0 of an even one. */
  ODD("share of its odd part") {
    @Override
    double of(double... y) {
      double odd =
          IntStream.range(0, N).mapToDouble(i -> y[i] - y[N - 1 - i]).map(v -> v * v).sum();
      double even =
          IntStream.range(0, N).mapToDouble(i -> y[i] + y[N - 1 - i]).map(v -> v * v).sum();
      return odd + even == 0 ? 0.5 : odd / (odd + even);
    }
  };

  private static final int N = 801;
  private static final double STEP = 0.01;

  private final String title;

  Property(String title) {
    this.title = title;
  }

  /** {@return what it is called in tables} */
  public String title() {
    return title;
  }

  /**
   * Measures a function.
   *
   * @param function the function
   * @return the number
   */
  public double of(Expression function) {
    return of(
        function.values(IntStream.range(0, N).mapToDouble(i -> (i - N / 2) * STEP).toArray()));
  }

  /** {@return the number, of values at every 0.01 from −4 to 4} */
  abstract double of(double... y);

  private static DoubleStream steps(double... y) {
    return IntStream.range(1, y.length).mapToDouble(i -> y[i] - y[i - 1]);
  }
}
