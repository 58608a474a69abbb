package grafs.nas;

import grafs.cell.CellWeights;
import grafs.cell.RelaxedCell;
import grafs.train.Progress;
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

  /** A close fit for {@link Relaxation#DRNAS}, whose spread falls only as concentrations grow. */
  public static final CellFit DRNAS = new CellFit(500, 0.7, 3e-4);

  private static final int POINTS = 512;

  /** Draws of w in every step of the fit, for relaxations that draw for each cell. */
  private static final int DRAWS = 8;

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
   * @return whether the fit was carried out; false if a gradient of the cell is not finite
   */
  public boolean fit(
      ArchitectureParameters architecture,
      Relaxation relaxation,
      UnaryOperator<double[]> target,
      RandomGenerator random,
      float... seen) {
    RelaxedCell cell = new RelaxedCell(architecture.space());
    double[] x = DoubleStream.concat(normalQuantiles(), sample(seen)).toArray();
    double[] y = target.apply(x);
    Adam adam = new Adam(architecture.alpha(), 0.9, 0);
    for (int step = 1; step <= steps; step++) {
      Progress.stopIfInterrupted(() -> "interrupted while the cells were fitted");
      Relaxation.Draw draw = architecture.draw(relaxation, DRAWS, random);
      draw.backward(gradient(cell, architecture.weights(draw.weights()), x, y), adam.gradient);
      if (!ArchitectureParameters.finite(adam.gradient)) {
        return false;
      }
      adam.step(rate(step));
    }
    return true;
  }

  /** The gradient of the objective, a mean over the rows, by the mixing weights. */
  private double[][][] gradient(RelaxedCell cell, CellWeights weights, double[] x, double[] y) {
    int rows = weights.weights().length;
    CellWeights.Gradient gradient = weights.zeroGradient();
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            row -> {
              RelaxedCell.Pass pass = cell.evaluate(x, weights, row);
              double[] upstream = new double[x.length];
              for (int i = 0; i < x.length; i++) {
                upstream[i] = 2 * (pass.values()[i] - y[i]) / x.length / rows;
              }
              double[][] own = gradient.weights()[row];
              pass.backward(upstream, own, CellWeights.zeros(weights.beta()));
              CellWeights.add(own, weights.weights()[row], 2 * penalty / rows);
            });
    return gradient.weights();
  }

  private double rate(int step) {
    double last = learningRate / 100;
    return last + (learningRate - last) * (1 + Math.cos(Math.PI * (step - 1) / steps)) / 2;
  }

  /** At most {@code POINTS} of the values seen, at equal strides. */
  private static DoubleStream sample(float... seen) {
    int count = Math.min(POINTS, seen.length);
    return IntStream.range(0, count).mapToDouble(i -> seen[(int) ((long) i * seen.length / count)]);
  }

  /** The quantiles of N(0, 1) at (i + ½) / {@code POINTS}. */
  private static DoubleStream normalQuantiles() {
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    return IntStream.range(0, POINTS).mapToDouble(i -> normal.quantile((i + 0.5) / POINTS));
  }
}
