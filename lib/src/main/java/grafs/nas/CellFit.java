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
 * Fits α so that the relaxed cell approximates the network's default activation at the moment when
 * it replaces that activation. The relaxed cell f_w mixes all candidate operations in each place
 * (edge or vertex) of the cell, with mixing weights w that a {@link Relaxation} computes or draws
 * from α, one number for each candidate. The fit minimises over α, by Adam,
 *
 * <pre>E[(f_w(x) − default(x))²] + λ·Σ w²</pre>
 *
 * over w, drawn as in the search, and over x: 512 quantiles of N(0, 1) and up to 512
 * pre-activations of the network. In each place, Σ w² is the probability that two draws from w give
 * the same operation. Its penalty keeps w spread over many operations, so that the search can still
 * decide between them. β, the scalars of operations, are not changed. The paper (arXiv 2408.06820)
 * has no such fit: it starts from equal weights.
 *
 * @param steps the number of Adam steps; 0 for no fit
 * @param learningRate Adam's learning rate, which decays to a hundredth of it along half a cosine
 * @param penalty λ; 0 for the closest fit
 */
public record CellFit(int steps, double learningRate, double penalty) {

  /** No fit: α is left unchanged. */
  public static final CellFit OFF = new CellFit(0, 0.1, 0);

  /**
   * A close fit for {@link Relaxation#DRNAS}. Its learning rate is high: w, drawn from a Dirichlet
   * distribution, varies less only if the concentrations, and with them α, become large.
   */
  public static final CellFit DRNAS = new CellFit(500, 0.7, 3e-4);

  /** The number of quantiles of N(0, 1), and the largest number of pre-activations. */
  private static final int POINTS = 512;

  /** The number of draws of w in each step, for relaxations that draw for each cell separately. */
  private static final int DRAWS = 8;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if {@code steps} or {@code penalty} is negative, {@code
   *     learningRate} not positive, or one of the latter not finite; the message names it
   */
  public CellFit {
    if (steps < 0) {
      throw new IllegalArgumentException("fit.steps must be 0 (no fit) or more, but is " + steps);
    }
    if (!(learningRate > 0 && penalty >= 0 && Double.isFinite(learningRate + penalty))) {
      throw new IllegalArgumentException(
          "fit needs a finite learningRate > 0 and a finite penalty >= 0, not %s and %s"
              .formatted(learningRate, penalty));
    }
  }

  /**
   * Fits α.
   *
   * @param architecture the architecture parameters; α is changed
   * @param relaxation how α is mapped to mixing weights
   * @param target computes the default activation at the points it is given
   * @param random the source of randomness for relaxations that draw w
   * @param seen pre-activations of the network; of more than 512, 512 are used; none to fit on N(0,
   *     1) alone
   * @return true if all steps were taken; false if the fit ended early, because the gradient of α
   *     was not finite
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
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

  /**
   * The gradient of the objective with respect to the mixing weights, {@code
   * [rows][place][operation]}. Each row is one draw of w, and the objective is the mean over the
   * rows.
   */
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

  /** The learning rate of a step, counted from 1. */
  private double rate(int step) {
    double last = learningRate / 100;
    return last + (learningRate - last) * (1 + Math.cos(Math.PI * (step - 1) / steps)) / 2;
  }

  /** At most {@code POINTS} of the pre-activations, at equal strides. */
  private static DoubleStream sample(float... seen) {
    int count = Math.min(POINTS, seen.length);
    return IntStream.range(0, count).mapToDouble(i -> seen[(int) ((long) i * seen.length / count)]);
  }

  /** The quantiles of N(0, 1) at the probabilities (i + ½) / {@code POINTS}. */
  private static DoubleStream normalQuantiles() {
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    return IntStream.range(0, POINTS).mapToDouble(i -> normal.quantile((i + 0.5) / POINTS));
  }
}
