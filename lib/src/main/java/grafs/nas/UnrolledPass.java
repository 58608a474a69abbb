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
 * Computes the second-order gradient of α in a gradient-based search for an activation function. α
 * are the numbers that rate the operations from which the function is composed. The training set
 * has two parts: one trains α, the other the network's weights w. L_val is the loss on batches of
 * α's part, L_train that on batches of the weights' part. The weights' optimizer would next change
 * w to w′ = w − s(∇_w L_train(w, α)), where s is its step. The second-order gradient is that of
 * L_val(w′, α), where w′ depends on α. It is computed as
 *
 * <pre>
 * ∇_α L_val(w′, α) − (∇_α L_train(w + εd, α) − ∇_α L_train(w − εd, α)) / 2ε
 * d = s′ ∘ ∇_w′ L_val(w′, α),  ε = 0.01 / ‖d‖
 * </pre>
 *
 * <p>(arXiv 2408.06820, equations 6 to 8). Here ∇_α treats w and w′ as constants. s′ is the
 * derivative of the step s with respect to the gradient of the weights: for SGD the learning rate,
 * for Adam the derivative of its whole formula. ∘ is the element-wise product. The gradient of β,
 * the learnable scalars that some operations have, is computed in the same way.
 *
 * @param passes runs the network; holds α and β with their gradients, to which the second-order
 *     gradient is added
 * @param descent the weights' optimizer
 */
record UnrolledPass(RelaxedPasses passes, WeightOptimizer descent) {

  /** ‖εd‖, the norm of the change of the weights in the finite difference of the class comment. */
  private static final double MOVE = 0.01;

  private static final NDIndex ALL = new NDIndex(":");

  /**
   * Adds the second-order gradient to the gradients of α and β. At the end, the weights, the
   * optimizer's state and the buffers (the running statistics of batch normalisation) are restored
   * from copies, bit for bit.
   *
   * @param training the batches for the weights
   * @param ofWeights maps the index of a batch in {@code training} to the seed of its passes, for
   *     mixing weights and dropout. The update of the weights that follows uses the same seeds
   * @param held the batches for α
   * @param ofAlpha maps the index of a batch in {@code held} to the seed of its pass
   * @param tally the score to which the scores of the batches for α are added
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
   * Computes d = s′ ∘ ∇_w′ L_val (see the class comment), and sets the gradient of the weights to
   * 0.
   *
   * @param direction s′ for each weight; replaced by d
   * @param weights the weights, with their gradients ∇_w′ L_val
   * @return ‖d‖
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

  /** Overwrites each array with the copy of the same index. */
  private static void put(List<NDArray> copies, List<NDArray> arrays) {
    for (int i = 0; i < arrays.size(); i++) {
      arrays.get(i).set(ALL, copies.get(i));
    }
  }
}
