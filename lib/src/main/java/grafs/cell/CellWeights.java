package grafs.cell;

import ai.djl.ndarray.NDArray;

/**
 * The weights by which a relaxed cell mixes its operations, as a relaxation makes them from α.
 *
 * @param unary weights of the unary operations, {@code [instances or 1, edges, |U|]}, each row
 *     summing to 1 over the candidates; 1 in the first place where all instances share them
 * @param binary weights of the binary operations, {@code [instances or 1, vertices, |B|]}
 * @param candidates the operations that are mixed; the others' weights are not looked at
 * @param held whether they are constants, through which no gradient goes on to α
 */
public record CellWeights(NDArray unary, NDArray binary, Candidates candidates, boolean held) {

  /** {@return the weights of one instance} */
  CellWeights of(int instance) {
    if (unary.getShape().get(0) == 1) {
      return this;
    }
    String row = instance + ":" + (instance + 1);
    return new CellWeights(unary.get(row), binary.get(row), candidates, held);
  }

  /** {@return the same weights as leaves of autograd's graph, where gradients stop and stay} */
  CellWeights leaf() {
    NDArray u = unary.stopGradient();
    NDArray b = binary.stopGradient();
    u.setRequiresGradient(!held);
    b.setRequiresGradient(!held);
    return new CellWeights(u, b, candidates, held);
  }

  /** {@return the same weights as constants, not differentiable in α} */
  public CellWeights hold() {
    return new CellWeights(unary.stopGradient(), binary.stopGradient(), candidates, true);
  }
}
