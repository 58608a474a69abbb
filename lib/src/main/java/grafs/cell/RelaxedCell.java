package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import grafs.op.Binary;
import grafs.op.Bounds;
import grafs.op.Constant;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The definition of the continuously relaxed cell: every edge gives Σₒ wₒ·o(x), every vertex Σₒ
 * wₒ·o(a, b), with bounded operations o (arXiv 2408.06820, section 3.2). Differentiable in x, w and
 * β.
 */
public final class RelaxedCell {

  private final CellSpace space;

  /**
   * Creates the relaxed cell of a space.
   *
   * @param space the search space
   */
  public RelaxedCell(CellSpace space) {
    this.space = space;
  }

  /**
   * Evaluates one or several instances of the cell at once.
   *
   * @param x the inputs, {@code [instances, n]}, or {@code [1, n]} for the same inputs in every
   *     instance; beyond ±1e9 they count as ±1e9
   * @param weights the mixing weights, of the same number of instances or of 1
   * @param beta the learnable scalars, {@code [instances, betas]}, or null in a space without
   * @return the outputs, {@code [instances, n]}, or {@code [1, n]} where nothing differs between
   *     instances
   */
  public NDArray evaluate(NDArray x, CellWeights weights, NDArray beta) {
    CellGraph.Operations<NDArray> mix =
        new CellGraph.Operations<>() {
          @Override
          public NDArray unary(int edge, NDArray x) {
            return edge(edge, x, weights, beta, weights.candidates().unary().get(edge));
          }

          @Override
          public NDArray binary(int vertex, Supplier<NDArray> left, Supplier<NDArray> right) {
            return vertex(vertex, left.get(), right.get(), weights, beta);
          }
        };
    return space.graph().apply(Bounds.finite(x), mix);
  }

  /**
   * Σₒ wₒ·o(x) over some of an edge's candidates.
   *
   * @param x {@code [instances or 1, n]}
   * @param operations their indices in U, at least one
   * @return {@code [instances or 1, n]}
   */
  NDArray edge(int edge, NDArray x, CellWeights weights, NDArray beta, List<Integer> operations) {
    Mixture mixture = new Mixture(weights.unary(), edge);
    for (int o : operations) {
      Unary op = space.operations().unary().get(o);
      NDArray own = op.hasBeta() ? column(beta, space.unaryBeta(edge, o)) : null;
      mixture.add(o, op.function().apply(x, own));
    }
    boolean whole = operations.size() == weights.candidates().unary().get(edge).size();
    return mixture.sum(space.bounds(), whole);
  }

  /** Σₒ wₒ·o(a, b) over a vertex's candidates, {@code [instances or 1, n]}. */
  NDArray vertex(int vertex, NDArray a, NDArray b, CellWeights weights, NDArray beta) {
    NDArray[] pair = broadcast(a, b);
    Mixture mixture = new Mixture(weights.binary(), vertex);
    for (int o : weights.candidates().binary().get(vertex)) {
      Binary op = space.operations().binary().get(o);
      NDArray own = op.hasBeta() ? column(beta, space.binaryBeta(vertex, o)) : null;
      mixture.add(o, op.function().apply(pair[0], pair[1], own));
    }
    return mixture.sum(space.bounds(), true);
  }

  private static NDArray column(NDArray matrix, int column) {
    return matrix.get(new NDIndex().addAllDim().addSliceDim(column, column + 1));
  }

  private static NDArray[] broadcast(NDArray a, NDArray b) {
    Shape larger = a.getShape().get(0) > b.getShape().get(0) ? a.getShape() : b.getShape();
    return new NDArray[] {
      a.getShape().equals(larger) ? a : a.broadcast(larger),
      b.getShape().equals(larger) ? b : b.broadcast(larger)
    };
  }

  /** The weights of some operations of one edge or vertex, {@code [instances or 1, operations]}. */
  static NDArray pick(NDArray weights, int place, List<Integer> operations) {
    NDArray row = weights.get(new NDIndex().addAllDim().addIndices(place));
    if (operations.size() == row.getShape().get(1)) {
      return row;
    }
    long[] columns = operations.stream().mapToLong(Integer::longValue).toArray();
    return row.transpose().get(Constant.of(row.getDevice(), columns)).transpose();
  }

  /** The weighted sum over the operations of one edge or vertex. */
  private static final class Mixture {

    private final NDArray weights;
    private final int place;
    private final List<Integer> sharedOperations = new ArrayList<>();
    private final NDList sharedOutputs = new NDList();
    private final List<Integer> ownOperations = new ArrayList<>();
    private final NDList ownOutputs = new NDList();

    Mixture(NDArray weights, int place) {
      this.weights = weights;
      this.place = place;
    }

    void add(int operation, NDArray output) {
      boolean shared = output.getShape().get(0) == 1;
      (shared ? sharedOperations : ownOperations).add(operation);
      (shared ? sharedOutputs : ownOutputs).add(output);
    }

    /** The sum; where one operation is the whole mixture, its weight is 1. */
    NDArray sum(Bounds bounds, boolean whole) {
      if (whole && sharedOutputs.size() + ownOutputs.size() == 1) {
        return bounds.apply(sharedOutputs.isEmpty() ? ownOutputs.head() : sharedOutputs.head());
      }
      NDArray sum = null;
      if (!sharedOutputs.isEmpty()) {
        // What every instance evaluates alike is mixed by one matrix product.
        // DJL concatenates one array by a copy that autograd does not follow: β of a network's only
        // cell would have no gradient.
        boolean one = sharedOutputs.size() == 1;
        NDArray outputs = bounds.apply(one ? sharedOutputs.head() : NDArrays.concat(sharedOutputs));
        sum = pick(weights, place, sharedOperations).matMul(outputs);
      }
      if (!ownOutputs.isEmpty()) {
        NDArray outputs = bounds.stack(ownOutputs, 1);
        NDArray picked = pick(weights, place, ownOperations).expandDims(1);
        // Shared weights are repeated: a batched product that has to broadcast takes ten times as
        // long. [instances, 1, operations] times [instances, operations, n]
        NDArray each = picked.broadcast(outputs.getShape().get(0), 1, ownOutputs.size());
        NDArray own = each.matMul(outputs).squeeze(1);
        sum = sum == null ? own : own.add(sum);
      }
      return sum;
    }
  }
}
