package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.train.Learner;
import grafs.train.RunningScore;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;

/** Accumulates the gradient of α and β over passes of a network with relaxed cells. */
final class ArchitectureGradient {

  private final Relaxation relaxation;
  private final ArchitectureParameters architecture;
  private final Cells cells;
  private final Learner learner;

  /** dL/dα, {@code [place][operation]}, of the passes since {@link #clear}. */
  double[][] alpha;

  /** dL/dβ, {@code [place][operation]}, of the passes since {@link #clear}. */
  double[][] beta;

  ArchitectureGradient(
      Relaxation relaxation, ArchitectureParameters architecture, Cells cells, Learner learner) {
    this.relaxation = relaxation;
    this.architecture = architecture;
    this.cells = cells;
    this.learner = learner;
    clear();
  }

  void clear() {
    alpha = CellWeights.zeros(architecture.alpha());
    beta = CellWeights.zeros(architecture.beta());
  }

  private Relaxation.Draw sample(long seed, int rows) {
    return relaxation.draw(
        architecture.alpha(), architecture.candidates(), rows, new SplittableRandom(seed));
  }

  /** {@return the mixing weights of all cells in the pass with a seed} */
  CellWeights mixing(long seed) {
    return architecture.weights(sample(seed, cells.instances()).weights());
  }

  /**
   * Runs batches forward and backward; the loss is their mean.
   *
   * @param batches the examples
   * @param seeds the seed of each batch, for the draw of mixing weights and for random layers such
   *     as dropout
   * @param followWeights whether the gradient of the weights is accumulated
   * @param followAlpha whether the gradient of α and β is accumulated
   * @param tally where to add the score
   */
  void run(
      List<Batch> batches,
      IntToLongFunction seeds,
      boolean followWeights,
      boolean followAlpha,
      RunningScore tally) {
    learner.freeze(!followWeights);
    try {
      for (int b = 0; b < batches.size(); b++) {
        long seed = seeds.applyAsLong(b);
        Engine.getInstance().setRandomSeed(Long.hashCode(seed));
        Relaxation.Draw drawn = sample(seed, cells.instances());
        learner.backpropagate(
            batches.get(b),
            tally,
            1.0 / batches.size(),
            () -> cells.relax(architecture.weights(drawn.weights()), followAlpha),
            () -> {
              if (followAlpha) {
                add(drawn, cells.gradient());
              }
            });
      }
    } finally {
      learner.freeze(false);
    }
  }

  /** Adds the gradient of a regulariser, evaluated on one drawn cell. */
  void add(Regularizer goal, long seed) {
    Relaxation.Draw drawn = sample(seed, 1);
    CellWeights weights = architecture.weights(drawn.weights());
    CellWeights.Gradient gradient = weights.zeroGradient();
    goal.penalize(architecture.space(), weights, gradient);
    add(drawn, gradient);
  }

  private void add(Relaxation.Draw drawn, CellWeights.Gradient gradient) {
    drawn.backward(gradient.weights(), alpha);
    CellWeights.add(beta, gradient.beta(), 1);
  }
}
