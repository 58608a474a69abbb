package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import grafs.op.Binary;
import grafs.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The definition of the continuously relaxed cell: every edge gives Σₒ wₒ·o(x), every vertex Σₒ
 * wₒ·o(a, b) (arXiv 2408.06820, section 3.2). Differentiable in x, w and β.
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
   *     instance
   * @param weights the mixing weights, of the same number of instances or of 1
   * @param beta the learnable scalars, {@code [instances, betas]}, or null in a space without
   * @return the outputs, {@code [instances, n]}, or {@code [1, n]} where nothing differs between
   *     instances
   */
  public NDArray evaluate(NDArray x, CellWeights weights, NDArray beta) {
    return space
        .graph()
        .apply(
            x,
            new CellGraph.Operations<NDArray>() {
              @Override
              public NDArray unary(int edge, NDArray x) {
                Mixture mixture = new Mixture(weights.unary(), edge);
                for (int o : weights.candidates().unary().get(edge)) {
                  Unary op = space.operations().unary().get(o);
                  NDArray own = op.hasBeta() ? column(beta, space.unaryBeta(edge, o)) : null;
                  mixture.add(o, op.function().apply(x, own, space.bounds()));
                }
                return mixture.sum();
              }

              @Override
              public NDArray binary(int vertex, Supplier<NDArray> left, Supplier<NDArray> right) {
                NDArray[] pair = broadcast(left.get(), right.get());
                Mixture mixture = new Mixture(weights.binary(), vertex);
                for (int o : weights.candidates().binary().get(vertex)) {
                  Binary op = space.operations().binary().get(o);
                  NDArray own = op.hasBeta() ? column(beta, space.binaryBeta(vertex, o)) : null;
                  mixture.add(o, op.function().apply(pair[0], pair[1], own, space.bounds()));
                }
                return mixture.sum();
              }
            });
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

  /** The weighted sum over the operations of one edge or vertex. */
  private static final class Mixture {

    private final NDArray weights;
    private final List<Integer> sharedOperations = new ArrayList<>();
    private final NDList sharedOutputs = new NDList();
    private final List<Integer> ownOperations = new ArrayList<>();
    private final NDList ownOutputs = new NDList();

    Mixture(NDArray weights, int place) {
      // [operations, instances or 1]
      this.weights = weights.get(new NDIndex().addAllDim().addIndices(place)).transpose();
    }

    void add(int operation, NDArray output) {
      boolean shared = output.getShape().get(0) == 1;
      (shared ? sharedOperations : ownOperations).add(operation);
      (shared ? sharedOutputs : ownOutputs).add(output);
    }

    NDArray sum() {
      if (sharedOutputs.size() + ownOutputs.size() == 1) {
        return sharedOutputs.isEmpty() ? ownOutputs.head() : sharedOutputs.head();
      }
      NDArray sum = null;
      if (!sharedOutputs.isEmpty()) {
        // What every instance evaluates alike is mixed by one matrix product.
        sum = pick(sharedOperations).transpose().matMul(NDArrays.concat(sharedOutputs));
      }
      if (!ownOutputs.isEmpty()) {
        NDArray picked = pick(ownOperations).expandDims(2);
        NDArray own = NDArrays.stack(ownOutputs).mul(picked).sum(new int[] {0});
        sum = sum == null ? own : own.add(sum);
      }
      return sum;
    }

    private NDArray pick(List<Integer> operations) {
      if (operations.size() == weights.getShape().get(0)) {
        return weights;
      }
      long[] rows = operations.stream().mapToLong(Integer::longValue).toArray();
      return weights.get(weights.getManager().create(rows));
    }
  }
}
