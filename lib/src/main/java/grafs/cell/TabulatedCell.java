package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import grafs.op.Constant;
import grafs.op.HostFunction;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The relaxed cells of a network on a grid: all instances in one batched graph, {@code [instances,
 * points]}, of a few dozen tensor operations whatever the number of unary operations.
 *
 * <p>What a unary operation without β does is the same in every step, so it is computed once: on
 * the grid for the edges that x enters, and on a grid over the bounded values (−ℓ, ℓ) for the edges
 * inside the cell. An edge then is a product of weights and a constant matrix; inside the cell its
 * outcome is a table of its own, read at the values that arrive.
 */
final class TabulatedCell {

  /** Inside the cell, fewer operations than these are evaluated where they stand. */
  private static final int WORTH_A_TABLE = 4;

  /** Points per unit of the grid over the bounded values. */
  private static final int DENSITY = 256;

  /** With a larger bound ℓ (or none), edges inside the cell are not tabulated. */
  private static final double LARGEST_BOUND = 20;

  private final CellSpace space;
  private final RelaxedCell cell;
  private final Grid grid;
  private final Grid inner;
  private Constants constants;

  /**
   * The tables of one step: of the cell's instances, and of the edges inside it.
   *
   * @param table the instances' outputs
   * @param edges the edges inside, from the first unit to the last
   * @param weights the weights with which they were made, leaves of autograd's graph
   * @param origin the weights given, differentiable in α
   */
  record Step(Table table, List<Table> edges, CellWeights weights, CellWeights origin) {

    /** Carries gradients from the activations to the weights' origin (α) and to β. */
    void backward(GradientCollector collector) {
      table.backward(collector);
      // From the last unit to the first: each reads what the one before it computed.
      for (int e = edges.size() - 1; e >= 0; e--) {
        edges.get(e).backward(collector);
      }
      // The tables share the weights, and autograd walks back through what they come from only
      // once.
      if (weights != origin && !origin.held()) {
        NDArray unary = weights.unary().getGradient().mul(origin.unary()).sum();
        NDArray binary = weights.binary().getGradient().mul(origin.binary()).sum();
        collector.backward(unary.add(binary));
      }
    }
  }

  /**
   * The grid's points, and the bounded unary operations without β on both grids; the rows of others
   * are empty.
   */
  private record Constants(NDArray points, NDArray outer, NDArray inner) {}

  TabulatedCell(CellSpace space, Grid grid) {
    this.space = space;
    this.grid = grid;
    cell = new RelaxedCell(space);
    double limit = space.bounds().limit();
    inner =
        limit > LARGEST_BOUND ? null : new Grid(2 * (int) Math.ceil(limit * DENSITY) + 1, limit);
  }

  /**
   * Evaluates the cell on the grid.
   *
   * @param origin the mixing weights
   * @param beta the learnable scalars, {@code [instances, betas]}, or null in a space without
   * @return the tables of this step
   */
  Step evaluate(CellWeights origin, NDArray beta) {
    CellWeights weights = HostFunction.takes(origin.unary()) ? origin.leaf() : origin;
    boolean differentiable = !weights.held() || space.hasBeta(weights.candidates());
    NDArray x = constants(weights).points;
    List<Table> edges = new ArrayList<>();
    CellGraph.Operations<NDArray> mix =
        new CellGraph.Operations<>() {
          @Override
          public NDArray unary(int edge, NDArray at) {
            List<Integer> learnable = new ArrayList<>();
            List<Integer> fixed = new ArrayList<>();
            for (int o : weights.candidates().unary().get(edge)) {
              (space.operations().unary().get(o).hasBeta() ? learnable : fixed).add(o);
            }
            if (at != x && (inner == null || fixed.size() < WORTH_A_TABLE)) {
              return cell.edge(edge, at, weights, beta, weights.candidates().unary().get(edge));
            }
            NDArray sum =
                learnable.isEmpty() ? null : cell.edge(edge, at, weights, beta, learnable);
            if (fixed.isEmpty()) {
              return sum;
            }
            NDArray mixed = fixed(edge, fixed, at == x);
            if (at != x) {
              Table table = Table.of(inner, mixed, !weights.held());
              edges.add(table);
              mixed = table.readRows(at);
            }
            return sum == null ? mixed : sum.add(mixed);
          }

          /** The sum over operations without β, on the grid or on the inner one. */
          private NDArray fixed(int edge, List<Integer> operations, boolean outer) {
            NDArray all = outer ? constants(weights).outer : constants(weights).inner;
            long[] rows = operations.stream().mapToLong(Integer::longValue).toArray();
            NDArray outputs = all.get(Constant.of(all.getDevice(), rows));
            if (rows.length == weights.candidates().unary().get(edge).size() && rows.length == 1) {
              return outputs;
            }
            return RelaxedCell.pick(weights.unary(), edge, operations).matMul(outputs);
          }

          @Override
          public NDArray binary(int vertex, Supplier<NDArray> left, Supplier<NDArray> right) {
            return cell.vertex(vertex, left.get(), right.get(), weights, beta);
          }
        };
    NDArray values = space.graph().apply(x, mix);
    if (differentiable && HostFunction.takes(values)) {
      values = values.add(nothing(weights, beta));
    }
    return new Step(Table.of(grid, values, differentiable), edges, weights, origin);
  }

  /**
   * 0, with all that may be learned on the way to it: of left(a, b) the output depends on nothing
   * that is learned about b, and autograd refuses to go back from what depends on nothing.
   */
  private static NDArray nothing(CellWeights weights, NDArray beta) {
    NDArray all = weights.unary().sum().add(weights.binary().sum());
    return (beta == null ? all : all.add(beta.sum())).mul(Constant.of(all, 0));
  }

  private Constants constants(CellWeights like) {
    NDManager manager = like.unary().getManager();
    DataType type = like.unary().getDataType();
    if (constants == null
        || constants.outer.isReleased()
        || constants.outer.getDataType() != type
        || !constants.outer.getDevice().equals(manager.getDevice())) {
      constants =
          new Constants(
              points(manager, type),
              constants(grid, manager, type),
              inner == null ? null : constants(inner, manager, type));
    }
    return constants;
  }

  /** {@code [1, points]}; belongs to the manager, not to the step. */
  private NDArray points(NDManager manager, DataType type) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray points = grid.values(manager, type).duplicate();
      NDScope.unregister(points);
      return points;
    }
  }

  /** {@code [|U|, points]}; belongs to the manager, not to the step. */
  private NDArray constants(Grid on, NDManager manager, DataType type) {
    NDArray rows;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // In float64, since it is done once.
      NDArray x = on.values(manager, DataType.FLOAT64);
      NDList outputs = new NDList();
      for (Unary op : space.operations().unary()) {
        outputs.add(op.hasBeta() ? x.zerosLike() : op.function().apply(x, null));
      }
      rows = space.bounds().apply(NDArrays.concat(outputs)).toType(type, true);
      NDScope.unregister(rows);
    }
    return rows;
  }
}
