package grafs.nas;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellWeights;
import grafs.cell.Constant;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.WeightOptimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * @param learner the network
 * @param descent the weights' optimizer
 * @param gradient the gradient of α and β, to which this one is added
 */
record UnrolledPass(Learner learner, WeightOptimizer descent, ArchitectureGradient gradient) {

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
    try (NDScope scope = new NDScope();
        RunningScore unrolling = new RunningScore(learner.manager())) {
      scope.suppressNotUsedWarning();
      List<NDArray> weights = learner.weights().values();
      NDList before = copies(weights);
      NDList statistics = copies(learner.buffers().values());
      int steps = descent.steps();
      Map<String, NDArray> state = new LinkedHashMap<>();
      descent.state().forEach((name, array) -> state.put(name, array.duplicate()));
      try {
        gradient.run(training, ofWeights, true, false, unrolling);
        NDList direction = descent.derivatives(1);
        descent.step(1);
        gradient.run(held, ofAlpha, true, true, tally);
        double norm = direct(direction, weights);
        double[][] alpha = gradient.alpha;
        double[][] beta = gradient.beta;
        for (int sign = 1; norm > 0 && sign >= -1; sign -= 2) {
          put(before, weights);
          for (int i = 0; i < direction.size(); i++) {
            weights.get(i).addi(direction.get(i).mul(sign * MOVE / norm));
          }
          gradient.clear();
          gradient.run(training, ofWeights, false, true, unrolling);
          CellWeights.add(alpha, gradient.alpha, -(sign * norm / (2 * MOVE)));
          CellWeights.add(beta, gradient.beta, -(sign * norm / (2 * MOVE)));
        }
        gradient.alpha = alpha;
        gradient.beta = beta;
      } finally {
        put(before, weights);
        put(statistics, learner.buffers().values());
        descent.restore(steps, state);
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

  private static NDList copies(List<NDArray> arrays) {
    NDList copies = new NDList();
    arrays.forEach(array -> copies.add(array.duplicate()));
    return copies;
  }

  private static void put(NDList copies, List<NDArray> arrays) {
    for (int i = 0; i < copies.size(); i++) {
      arrays.get(i).set(ALL, copies.get(i));
    }
  }
}
