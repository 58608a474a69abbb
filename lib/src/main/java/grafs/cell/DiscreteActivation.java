package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.Template;
import grafs.op.Template.Expression;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;

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
   * @throws IllegalArgumentException if a list's length does not fit the graph
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
    return new ActivationBlock();
  }

  /**
   * {@return the function as plain text, such as {@code max(sin(x), x·0.71)}, with the values of β}
   */
  public String text() {
    return formula("x", op -> op.text(), op -> op.text());
  }

  /** {@return the function as LaTeX, with the values of β} */
  public String latex() {
    return formula("x", op -> op.latex(), op -> op.latex());
  }

  private String formula(
      String x,
      java.util.function.Function<Unary, Template> unaryTemplate,
      java.util.function.Function<Binary, Template> binaryTemplate) {
    CellGraph.Operations<Expression> print =
        new CellGraph.Operations<>() {
          @Override
          public Expression unary(int edge, Expression x) {
            return unaryTemplate.apply(unary.get(edge)).fill(number(beta.get(edge)), x);
          }

          @Override
          public Expression binary(
              int vertex, Supplier<Expression> left, Supplier<Expression> right) {
            Template template = binaryTemplate.apply(binary.get(vertex));
            return template.fill(
                number(beta.get(graph.edges() + vertex)),
                template.uses(1) ? left.get() : null,
                template.uses(2) ? right.get() : null);
          }
        };
    return graph.apply(Expression.variable(x), print).text();
  }

  private static String number(double beta) {
    String digits = String.format(Locale.ROOT, "%.3g", beta);
    return beta < 0 ? "(" + digits + ")" : digits;
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
  private double[] betas() {
    return beta.stream().mapToDouble(Double::doubleValue).filter(b -> !Double.isNaN(b)).toArray();
  }

  /** Evaluates at x, any shape, with the β vector given, one for each operation that has one. */
  private NDArray evaluate(NDArray x, NDArray own) {
    CellGraph.Operations<NDArray> compute =
        new CellGraph.Operations<>() {
          @Override
          public NDArray unary(int edge, NDArray x) {
            return unary.get(edge).function().apply(x, at(edge), Bounds.OVERFLOW);
          }

          @Override
          public NDArray binary(int vertex, Supplier<NDArray> left, Supplier<NDArray> right) {
            Binary op = binary.get(vertex);
            return op.function()
                .apply(
                    op.text().uses(1) ? left.get() : null,
                    op.text().uses(2) ? right.get() : null,
                    at(graph.edges() + vertex),
                    Bounds.OVERFLOW);
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

  private final class ActivationBlock extends AbstractBlock {

    private final Parameter own;

    ActivationBlock() {
      int count = (int) DoubleStream.of(betas()).count();
      own =
          count == 0
              ? null
              : addParameter(
                  Parameter.builder()
                      .setName("beta")
                      .setType(Parameter.Type.OTHER)
                      .optShape(new Shape(count))
                      .optInitializer((manager, shape, type) -> start(manager, type))
                      .build());
    }

    private NDArray start(NDManager manager, DataType type) {
      return manager.create(betas()).toType(type, false);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      NDArray beta = own == null ? null : store.getValue(own, x.getDevice(), training);
      return new NDList(evaluate(x, beta));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
