package grafs.search;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import grafs.cell.CellSpace;
import grafs.cell.CellWeights;
import grafs.cell.RelaxedCell;
import java.util.random.RandomGenerator;

/**
 * Fits α so that the relaxed cell computes about what the network's default activation does, before
 * it takes that one's place: min over α of E[(f_w(x) − default(x))²] over x ~ N(0, 1), and over the
 * draws of w where the relaxation draws. Started from equal weights the average of all operations
 * is nearly flat, some twenty of which in a row stop the signal.
 *
 * @param steps the number of Adam steps
 * @param learningRate Adam's learning rate
 */
public record CellWarmStart(int steps, double learningRate) {

  /** Enough for softmax to come within an RMS of 0.01 of ReLU, GELU or SiLU in a few seconds. */
  public static final CellWarmStart DEFAULT = new CellWarmStart(300, 0.1);

  /**
   * Enough for DrNAS to come within an RMS of 0.05 in its draws. The spread of the draws falls only
   * as the concentrations grow, so α has a longer way.
   */
  public static final CellWarmStart DRNAS = new CellWarmStart(300, 0.3);

  private static final int POINTS = 512;

  /** Draws of w in every step of the fit, for relaxations that draw for each cell. */
  private static final int DRAWS = 8;

  /** Draws over which the error left is measured. */
  private static final int TEST_DRAWS = 256;

  /**
   * Fits α.
   *
   * @param space the search space
   * @param alpha the architecture parameters; changed
   * @param relaxation how α becomes weights
   * @param target the default activation, a block without parameters
   * @param random the randomness of a relaxation that draws
   * @return the error left, as {@link #error} gives it for {@value #TEST_DRAWS} cells
   */
  public double fit(
      CellSpace space,
      ArchitectureParameters alpha,
      Relaxation relaxation,
      Block target,
      RandomGenerator random) {
    Optimizer adam =
        Optimizer.adam().optLearningRateTracker(Tracker.fixed((float) learningRate)).build();
    try (NDManager manager = alpha.unary().getManager().newSubManager()) {
      Misfit misfit = new Misfit(space, target, manager);
      for (int step = 0; step < steps; step++) {
        try (NDScope scope = new NDScope();
            GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          scope.suppressNotUsedWarning();
          collector.backward(misfit.of(relaxation.weights(alpha, DRAWS, random)));
        }
        alpha.update(adam);
      }
    }
    return error(space, relaxation.held(alpha, TEST_DRAWS, random), target);
  }

  /**
   * Measures how far cells are from the default activation: the root mean square over x ~ N(0, 1)
   * and over the cells.
   *
   * @param space the search space
   * @param weights the weights of one or several cells; β are at their start
   * @param target the default activation, a block without parameters
   * @return √E[(f_w(x) − default(x))²]
   */
  public static double error(CellSpace space, CellWeights weights, Block target) {
    try (NDManager manager = weights.unary().getManager().newSubManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return Math.sqrt(new Misfit(space, target, manager).of(weights).getFloat());
    }
  }

  /** The mean squared difference between relaxed cells and the default activation. */
  private static final class Misfit {

    private final RelaxedCell cell;
    private final NDArray x;
    private final NDArray y;
    private final NDArray beta;

    Misfit(CellSpace space, Block target, NDManager manager) {
      cell = new RelaxedCell(space);
      x = manager.create(normalQuantiles()).reshape(1, POINTS);
      y = target.forward(null, new NDList(x), false).head();
      beta = space.betas() == 0 ? null : manager.create(space.betaStart()).expandDims(0);
    }

    NDArray of(CellWeights weights) {
      return cell.evaluate(x, weights, beta).sub(y).square().mean();
    }
  }

  /** Points that stand for N(0, 1): its quantiles at the middle of equal shares. */
  private static float[] normalQuantiles() {
    smile.stat.distribution.GaussianDistribution normal =
        new smile.stat.distribution.GaussianDistribution(0, 1);
    float[] quantiles = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      quantiles[i] = (float) normal.quantile((i + 0.5) / POINTS);
    }
    return quantiles;
  }
}
