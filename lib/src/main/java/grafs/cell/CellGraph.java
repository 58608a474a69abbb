package grafs.cell;

import java.util.function.Supplier;

/**
 * The wiring of an activation cell: chained core units, each of two unary edges into one binary
 * vertex (arXiv 2408.06820, figure 1). The first unit takes x on both edges, every further one the
 * unit before it on its left and x on its right. Two units are the paper's cell:
 *
 * <pre>f(x) = b₂( u₃( b₁( u₁(x), u₂(x) ) ), u₄(x) )</pre>
 *
 * @param units the number of core units, 1 to 3
 */
public record CellGraph(int units) {

  /** The paper's graph: two core units, four unary edges, two binary vertices. */
  public static final CellGraph PAPER = new CellGraph(2);

  /**
   * Checks the number of units.
   *
   * @throws IllegalArgumentException if it is not 1, 2 or 3
   */
  public CellGraph {
    if (units < 1 || units > 3) {
      throw new IllegalArgumentException("a cell has 1 to 3 core units, not " + units);
    }
  }

  /** {@return the number of unary edges} */
  public int edges() {
    return 2 * units;
  }

  /** {@return the number of binary vertices} */
  public int vertices() {
    return units;
  }

  /**
   * What stands on the edges and vertices, over any kind of value: tensors to evaluate the cell,
   * expressions to print it.
   *
   * @param <T> the kind of value
   */
  public interface Operations<T> {

    /** {@return the value of an edge, 0 to edges − 1, at x} */
    T unary(int edge, T x);

    /**
     * {@return the value of a vertex, 0 to vertices − 1; an argument that is not asked for is not
     * computed}
     */
    T binary(int vertex, Supplier<T> left, Supplier<T> right);
  }

  /**
   * Carries x through the graph.
   *
   * @param x the cell's input
   * @param operations what stands on the edges and vertices
   * @param <T> the kind of value
   * @return the cell's output
   */
  public <T> T apply(T x, Operations<T> operations) {
    return vertex(units - 1, x, operations);
  }

  private <T> T vertex(int vertex, T x, Operations<T> operations) {
    int left = 2 * vertex;
    return operations.binary(
        vertex,
        () -> operations.unary(left, vertex == 0 ? x : vertex(vertex - 1, x, operations)),
        () -> operations.unary(left + 1, x));
  }
}
