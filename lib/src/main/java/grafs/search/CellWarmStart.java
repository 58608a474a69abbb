package grafs.search;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.tracker.Tracker;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.RelaxedCell;
import grafs.train.Adam;
import grafs.train.Optimizer;
import grafs.train.Progress;
import java.util.random.RandomGenerator;
import smile.stat.distribution.GaussianDistribution;

/**
 * Fits α so that the relaxed cell computes about what the network's default activation does, before
 * it takes that one's place: min over α of
 *
 * <pre>E[(f_w(x) − default(x))²] + λ·Σ w²</pre>
 *
 * <p>Started from equal weights the average of all operations is nearly flat, some twenty of which
 * in a row stop the signal. x is drawn from the pre-activations seen in the network and from N(0,
 * 1) in equal parts, and the weights w as in the search. Σ w², the chance of drawing the same
 * operation twice summed over edges and vertices, keeps the weights spread over many operations:
 * near the default, but undecided.
 *
 * <p>β stay where they start. Fitted too, large ones of opposite sign cancel each other, until
 * shrinking drops one of them and the network falls to chance.
 *
 * @param steps the number of Adam steps; 0 for no fit
 * @param learningRate Adam's learning rate, from which it falls along half a cosine to a hundredth
 * @param penalty λ; 0 for the closest fit
 */
public record CellWarmStart(int steps, double learningRate, double penalty) {

  /** Comes within an RMS of 0.02 of ReLU, GELU and SiLU in a few seconds. */
  public static final CellWarmStart DEFAULT = new CellWarmStart(300, 0.1, 3e-4);

  /**
   * Brings DrNAS within an RMS of 0.05 in its draws. Their spread falls only as the concentrations
   * grow, so α has a longer way.
   */
  public static final CellWarmStart DRNAS = new CellWarmStart(500, 0.7, 3e-4);

  /** No fit: the search starts from nearly equal weights. */
  public static final CellWarmStart OFF = new CellWarmStart(0, 0.1, 0);

  private static final int POINTS = 1024;

  /** Draws of w in every step of the fit, for relaxations that draw for each cell. */
  private static final int DRAWS = 8;

  /** Draws over which the error left is measured. */
  private static final int TEST_DRAWS = 256;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public CellWarmStart {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "cellWarmStart.steps must be 0 (no fit) or more, but is " + steps);
    }
    if (!(learningRate > 0) || !(penalty >= 0)) {
      throw new IllegalArgumentException(
          "cellWarmStart needs a learningRate > 0 and a penalty >= 0, not %s and %s"
              .formatted(learningRate, penalty));
    }
  }

  /**
   * Fits α.
   *
   * @param space the search space
   * @param alpha the architecture parameters; changed
   * @param relaxation how α becomes weights
   * @param target the default activation, a block without parameters
   * @param random the randomness of a relaxation that draws
   * @param seen pre-activations of the network, some thousand; none to fit on N(0, 1) alone
   * @return the root mean square that is left over x ~ N(0, 1), and over the draws of a relaxation
   *     that draws; NaN where what the cell computes is not finite
   */
  public double fit(
      CellSpace space,
      ArchitectureParameters alpha,
      Relaxation relaxation,
      Block target,
      RandomGenerator random,
      float... seen) {
    RelaxedCell cell = new RelaxedCell(space);
    try (NDManager manager = alpha.unary().getManager().newSubManager()) {
      NDArray normal = manager.create(normalQuantiles()).reshape(1, POINTS);
      NDArray x = seen.length == 0 ? normal : normal.concat(sample(manager, seen), 1);
      NDArray y = target.forward(null, new NDList(x), false).head();
      NDArray beta = space.betas() == 0 ? null : manager.create(space.betaStart()).expandDims(0);
      NDArray factor = manager.create((float) penalty);
      try (Optimizer adam = new Adam(alpha.arrays(), learningRates(), 0.9, 0.999, 0)) {
        for (int step = 0; step < steps; step++) {
          Progress.stopIfInterrupted(() -> "interrupted while the cells were fitted");
          try (NDScope scope = new NDScope();
              GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            scope.suppressNotUsedWarning();
            CellWeights weights = relaxation.weights(alpha, DRAWS, random);
            NDArray error = cell.evaluate(x, weights, beta).sub(y).square().mean();
            NDArray extent = twice(weights.unary()).add(twice(weights.binary()));
            collector.backward(error.add(extent.mul(factor)));
          }
          if (!alpha.finiteGradient()) {
            return Double.NaN;
          }
          adam.step();
        }
      }
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDArray off =
            cell.evaluate(normal, relaxation.held(alpha, TEST_DRAWS, random), beta)
                .sub(target.forward(null, new NDList(normal), false).head());
        return Math.sqrt(off.square().mean().getFloat());
      }
    }
  }

  /** Σ w² of one cell, the mean over the draws. */
  private static NDArray twice(NDArray weights) {
    return weights.square().sum(new int[] {1, 2}).mean();
  }

  private Tracker learningRates() {
    return Tracker.cosine()
        .setBaseValue((float) learningRate)
        .optFinalValue((float) learningRate / 100)
        .setMaxUpdates(Math.max(1, steps))
        .build();
  }

  /** As many of the values seen as there are quantiles, spread evenly over them. */
  private static NDArray sample(NDManager manager, float[] seen) {
    float[] some = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      some[i] = seen[(int) ((long) i * seen.length / POINTS)];
    }
    return manager.create(some).reshape(1, POINTS);
  }

  /** Points that stand for N(0, 1): its quantiles at the middle of equal shares. */
  private static float[] normalQuantiles() {
    GaussianDistribution normal = new GaussianDistribution(0, 1);
    float[] quantiles = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      quantiles[i] = (float) normal.quantile((i + 0.5) / POINTS);
    }
    return quantiles;
  }
}
