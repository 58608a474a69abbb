package grafs.search;

import grafs.cell.CellWeights;
import java.util.random.RandomGenerator;

/** How architecture parameters become the weights of a relaxed cell. */
public interface Relaxation {

  /**
   * DARTS: w = softmax(α) over the candidates, the same in all cells (Liu et al. 2019, equation 2).
   */
  Relaxation SOFTMAX = new SoftmaxRelaxation();

  /**
   * DrNAS with the paper's variance reduction: w ~ Dirichlet(elu(α) + 1), an independent draw for
   * each cell of the network (Chen et al. 2021; arXiv 2408.06820, section 3).
   */
  Relaxation DRNAS = new DirichletRelaxation(true);

  /** DrNAS without it: one draw of w ~ Dirichlet(elu(α) + 1) for all cells. */
  Relaxation DRNAS_SHARED = new DirichletRelaxation(false);

  /**
   * How many draws of the weights a step of the search takes.
   *
   * @param cells the number of cells in the network
   * @return one for each cell, or 1 for weights that all cells share
   */
  int draws(int cells);

  /**
   * Makes the weights of one step. Within a gradient collector they are differentiable in α.
   *
   * @param alpha the architecture parameters
   * @param draws the number of independent draws; a relaxation without randomness makes one
   * @param random the randomness of the step, for relaxations that draw
   * @return the weights, in as many rows as there are draws
   */
  CellWeights weights(ArchitectureParameters alpha, int draws, RandomGenerator random);

  /**
   * Makes the weights of a step that leaves α alone: those of {@link #weights} as constants,
   * without the cost of a gradient.
   *
   * @param alpha the architecture parameters
   * @param draws the number of independent draws
   * @param random the randomness of the step
   * @return the weights, held
   */
  default CellWeights held(ArchitectureParameters alpha, int draws, RandomGenerator random) {
    return weights(alpha, draws, random).hold();
  }

  /**
   * Makes the mean weights as constants, for evaluations in which a draw has no place.
   *
   * @param alpha the architecture parameters
   * @return the weights, held, shared by all cells
   */
  CellWeights mean(ArchitectureParameters alpha);

  /**
   * Computes the mean weights of one edge or vertex.
   *
   * @param alpha α of the operations in play there, at least one
   * @return their weights, which sum to 1
   */
  double[] mean(double... alpha);
}
