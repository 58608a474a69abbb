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

/**
 * Fits α so that the relaxed cell computes about what the network's default activation does, before
 * it takes that one's place: min over α of E[(f_w(x) − default(x))²]. Started from equal weights
 * the average of all operations is nearly flat, some twenty of which in a row stop the signal.
 *
 * @param steps the number of Adam steps
 * @param learningRate Adam's learning rate
 */
public record CellWarmStart(int steps, double learningRate) {

  /** Enough to come within an RMS of 0.05 of ReLU in a few seconds. */
  public static final CellWarmStart DEFAULT = new CellWarmStart(300, 0.1);

  private static final int POINTS = 512;

  /**
   * Fits α.
   *
   * @param space the search space
   * @param alpha the architecture parameters; changed
   * @param relaxation how α becomes weights
   * @param target the default activation, a block without parameters
   * @return the root mean square error left over x ~ N(0, 1)
   */
  public double fit(
      CellSpace space, ArchitectureParameters alpha, Relaxation relaxation, Block target) {
    RelaxedCell cell = new RelaxedCell(space);
    double error = Double.NaN;
    try (NDManager manager = alpha.unary().getManager().newSubManager();
        Optimizer adam =
            new Adam(alpha.arrays(), Tracker.fixed((float) learningRate), 0.9, 0.999, 0)) {
      NDArray x = manager.create(normalQuantiles()).reshape(1, POINTS);
      NDArray y = target.forward(null, new NDList(x), false).head();
      NDArray beta = space.betas() == 0 ? null : manager.create(space.betaStart()).expandDims(0);
      for (int step = 0; step < steps; step++) {
        try (NDScope scope = new NDScope();
            GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          scope.suppressNotUsedWarning();
          CellWeights weights = relaxation.weights(alpha, 1);
          NDArray loss = cell.evaluate(x, weights, beta).sub(y).square().mean();
          collector.backward(loss);
          error = Math.sqrt(loss.getFloat());
        }
        adam.step();
      }
    }
    return error;
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
