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

/**
 * Runs the network of a search forward and backward, and adds to the gradients of the weights, α
 * and β.
 *
 * @param settings the numbers of the search
 * @param cells the cells that the network was built with
 * @param learner the network
 * @param architecture α and β
 */
record RelaxedPasses(
    SearchSettings settings, Cells cells, Learner learner, ArchitectureParameters architecture) {

  /** What the cells compute in a pass, and whose gradient is accumulated. */
  enum Pass {
    /** The default activation; the gradient of the weights. */
    DEFAULT,
    /** The relaxed cells; the gradient of the weights. */
    WEIGHTS,
    /** The relaxed cells; the gradient of α and β. */
    ALPHA,
    /** The relaxed cells; all gradients. */
    BOTH
  }

  private Relaxation.Draw draw(long seed, int rows) {
    return architecture.draw(settings.relaxation(), rows, new SplittableRandom(seed));
  }

  /** {@return the mixing weights of all cells in the pass with a seed} */
  CellWeights mixing(long seed) {
    return architecture.weights(draw(seed, cells.instances()).weights());
  }

  /**
   * Runs batches forward and backward; the loss is their mean.
   *
   * @param batches the examples
   * @param seeds the seed of each batch, for the draw of mixing weights and for random layers such
   *     as dropout
   * @param pass what is computed
   * @param tally where to add the score
   */
  void run(List<Batch> batches, IntToLongFunction seeds, Pass pass, RunningScore tally) {
    boolean followAlpha = pass == Pass.ALPHA || pass == Pass.BOTH;
    if (pass == Pass.ALPHA) {
      learner.freeze(true);
    }
    try {
      for (int b = 0; b < batches.size(); b++) {
        long seed = seeds.applyAsLong(b);
        Engine.getInstance().setRandomSeed(Long.hashCode(seed));
        Relaxation.Draw drawn = pass == Pass.DEFAULT ? null : draw(seed, cells.instances());
        learner.backpropagate(
            batches.get(b),
            tally,
            1.0 / batches.size(),
            drawn == null
                ? cells::restoreDefault
                : () -> cells.relax(architecture.weights(drawn.weights()), followAlpha),
            () -> {
              if (followAlpha) {
                add(drawn, cells.gradient());
              }
            });
      }
    } finally {
      if (pass == Pass.ALPHA) {
        learner.freeze(false);
      }
    }
  }

  /** Adds the gradient of a regulariser, evaluated on one drawn cell. */
  void add(Regularizer goal, long seed) {
    Relaxation.Draw drawn = draw(seed, 1);
    CellWeights weights = architecture.weights(drawn.weights());
    CellWeights.Gradient gradient = weights.zeroGradient();
    goal.penalize(cells.relaxed(), weights, gradient);
    add(drawn, gradient);
  }

  private void add(Relaxation.Draw drawn, CellWeights.Gradient gradient) {
    drawn.backward(gradient.weights(), architecture.alpha.gradient);
    CellWeights.add(architecture.beta.gradient, gradient.beta(), 1);
  }
}
