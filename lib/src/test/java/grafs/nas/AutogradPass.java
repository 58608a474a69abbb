package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import grafs.cell.CellSpace;
import grafs.cell.ExactCell;
import grafs.train.Learner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The gradients of one forward and backward pass, computed by DJL's autograd alone. {@link
 * GradientOptimizerTest} compares the gradients in a search step with them. Each activation of the
 * network is a relaxed cell, a small graph of operations such as sin or +. A place is an edge or
 * vertex of the graph, where several candidate operations are mixed with weights.
 *
 * @param weights the gradients of the network's weights
 * @param mixing the gradients of the mixing weights of each cell, {@code [cell][place][operation]}
 * @param beta the gradients of β, the learnable scalars that some operations have, {@code
 *     [place][operation]}
 */
record AutogradPass(List<float[]> weights, double[][][] mixing, double[][] beta) {

  /**
   * Computes the gradients of a pass. The cells are computed by tensor operations ({@link
   * ExactCell}), which autograd differentiates.
   *
   * @param network makes the network, with blocks of a supplier as its activations
   * @param batch the batch
   * @param space the search space, which defines the places and their candidate operations
   * @param draw the mixing weights
   * @param β β, {@code [place][operation]}
   * @return the gradients
   */
  static AutogradPass of(
      Function<Supplier<Block>, Learner> network,
      Batch batch,
      CellSpace space,
      Relaxation.Draw draw,
      double[][] β) {
    List<List<NDArray>> mixing = new ArrayList<>();
    List<NDArray> shared = new ArrayList<>();
    int[] made = {0};
    // A tensor of value 0 that is computed from all mixing weights and β. It is added to the loss,
    // since autograd computes no gradient for a tensor on which the loss does not depend.
    NDArray[] nothing = new NDArray[1];
    Supplier<Block> activation =
        () -> {
          int cell = made[0]++;
          return LambdaBlock.singleton(
              x -> {
                if (mixing.isEmpty()) {
                  return x; // Mixing weights do not exist yet: DJL infers shapes.
                }
                nothing[0] = ExactCell.nothing(x, mixing.get(cell), shared).add(nothing[0]);
                return ExactCell.graph(space, x, mixing.get(cell), shared, draw.candidates());
              });
        };
    try (Learner learner = network.apply(activation);
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDManager manager = learner.manager();
      for (double[] own : β) {
        double[] finite = Arrays.stream(own).map(b -> Double.isNaN(b) ? 0 : b).toArray();
        shared.add(leaf(manager, finite));
      }
      for (double[][] row : draw.weights()) {
        List<NDArray> own = new ArrayList<>();
        for (double[] w : row) {
          own.add(leaf(manager, w));
        }
        mixing.add(own);
      }
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        nothing[0] = manager.create(0f);
        NDArray scores =
            learner
                .block()
                .forward(new ParameterStore(manager, false), batch.getData(), true)
                .head();
        NDArray loss =
            Loss.softmaxCrossEntropyLoss().evaluate(batch.getLabels(), new NDList(scores));
        collector.backward(loss.add(nothing[0]));
      }
      return new AutogradPass(
          learner.weights().values().stream().map(w -> w.getGradient().toFloatArray()).toList(),
          mixing.stream()
              .map(row -> row.stream().map(AutogradPass::gradient).toArray(double[][]::new))
              .toArray(double[][][]::new),
          shared.stream().map(AutogradPass::gradient).toArray(double[][]::new));
    }
  }

  /** Returns a float32 tensor of which autograd computes the gradient. */
  private static NDArray leaf(NDManager manager, double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    NDArray leaf = manager.create(floats);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private static double[] gradient(NDArray leaf) {
    float[] floats = leaf.getGradient().toFloatArray();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }
}
