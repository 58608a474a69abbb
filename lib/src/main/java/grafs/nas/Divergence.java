package grafs.nas;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.training.dataset.Batch;
import grafs.cell.CellSpace;
import grafs.cell.NonFiniteOperation;
import grafs.train.DatasetCheck;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Finds out why a loss, a gradient or a weight became non-finite (infinite or NaN) in a
 * gradient-based search for an activation function. {@link GradientOptimizer} puts the cause into
 * the message of its exception. In the search, each activation of the network is a cell, a small
 * graph of operations such as sin or +, which mixes candidate operations at each edge and vertex.
 * The mixing weights are drawn from α, one number for each candidate. β are the learnable scalars
 * that some operations have, as in β·x. The search space, which defines the graph and its candidate
 * operations, can have bounds, which limit the arguments or the values of operations.
 */
final class Divergence {

  private Divergence() {}

  /**
   * Finds the cause. It is the first of these that applies: a batch has a non-finite number; α is
   * not finite, or β is infinite; an operation of the cells has a non-finite value or derivative;
   * the search space has no bounds. If none applies, the weights of the network have become too
   * large.
   *
   * @param passes gives access to the network with its cells, and to α and β
   * @param batches the batches of the update with the non-finite loss or gradient; an empty list if
   *     they have been closed
   * @param seed the seed from which the cells' mixing weights were drawn for the first of these
   *     batches; they are drawn again from it
   * @return the cause and a remedy, which the caller appends to the message
   */
  static String cause(RelaxedPasses passes, List<Batch> batches, long seed) {
    SearchSettings settings = passes.settings();
    for (int b = 0; b < batches.size(); b++) {
      Optional<String> found = DatasetCheck.nonFinite(batches.get(b), i -> i);
      if (found.isPresent()) {
        return "in batch %d of this step, %s: leave this example out, or put a number there"
            .formatted(b, found.get());
      }
    }
    if (!passes.architecture().finite()) {
      return "α or β is not finite any more: try an alphaLearningRate below "
          + settings.alphaLearningRate();
    }
    CellSpace space = passes.cells().space();
    boolean unbounded = Double.isInfinite(space.bounds().limit());
    Optional<String> culprit = NonFiniteOperation.find(space, passes.mixing(seed));
    if (culprit.isPresent()) {
      return culprit.get()
          + ". Leave the operation out of the space, or keep it finite there"
          + (unbounded ? ", as the bounds of CellSpace.paper() do" : "");
    }
    if (unbounded) {
      return "the space has no bounds, and the values of its cells are too large for the layers"
          + " after them: take a space with bounds, such as CellSpace.paper()";
    }
    String diverged =
        passes.learner().weights().stream()
            .filter(weight -> !finite(List.of(weight.getValue())))
            .findFirst()
            .map(weight -> weight.getKey() + " is not finite any more")
            .orElse("they are too large for a finite loss");
    return "the weights diverged (%s): try a lower learning rate of the weights than %s, more warm-start epochs than %d, or an alphaLearningRate below %s"
        .formatted(
            diverged,
            settings.weights().learningRate(),
            settings.warmStartEpochs(),
            settings.alphaLearningRate());
  }

  /**
   * {@return whether all values are finite}
   *
   * @param arrays arrays on one device, at least one
   */
  static boolean finite(Collection<NDArray> arrays) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // x − x is 0 for finite x, otherwise NaN. A single number is read, the sum over all arrays,
      // since each read from a GPU waits until the GPU has done its queued work.
      NDList sums = new NDList();
      arrays.forEach(array -> sums.add(array.sub(array).sum()));
      return NDArrays.stack(sums).sum().getFloat() == 0;
    }
  }
}
