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
 * Fits the relaxed cell of a search to the network's default activation, the one that the network
 * has without a search. A search replaces each activation of the network by a cell, a small graph
 * of operations such as sin or +. The relaxed cell f_w mixes all candidate operations in each place
 * (edge or vertex) of the graph. A {@link Relaxation} computes or draws the mixing weights w from
 * α, one number for each candidate. In its first epochs a search can train the weights with the
 * default activation. Then the relaxed cell takes the place of the default activation. The loss
 * should not jump at that moment. So the fit minimises, over α and by Adam,
 *
 * <pre>E[(f_w(x) − default(x))²] + λ·Σ w²</pre>
 *
 * <p>The mean E is over w, drawn as in the search, and over x: 512 quantiles of N(0, 1) and up to
 * 512 pre-activations, numbers that the network feeds into its activations. The sum is over all
 * operations of all places. This penalty keeps w spread over many operations, so that the search
 * can still decide between them. β, the learnable scalars that some operations have, are not
 * changed. The paper (arXiv 2408.06820) has no such fit: it starts from equal weights.
 *
 * @param steps the number of Adam steps; 0 for no fit
 * @param learningRate Adam's learning rate in the first step; it decays to a hundredth along half a
 *     cosine
 * @param penalty λ; 0 for the closest fit
 */
public record CellFit(int steps, double learningRate, double penalty) {

  /** No fit: α is left unchanged. */
  public static final CellFit OFF = new CellFit(0, 0.1, 0);

  /**
   * A close fit for {@link Relaxation#DRNAS}, which draws w from a Dirichlet distribution whose
   * parameters grow with α. In a close fit, the draws of w must vary little. For this α must become
   * large; therefore the learning rate is high.
   */
  public static final CellFit DRNAS = new CellFit(500, 0.7, 3e-4);

  /** The number of quantiles of N(0, 1), and the largest number of pre-activations. */
  private static final int POINTS = 512;

  /**
   * The number of draws of w in each step, if the relaxation draws w for each cell of the network
   * separately. Other relaxations have one draw in each step.
   */
  private static final int DRAWS = 8;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if {@code steps} is negative, {@code learningRate} is not
   *     positive and finite, or {@code penalty} is negative or not finite
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
   * @param architecture α, which is changed, and β
   * @param relaxation how α is mapped to mixing weights
   * @param target computes the values of the default activation at given points
   * @param random the source of randomness for relaxations that draw w
   * @param seen pre-activations of the network; of more than 512, 512 are used; if there are none,
   *     the cell is fitted at quantiles of N(0, 1) alone
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
   * Returns the gradient of the fit's objective, the formula in the class comment, with respect to
   * the mixing weights, {@code [rows][place][operation]}. Each row is one draw of w, and the
   * objective is the mean over the rows.
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

  /** Returns the learning rate of a step, which is counted from 1. */
  private double rate(int step) {
    double last = learningRate / 100;
    return last + (learningRate - last) * (1 + Math.cos(Math.PI * (step - 1) / steps)) / 2;
  }

  /** Returns at most {@code POINTS} of the pre-activations, at equal strides. */
  private static DoubleStream sample(float... seen) {
    int count = Math.min(POINTS, seen.length);
    return IntStream.range(0, count).mapToDouble(i -> seen[(int) ((long) i * seen.length / count)]);
  }

  /** Returns the quantiles of N(0, 1) at the probabilities (i + ½) / {@code POINTS}. */
  private static DoubleStream normalQuantiles() {
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    return IntStream.range(0, POINTS).mapToDouble(i -> normal.quantile((i + 0.5) / POINTS));
  }
}
