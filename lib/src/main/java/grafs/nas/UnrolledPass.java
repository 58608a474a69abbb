package grafs.nas;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellWeights;
import grafs.cell.Constant;
import grafs.nas.RelaxedPasses.Pass;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.WeightOptimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * The pass of α of second order. It computes the gradient of the unrolled loss, with w′ = w − s(∇_w
 * L_train(w, α)), the step that the weights' own optimizer would take next,
 *
 * <pre>
 * ∇_α L_val(w′, α) − (∇_α L_train(w + εd, α) − ∇_α L_train(w − εd, α)) / 2ε
 * d = s′ ∘ ∇_w′ L_val(w′, α),  ε = 0.01 / ‖d‖
 * </pre>
 *
 * <p>(arXiv 2408.06820, equations 6 to 8), where s′ is the derivative of the optimizer's step by
 * the gradient: for SGD its learning rate, for Adam the derivative of its whole step.
 *
 * @param passes the passes of the network, with α and β, to whose gradient this one is added
 * @param descent the weights' optimizer
 */
record UnrolledPass(RelaxedPasses passes, WeightOptimizer descent) {

  /** The norm of the change of the weights, εd, in the finite difference. */
  private static final double MOVE = 0.01;

  private static final NDIndex ALL = new NDIndex(":");

  /**
   * Adds the gradient. Afterwards weights, optimizer state and buffers are restored from copies,
   * bit for bit.
   *
   * @param training batches for the weights
   * @param ofWeights the seeds of the step that will follow on these batches
   * @param held batches for α
   * @param ofAlpha the seeds of their passes
   * @param tally where to add the score on the batches for α
   */
  void run(
      List<Batch> training,
      IntToLongFunction ofWeights,
      List<Batch> held,
      IntToLongFunction ofAlpha,
      RunningScore tally) {
    Learner learner = passes.learner();
    Adam alpha = passes.architecture().alpha;
    Adam beta = passes.architecture().beta;
    List<NDArray> weights = learner.weights().values();
    List<NDArray> changed = new ArrayList<>(weights);
    changed.addAll(learner.buffers().values());
    changed.addAll(descent.state().values());
    int steps = descent.steps();
    try (NDScope scope = new NDScope();
        RunningScore unrolling = new RunningScore(learner.manager())) {
      scope.suppressNotUsedWarning();
      List<NDArray> before = changed.stream().map(NDArray::duplicate).toList();
      try {
        passes.run(training, ofWeights, Pass.WEIGHTS, unrolling);
        NDList direction = descent.derivatives(1);
        descent.step(1);
        passes.run(held, ofAlpha, Pass.BOTH, tally);
        double norm = direct(direction, weights);
        double[][] alphaSum = alpha.gradient;
        double[][] betaSum = beta.gradient;
        for (int sign = 1; norm > 0 && sign >= -1; sign -= 2) {
          put(before, weights);
          for (int i = 0; i < direction.size(); i++) {
            weights.get(i).addi(direction.get(i).mul(sign * MOVE / norm));
          }
          alpha.gradient = CellWeights.zeros(alpha.values);
          beta.gradient = CellWeights.zeros(beta.values);
          passes.run(training, ofWeights, Pass.ALPHA, unrolling);
          CellWeights.add(alphaSum, alpha.gradient, -(sign * norm / (2 * MOVE)));
          CellWeights.add(betaSum, beta.gradient, -(sign * norm / (2 * MOVE)));
        }
        alpha.gradient = alphaSum;
        beta.gradient = betaSum;
      } finally {
        put(before, changed);
        descent.resume(steps);
      }
    }
  }

  /**
   * Multiplies the derivative s′ of the optimizer's step by the gradient of the weights, and clears
   * that gradient; returns the norm of the product.
   */
  private static double direct(NDList direction, List<NDArray> weights) {
    double squares = 0;
    for (int i = 0; i < direction.size(); i++) {
      NDArray slope = weights.get(i).getGradient();
      NDArray product = direction.get(i).mul(slope);
      slope.set(ALL, Constant.of(slope, 0));
      direction.set(i, product);
      squares += product.square().sum().toType(DataType.FLOAT64, false).getDouble();
    }
    return Math.sqrt(squares);
  }

  /** Sets arrays to the first of the copies. */
  private static void put(List<NDArray> copies, List<NDArray> arrays) {
    for (int i = 0; i < arrays.size(); i++) {
      arrays.get(i).set(ALL, copies.get(i));
    }
  }
}
