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
 * Runs the network of a gradient-based search for an activation function forward and backward on
 * batches, and adds to the gradients of the network's weights, α and β. The activations of the
 * network are cells ({@link Cells}), small graphs of operations such as sin or +. A cell computes
 * the default activation, the one that the network has without a search, or it is relaxed. A
 * relaxed cell mixes the candidate operations of each place (edge or vertex). A {@link Relaxation}
 * draws the mixing weights from α, one number for each candidate. β are the learnable scalars that
 * some operations have, as in β·x.
 *
 * <p>{@link GradientOptimizer} uses this class to update the weights, and to update α by the
 * first-order gradient, for which the weights are constants. {@link UnrolledPass} uses it for the
 * second-order gradient of α, which takes into account that the weights depend on α.
 *
 * @param settings the settings of the search
 * @param cells the cells that the network was built with
 * @param learner the network
 * @param architecture α and β with their gradients, and the candidates that have not been dropped
 */
record RelaxedPasses(
    SearchSettings settings, Cells cells, Learner learner, ArchitectureParameters architecture) {

  /** What the cells compute in a pass, and to which gradients the pass adds. */
  enum Pass {
    /** The cells compute the default activation; the pass adds to the gradient of the weights. */
    DEFAULT,
    /** The cells are relaxed; the pass adds to the gradient of the weights. */
    WEIGHTS,
    /** The cells are relaxed; the pass adds to the gradients of α and β. */
    ALPHA,
    /** The cells are relaxed; the pass adds to the gradients of the weights, α and β. */
    BOTH
  }

  private Relaxation.Draw draw(long seed, int rows) {
    return architecture.draw(settings.relaxation(), rows, new SplittableRandom(seed));
  }

  /**
   * {@return the mixing weights that a pass with this seed draws for all cells, with β}
   *
   * @param seed the seed of the pass
   */
  CellWeights mixing(long seed) {
    return architecture.weights(draw(seed, cells.instances()).weights());
  }

  /**
   * Runs batches forward and backward. The gradient of the mean of the batches' losses is added to
   * the gradients that {@code pass} selects.
   *
   * @param batches the batches
   * @param seeds maps the index of a batch to the seed of its pass, for the draw of mixing weights
   *     and for random layers such as dropout
   * @param pass what the cells compute, and to which gradients the pass adds
   * @param tally the score to which the batches' scores are added
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

  /**
   * Adds the derivatives of a regulariser (a penalty computed from the relaxed cell) to the
   * gradients of α and β.
   *
   * @param goal the regulariser
   * @param seed the seed from which the mixing weights of one cell are drawn, for which the penalty
   *     is computed
   */
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
