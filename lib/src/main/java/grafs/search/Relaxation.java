package grafs.search;

import grafs.cell.CellWeights;

/** How architecture parameters become the weights of a relaxed cell. */
public interface Relaxation {

  /**
   * DARTS: w = softmax(α) over the candidates, the same in all cells (Liu et al. 2019, equation 2).
   */
  Relaxation SOFTMAX =
      new Relaxation() {
        @Override
        public CellWeights weights(ArchitectureParameters alpha, int instances) {
          return new CellWeights(
              alpha.unary().add(alpha.unaryMask()).softmax(1).expandDims(0),
              alpha.binary().add(alpha.binaryMask()).softmax(1).expandDims(0),
              alpha.candidates(),
              false);
        }

        @Override
        public String toString() {
          return "softmax";
        }
      };

  /**
   * Makes the weights of one step. Within a gradient collector they are differentiable in α.
   *
   * @param alpha the architecture parameters
   * @param instances the number of cells in the network, for relaxations that give each its own
   *     weights
   * @return the weights
   */
  CellWeights weights(ArchitectureParameters alpha, int instances);
}
