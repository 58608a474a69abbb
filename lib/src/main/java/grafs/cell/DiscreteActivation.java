package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.OperationSet;
import grafs.op.Unary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An activation function of the search space with one operation on every edge and vertex: what a
 * search finds. It is not bounded; only overflow of float32 is prevented ({@link Bounds#OVERFLOW}).
 *
 * @param graph the wiring
 * @param unary the operation of each edge
 * @param binary the operation of each vertex
 * @param beta the value of β on each edge, then on each vertex; NaN where the operation has none
 */
public record DiscreteActivation(
    CellGraph graph, List<Unary> unary, List<Binary> binary, List<Double> beta)
    implements Supplier<Block> {

  /**
   * Copies the lists and checks them against the graph.
   *
   * @throws IllegalArgumentException if a list's length does not fit the graph, a β is missing or
   *     not finite, or an operation without β has one
   */
  public DiscreteActivation {
    unary = List.copyOf(unary);
    binary = List.copyOf(binary);
    beta = List.copyOf(beta);
    if (unary.size() != graph.edges()
        || binary.size() != graph.vertices()
        || beta.size() != graph.edges() + graph.vertices()) {
      throw new IllegalArgumentException(
          "a cell of %d units has %d edges, %d vertices and a β for each, not %d, %d and %d"
              .formatted(
                  graph.units(),
                  graph.edges(),
                  graph.vertices(),
                  unary.size(),
                  binary.size(),
                  beta.size()));
    }
    for (int i = 0; i < beta.size(); i++) {
      boolean edge = i < unary.size();
      boolean has = edge ? unary.get(i).hasBeta() : binary.get(i - unary.size()).hasBeta();
      if (has ? !Double.isFinite(beta.get(i)) : !beta.get(i).isNaN()) {
        String place =
            edge
                ? unary.get(i) + " on edge " + i
                : binary.get(i - unary.size()) + " on vertex " + (i - unary.size());
        throw new IllegalArgumentException(
            "the operation "
                + place
                + (has ? " needs a finite β" : " has no β")
                + ", but its β is "
                + (beta.get(i).isNaN() ? "missing" : beta.get(i)));
      }
    }
  }

  /**
   * Takes the one candidate left on every edge and vertex.
   *
   * @param space the search space
   * @param candidates decided candidates
   * @param cellBeta a cell's β vector, of length {@link CellSpace#betas()}
   * @return the discrete function
   */
  public static DiscreteActivation of(CellSpace space, Candidates candidates, float[] cellBeta) {
    if (!candidates.decided()) {
      throw new IllegalArgumentException("more than one operation is left: " + candidates);
    }
    List<Unary> unary = new ArrayList<>();
    List<Binary> binary = new ArrayList<>();
    List<Double> beta = new ArrayList<>();
    for (int e = 0; e < space.graph().edges(); e++) {
      int o = candidates.unary().get(e).get(0);
      unary.add(space.operations().unary().get(o));
      beta.add(unary.get(e).hasBeta() ? cellBeta[space.unaryBeta(e, o)] : Double.NaN);
    }
    for (int v = 0; v < space.graph().vertices(); v++) {
      int o = candidates.binary().get(v).get(0);
      binary.add(space.operations().binary().get(o));
      beta.add(binary.get(v).hasBeta() ? cellBeta[space.binaryBeta(v, o)] : Double.NaN);
    }
    return new DiscreteActivation(space.graph(), unary, binary, beta);
  }

  /**
   * {@return a new block that computes the function; its β are learnable and start at the values
   * here}
   */
  @Override
  public Block get() {
    return new ActivationBlock(this, true);
  }

  /** {@return a factory of blocks that compute the function with its β as they are here} */
  public Supplier<Block> fixed() {
    return () -> new ActivationBlock(this, false);
  }

  /**
   * Evaluates the function by interpolation: at the cost of a few passes over memory, however many
   * operations it has. Values and slopes are those of a table, as in a search.
   *
   * @param grid where it is tabulated; beyond its radius the function continues linearly
   * @return a factory of blocks that read the function, with its β as they are here, from a table
   */
  public Supplier<Block> tabulated(Grid grid) {
    double[] values = values(grid.values());
    return () -> new TabulatedBlock(grid, values);
  }

  /** {@return the function as a tree, operation by operation as it stands in the graph} */
  public Expression expression() {
    CellGraph.Operations<Expression> build =
        new CellGraph.Operations<>() {
          @Override
          public Expression unary(int edge, Expression x) {
            return new Expression.Apply1(unary.get(edge), beta.get(edge), x);
          }

          @Override
          public Expression binary(
              int vertex, Supplier<Expression> left, Supplier<Expression> right) {
            double own = beta.get(graph.edges() + vertex);
            return new Expression.Apply2(binary.get(vertex), own, left.get(), right.get());
          }
        };
    return graph.apply(new Expression.Input(), build);
  }

  /** {@return an equal function as a tree, with identities applied where they hold} */
  public Expression simplified() {
    return expression().simplified();
  }

  /**
   * Compares functions up to identities and the order of arguments: max(a, b) is max(b, a).
   *
   * @param other another function
   * @return whether both have the same formula with the same β; if not, they may still be equal in
   *     value
   */
  public boolean sameAs(DiscreteActivation other) {
    return expression().canonical().equals(other.expression().canonical());
  }

  /**
   * Recognises a known activation function, which a search can come back to in disguise:
   * min(|relu(x) + lrelu(x)|, relu(x)) is ReLU.
   *
   * @return the name of the known activation, such as {@code ReLU} or {@code SiLU}, that this
   *     function equals in value, with β as they are here: within 1e-5 (relative where |y| &gt; 1)
   *     on 4001 points of [−10, 10] and some up to ±100; {@code constant} if it does not depend on
   *     x
   */
  public Optional<String> known() {
    return KnownActivation.nameOf(this);
  }

  /** {@return the simplified function as plain text, such as {@code max(sin(x), 0.710·x)}} */
  public String text() {
    return simplified().text();
  }

  /** {@return the simplified function as LaTeX, with the values of β} */
  public String latex() {
    return simplified().latex();
  }

  /**
   * Writes the function as JSON, for {@link #read}. A reader sees the old file or the whole new
   * one.
   *
   * @param file such as {@code activation.json}; its folder is made, the file replaced if it exists
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    new ActivationFile(file).write(this);
  }

  /**
   * Reads a function of the paper's operations.
   *
   * @param file what {@link #write} wrote
   * @return the function, equal to the written one
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if there is something wrong in it; the message says what
   */
  public static DiscreteActivation read(Path file) {
    return read(file, OperationSet.paper());
  }

  /**
   * Reads a function of any operations; otherwise as {@link #read(Path)}.
   *
   * @param file what {@link #write} wrote
   * @param operations where to look operations up
   * @return the function, equal to the written one
   */
  public static DiscreteActivation read(Path file, OperationSet operations) {
    return new ActivationFile(file).read(operations);
  }

  /**
   * Evaluates the function at the values of β here.
   *
   * @param x the points
   * @return the values at these points, computed in float64
   */
  public double[] values(double... x) {
    try (NDManager manager = NDManager.newBaseManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double[] own = betas();
      NDArray beta = own.length == 0 ? null : manager.create(own);
      return evaluate(manager.create(x), beta).toDoubleArray();
    }
  }

  /** The values of β of those operations that have one. */
  double[] betas() {
    return beta.stream().mapToDouble(Double::doubleValue).filter(b -> !Double.isNaN(b)).toArray();
  }

  /** Evaluates at x, any shape, with the β vector given, one for each operation that has one. */
  NDArray evaluate(NDArray x, NDArray own) {
    CellGraph.Operations<NDArray> compute =
        new CellGraph.Operations<>() {
          @Override
          public NDArray unary(int edge, NDArray x) {
            return unary.get(edge).function().apply(x, at(edge));
          }

          @Override
          public NDArray binary(int vertex, Supplier<NDArray> left, Supplier<NDArray> right) {
            Binary op = binary.get(vertex);
            return op.function()
                .apply(
                    op.text().uses(1) ? left.get() : null,
                    op.text().uses(2) ? right.get() : null,
                    at(graph.edges() + vertex));
          }

          private NDArray at(int place) {
            if (beta.get(place).isNaN()) {
              return null;
            }
            return own.get(beta.subList(0, place).stream().filter(b -> !b.isNaN()).count());
          }
        };
    return graph.apply(x, compute);
  }

  @Override
  public String toString() {
    return text();
  }
}
