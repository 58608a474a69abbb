package grafs.cell;

import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.math.BigInteger;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

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
   * {@return the number of choices of one operation for every edge and vertex, |U|^edges ·
   * |B|^vertices} Different choices may compute the same function.
   */
  public BigInteger size() {
    return BigInteger.valueOf(operations.unary().size())
        .pow(graph.edges())
        .multiply(BigInteger.valueOf(operations.binary().size()).pow(graph.vertices()));
  }

  /**
   * Draws a function, every choice of operations as likely as any other.
   *
   * @param random the source of chance
   * @return a function whose β are where they start
   */
  public DiscreteActivation random(RandomGenerator random) {
    return function(
        IntStream.range(0, graph.edges())
            .mapToObj(e -> operations.unary().get(random.nextInt(operations.unary().size())))
            .toList(),
        IntStream.range(0, graph.vertices())
            .mapToObj(v -> operations.binary().get(random.nextInt(operations.binary().size())))
            .toList());
  }

  /**
   * Makes a function by hand, such as SiLU, σ(x)·x, in the paper's graph: {@code
   * named(List.of("identity", "identity", "identity", "identity"), List.of("gate", "left"))}.
   *
   * @param unary the names of the operations on the edges, in their order
   * @param binary the names of the operations on the vertices, in their order
   * @return the function; its β are where they start
   * @throws IllegalArgumentException if a name is unknown, or there are too many or too few for the
   *     graph
   */
  public DiscreteActivation named(List<String> unary, List<String> binary) {
    return function(
        unary.stream().map(n -> operations.unary().get(operations.unaryIndex(n))).toList(),
        binary.stream().map(n -> operations.binary().get(operations.binaryIndex(n))).toList());
  }

  private DiscreteActivation function(List<Unary> unary, List<Binary> binary) {
    List<Double> beta =
        DoubleStream.concat(
                unary.stream().mapToDouble(Unary::beta), binary.stream().mapToDouble(Binary::beta))
            .boxed()
            .toList();
    return new DiscreteActivation(graph, unary, binary, beta);
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
