package grafs.nas;

import grafs.cell.CellWeights;
import grafs.cell.RelaxedCell;
import grafs.train.Progress;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import smile.stat.distribution.GaussianDistribution;

/**
 * Fits α so that the relaxed cell approximates the network's default activation before it replaces
 * that activation: min over α of
 *
 * <pre>E[(f_w(x) − default(x))²] + λ·Σ w²</pre>
 *
 * <p>The paper does not do this: it starts from equal weights. Half of the x are pre-activations of
 * the network, half are quantiles of N(0, 1). The weights w are drawn as in the search. Σ w², the
 * chance of drawing the same operation twice summed over the places, keeps the weights spread over
 * many operations, so that the search remains undecided between them. β is not changed.
 *
 * @param steps the number of Adam steps; 0 for no fit
 * @param learningRate Adam's learning rate, which decays to a hundredth along half a cosine
 * @param penalty λ; 0 for the closest fit
 */
public record CellFit(int steps, double learningRate, double penalty) {

  /** No fit: α starts the search unchanged. */
  public static final CellFit OFF = new CellFit(0, 0.1, 0);

  /** A close fit for {@link Relaxation#SOFTMAX}. */
  public static final CellFit SOFTMAX = new CellFit(300, 0.1, 3e-4);

  /** A close fit for {@link Relaxation#DRNAS}, whose spread falls only as concentrations grow. */
  public static final CellFit DRNAS = new CellFit(500, 0.7, 3e-4);

  private static final int POINTS = 512;

  /** Draws of w in every step of the fit, for relaxations that draw for each cell. */
  private static final int DRAWS = 8;

  /** Draws over which the remaining error is measured. */
  private static final int TEST_DRAWS = 256;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public CellFit {
    if (steps < 0) {
      throw new IllegalArgumentException("fit.steps must be 0 (no fit) or more, but is " + steps);
    }
    if (!(learningRate > 0) || !(penalty >= 0)) {
      throw new IllegalArgumentException(
          "fit needs a learningRate > 0 and a penalty >= 0, not %s and %s"
              .formatted(learningRate, penalty));
    }
  }

  /**
   * Fits α.
   *
   * @param architecture the architecture parameters; α is changed
   * @param relaxation how α is mapped to mixing weights
   * @param target computes the default activation at some points
   * @param random the source of randomness for relaxations that draw
   * @param seen pre-activations of the network, of which at most 512 are used; none to fit on N(0,
   *     1) alone
   * @return the remaining root-mean-square error over x ~ N(0, 1) and over the relaxation's draws;
   *     NaN if values or gradients of the cell are not finite
   */
  public double fit(
      ArchitectureParameters architecture,
      Relaxation relaxation,
      UnaryOperator<double[]> target,
      RandomGenerator random,
      float... seen) {
    RelaxedCell cell = new RelaxedCell(architecture.space());
    double[] normal = normalQuantiles();
    double[] x =
        DoubleStream.concat(DoubleStream.of(normal), DoubleStream.of(sample(seen))).toArray();
    double[] y = target.apply(x);
    double[][] mean = CellWeights.zeros(architecture.alpha());
    double[][] variance = CellWeights.zeros(architecture.alpha());
    for (int step = 1; step <= steps; step++) {
      Progress.stopIfInterrupted(() -> "interrupted while the cells were fitted");
      double[][] gradient = gradient(cell, architecture, relaxation, random, x, y);
      if (!Arrays.stream(gradient).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite)) {
        return Double.NaN;
      }
      AlphaOptimizer.adam(architecture.alpha(), gradient, mean, variance, step, rate(step), 0.9, 0);
    }
    return error(cell, architecture, relaxation, random, normal, target.apply(normal));
  }

  /** The gradient of the objective by α, averaged over {@code DRAWS} draws. */
  private double[][] gradient(
      RelaxedCell cell,
      ArchitectureParameters architecture,
      Relaxation relaxation,
      RandomGenerator random,
      double[] x,
      double[] y) {
    Relaxation.Draw draw =
        relaxation.draw(architecture.alpha(), architecture.candidates(), DRAWS, random);
    CellWeights weights = architecture.weights(draw.weights());
    int rows = draw.weights().length;
    double[][][] byWeight = new double[rows][][];
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            row -> {
              RelaxedCell.Pass pass = cell.evaluate(x, weights, row);
              double[] upstream = new double[x.length];
              for (int i = 0; i < x.length; i++) {
                upstream[i] = 2 * (pass.values()[i] - y[i]) / x.length / rows;
              }
              byWeight[row] = CellWeights.zeros(architecture.alpha());
              pass.backward(upstream, byWeight[row], CellWeights.zeros(architecture.alpha()));
              for (int p = 0; p < byWeight[row].length; p++) {
                for (int o = 0; o < byWeight[row][p].length; o++) {
                  byWeight[row][p][o] += 2 * penalty * draw.weights()[row][p][o] / rows;
                }
              }
            });
    double[][] gradient = CellWeights.zeros(architecture.alpha());
    draw.backward(byWeight, gradient);
    return gradient;
  }

  private static double error(
      RelaxedCell cell,
      ArchitectureParameters architecture,
      Relaxation relaxation,
      RandomGenerator random,
      double[] x,
      double[] y) {
    Relaxation.Draw draw =
        relaxation.draw(architecture.alpha(), architecture.candidates(), TEST_DRAWS, random);
    CellWeights weights = architecture.weights(draw.weights());
    double squares =
        IntStream.range(0, draw.weights().length)
            .mapToDouble(
                row -> {
                  double[] own = cell.evaluate(x, weights, row).values();
                  return IntStream.range(0, x.length)
                      .mapToDouble(i -> (own[i] - y[i]) * (own[i] - y[i]))
                      .average()
                      .orElseThrow();
                })
            .average()
            .orElseThrow();
    return Math.sqrt(squares);
  }

  private double rate(int step) {
    double last = learningRate / 100;
    return last + (learningRate - last) * (1 + Math.cos(Math.PI * (step - 1) / steps)) / 2;
  }

  /** At most {@code POINTS} of the values seen, at equal strides. */
  private static double[] sample(float... seen) {
    int count = Math.min(POINTS, seen.length);
    return IntStream.range(0, count)
        .mapToDouble(i -> seen[(int) ((long) i * seen.length / count)])
        .toArray();
  }

  /** The quantiles of N(0, 1) at (i + ½) / {@code POINTS}. */
  private static double[] normalQuantiles() {
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    return IntStream.range(0, POINTS)
        .mapToDouble(i -> normal.quantile((i + 0.5) / POINTS))
        .toArray();
  }
}
