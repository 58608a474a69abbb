package grafs.cell;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import grafs.op.Binary;
import grafs.op.Unary;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Carries the grid's points through one relaxed cell, operation by operation, and finds the first
 * whose value or β is not finite or, where all are, the first whose gradient is not. What flows on
 * is each place's mixture, so an operation is tried at the arguments that it has in the search.
 */
final class Diagnosis implements CellGraph.Operations<NDArray> {

  private final CellSpace space;
  private final int cell;
  private final CellWeights weights;
  private final NDArray beta;
  private Culprit found;
  private Culprit foundByGradient;

  /**
   * Prepares the diagnosis of one cell.
   *
   * @param space the search space
   * @param cell the instance's index
   * @param weights its mixing weights, {@code [1, places, operations]}
   * @param beta its β, {@code [betas]}, or null in a space without
   */
  Diagnosis(CellSpace space, int cell, CellWeights weights, NDArray beta) {
    this.space = space;
    this.cell = cell;
    this.weights = weights.hold();
    this.beta = beta;
  }

  /** {@return the first operation that is not finite at the points x, {@code [1, n]}} */
  Optional<Culprit> run(NDArray x) {
    space.graph().apply(x, this);
    return Optional.ofNullable(found == null ? foundByGradient : found);
  }

  @Override
  public NDArray unary(int edge, NDArray x) {
    NDArray sum = x.zerosLike();
    for (int o : weights.candidates().unary().get(edge)) {
      Unary op = space.operations().unary().get(o);
      NDArray own = op.hasBeta() ? own(space.unaryBeta(edge, o)) : null;
      NDArray y =
          probe(
              "u" + (edge + 1),
              op.name(),
              own,
              new NDList(x),
              a -> space.bounds().apply(op.function().apply(a.head(), own)));
      sum = sum.add(y.mul(weights.unary().get(0, edge, o)));
    }
    return sum;
  }

  @Override
  public NDArray binary(int vertex, Supplier<NDArray> left, Supplier<NDArray> right) {
    NDList arguments = new NDList(left.get(), right.get());
    NDArray sum = arguments.head().zerosLike();
    for (int o : weights.candidates().binary().get(vertex)) {
      Binary op = space.operations().binary().get(o);
      NDArray own = op.hasBeta() ? own(space.binaryBeta(vertex, o)) : null;
      NDArray y =
          probe(
              "b" + (vertex + 1),
              op.name(),
              own,
              arguments,
              a -> space.bounds().apply(op.function().apply(a.get(0), a.get(1), own)));
      sum = sum.add(y.mul(weights.binary().get(0, vertex, o)));
    }
    return sum;
  }

  private NDArray own(int index) {
    return beta.get(index + ":" + (index + 1)).reshape(1, 1);
  }

  /** Evaluates an operation and its gradients, and takes note of what is not finite. */
  private NDArray probe(
      String place,
      String operation,
      NDArray own,
      NDList arguments,
      Function<NDList, NDArray> function) {
    if (found != null) {
      return arguments.head();
    }
    if (own != null && !Float.isFinite(own.toFloatArray()[0])) {
      found = new Culprit(cell, place, operation, "its β is " + own.toFloatArray()[0]);
      return arguments.head();
    }
    NDList leaves = new NDList();
    for (NDArray argument : arguments) {
      NDArray leaf = argument.stopGradient().duplicate();
      leaf.setRequiresGradient(true);
      leaves.add(leaf);
    }
    NDArray y;
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      y = function.apply(leaves);
      NDArray sum = y.sum();
      for (NDArray leaf : leaves) {
        // Not every operation looks at every argument, but autograd wants to have met it.
        sum = sum.add(leaf.mul(leaf.zerosLike()).sum());
      }
      collector.backward(sum);
    }
    found = infinite(place, operation, "its value", y, arguments);
    for (NDArray leaf : leaves) {
      if (foundByGradient == null) {
        foundByGradient = infinite(place, operation, "its gradient", leaf.getGradient(), arguments);
      }
    }
    return y.stopGradient();
  }

  /** {@return the operation with the first value that is not finite, or null if all are} */
  private Culprit infinite(
      String place, String operation, String what, NDArray values, NDList arguments) {
    float[] all = values.toFloatArray();
    for (int i = 0; i < all.length; i++) {
      if (!Float.isFinite(all[i])) {
        StringBuilder at = new StringBuilder();
        for (NDArray argument : arguments) {
          at.append(at.isEmpty() ? "" : ", ").append(argument.toFloatArray()[i]);
        }
        return new Culprit(cell, place, operation, "%s is %s at (%s)".formatted(what, all[i], at));
      }
    }
    return null;
  }
}
