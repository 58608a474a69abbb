package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.train.Learner;
import grafs.train.RunningScore;
import java.util.SplittableRandom;

/** Passes of a network with relaxed cells, and the gradient of α and β that they add up to. */
final class RelaxedPasses {

  private final Relaxation relaxation;
  private final ArchitectureParameters architecture;
  private final Cells cells;
  private final Learner learner;

  /** {@code [place][operation]}, of the passes since {@link #clear}. */
  double[][] alpha;

  /** {@code [place][operation]}, of the passes since {@link #clear}. */
  double[][] beta;

  RelaxedPasses(
      Relaxation relaxation, ArchitectureParameters architecture, Cells cells, Learner learner) {
    this.relaxation = relaxation;
    this.architecture = architecture;
    this.cells = cells;
    this.learner = learner;
    clear();
  }

  void clear() {
    alpha = AlphaOptimizer.zeros(architecture.alpha());
    beta = AlphaOptimizer.zeros(architecture.beta());
  }

  private Relaxation.Draw sample(long seed, int rows) {
    return relaxation.draw(
        architecture.alpha(), architecture.candidates(), rows, new SplittableRandom(seed));
  }

  /** {@return the mixing weights of all cells in the pass of a seed} */
  CellWeights mixing(long seed) {
    return architecture.weights(sample(seed, cells.instances()).weights());
  }

  /**
   * Runs a batch forward and backward.
   *
   * @param batch the examples
   * @param seed of the draw, and of what the network draws by itself, such as dropout
   * @param share by which the loss is multiplied
   * @param followWeights whether the gradient is added to that of the weights
   * @param followAlpha whether it is added to that of α and β
   * @param tally where to add the score
   */
  void run(
      Batch batch,
      long seed,
      double share,
      boolean followWeights,
      boolean followAlpha,
      RunningScore tally) {
    Engine.getInstance().setRandomSeed(Long.hashCode(seed));
    Relaxation.Draw drawn = sample(seed, cells.instances());
    learner.freeze(!followWeights);
    try {
      learner.backpropagate(
          batch,
          tally,
          share,
          () -> cells.relax(architecture.weights(drawn.weights()), followAlpha),
          () -> {
            if (followAlpha) {
              add(drawn, cells.gradient());
            }
          });
    } finally {
      learner.freeze(false);
    }
  }

  /** Adds the gradient of a goal, for one cell. */
  void pursue(Regularizer goal, long seed) {
    Relaxation.Draw drawn = sample(seed, 1);
    CellWeights weights = architecture.weights(drawn.weights());
    CellWeights.Gradient gradient = weights.zeroGradient();
    goal.penalize(architecture.space(), weights, gradient);
    add(drawn, gradient);
  }

  private void add(Relaxation.Draw drawn, CellWeights.Gradient gradient) {
    drawn.backward(gradient.weights(), alpha);
    addTo(beta, gradient.beta(), 1);
  }

  /** Adds a multiple of one array to another of the same shape. */
  static void addTo(double[][] sum, double[][] term, double factor) {
    for (int p = 0; p < sum.length; p++) {
      for (int o = 0; o < sum[p].length; o++) {
        sum[p][o] += factor * term[p][o];
      }
    }
  }
}
