package grafs.cell;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import grafs.op.Binary;
import grafs.op.Unary;

/** Evaluates a tree, and remembers where all values on the way stayed below a limit. */
final class Evaluation implements Expression.Fold<NDArray> {

  private final NDArray x;
  private final double limit;
  private NDArray within;

  Evaluation(NDArray x, double limit) {
    this.x = x;
    this.limit = limit;
    within = x.abs().lt(limit);
  }

  /** {@return for each point, whether all values were below the limit} */
  boolean[] within() {
    return within.toBooleanArray();
  }

  @Override
  public NDArray input() {
    return x;
  }

  @Override
  public NDArray unary(Unary op, double beta, NDArray a) {
    return checked(op.function().apply(a, array(beta)));
  }

  @Override
  public NDArray binary(Binary op, double beta, NDArray a, NDArray b) {
    return checked(op.function().apply(a, b, array(beta)));
  }

  private NDArray checked(NDArray y) {
    within = within.logicalAnd(y.abs().lt(limit));
    return y;
  }

  private NDArray array(double beta) {
    NDManager manager = x.getManager();
    return Double.isNaN(beta) ? null : manager.create(beta).toType(x.getDataType(), false);
  }
}
