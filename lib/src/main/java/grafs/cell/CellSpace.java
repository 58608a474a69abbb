package grafs.cell;

import grafs.op.Bounds;
import grafs.op.OperationSet;

/**
 * The search space of a cell: its graph, the operations to choose from, and how they are bounded.
 *
 * <p>Every learnable operation on every edge and vertex has a scalar β of its own; a cell instance
 * holds them as one vector, edges first, then vertices, each in the order of the operation set.
 *
 * @param graph the wiring
 * @param operations the candidates: U on every edge, B on every vertex
 * @param bounds the limits that every operation keeps during search
 */
public record CellSpace(CellGraph graph, OperationSet operations, Bounds bounds) {

  /** {@return the paper's space: two core units, all primitives, ℓ = 10} */
  public static CellSpace paper() {
    return new CellSpace(CellGraph.PAPER, OperationSet.paper(), Bounds.SEARCH);
  }

  /**
   * {@return this space without the paper's bounding: operations are only kept from overflowing, as
   * in the found function}
   */
  public CellSpace unbounded() {
    return new CellSpace(graph, operations, Bounds.OVERFLOW);
  }

  /** {@return the number of β of one cell instance} */
  public int betas() {
    return graph.edges() * unaryBetas(operations.unary().size())
        + graph.vertices() * binaryBetas(operations.binary().size());
  }

  /** {@return whether any of the candidates has a learnable β} */
  boolean hasBeta(Candidates candidates) {
    return candidates.unary().stream()
            .anyMatch(edge -> edge.stream().anyMatch(o -> operations.unary().get(o).hasBeta()))
        || candidates.binary().stream()
            .anyMatch(
                vertex -> vertex.stream().anyMatch(o -> operations.binary().get(o).hasBeta()));
  }

  /** {@return where in a cell's β vector that of the unary operation on the edge lies} */
  int unaryBeta(int edge, int operation) {
    return edge * unaryBetas(operations.unary().size()) + unaryBetas(operation);
  }

  /** {@return where in a cell's β vector that of the binary operation on the vertex lies} */
  int binaryBeta(int vertex, int operation) {
    return graph.edges() * unaryBetas(operations.unary().size())
        + vertex * binaryBetas(operations.binary().size())
        + binaryBetas(operation);
  }

  /** {@return the starting values of a cell's β vector} */
  public float[] betaStart() {
    float[] start = new float[betas()];
    for (int o = 0; o < operations.unary().size(); o++) {
      for (int e = 0; operations.unary().get(o).hasBeta() && e < graph.edges(); e++) {
        start[unaryBeta(e, o)] = (float) operations.unary().get(o).beta();
      }
    }
    for (int o = 0; o < operations.binary().size(); o++) {
      for (int v = 0; operations.binary().get(o).hasBeta() && v < graph.vertices(); v++) {
        start[binaryBeta(v, o)] = (float) operations.binary().get(o).beta();
      }
    }
    return start;
  }

  private int unaryBetas(int before) {
    return (int) operations.unary().stream().limit(before).filter(op -> op.hasBeta()).count();
  }

  private int binaryBetas(int before) {
    return (int) operations.binary().stream().limit(before).filter(op -> op.hasBeta()).count();
  }
}
