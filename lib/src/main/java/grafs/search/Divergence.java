package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.util.Pair;
import grafs.cell.ActivationCells;
import grafs.cell.CellWeights;
import grafs.cell.Culprit;
import grafs.op.Bounds;
import grafs.train.Learner;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds out what made a loss or gradient stop being finite, and says so. */
final class Divergence {

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;
  private final boolean eachStep;

  /**
   * Prepares to explain.
   *
   * @param settings the numbers
   * @param cells the cells
   * @param learner the network
   * @param eachStep whether each step is looked at: otherwise α may have been the first
   */
  Divergence(SearchSettings settings, ActivationCells cells, Learner learner, boolean eachStep) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.eachStep = eachStep;
  }

  /**
   * Describes a failure of the warm start.
   *
   * @param where the epoch and step
   * @param symptom such as {@code the loss is NaN}
   * @return the exception to throw
   */
  ArithmeticException of(String where, String symptom) {
    return exception(where, symptom, weightsDiverged());
  }

  /**
   * Describes a failure of the search proper.
   *
   * @param where the epoch and step
   * @param symptom such as {@code the loss is NaN}
   * @param alpha α in the step
   * @param weights the cells' weights in the step
   * @return the exception to throw
   */
  ArithmeticException of(
      String where, String symptom, ArchitectureParameters alpha, CellWeights weights) {
    if (!finite(alpha.unary()) || !finite(alpha.binary())) {
      return exception(
          where,
          symptom,
          "α is not finite any more: try an alphaLearningRate below "
              + settings.alphaLearningRate());
    }
    Optional<Culprit> culprit = cells.culprit(weights);
    return exception(
        where,
        symptom,
        culprit.isPresent()
            ? culprit.get() + ". Leave the operation out of the space, or keep it finite there"
            : cellsDiverged());
  }

  private String cellsDiverged() {
    return cells.space().bounds().equals(Bounds.OVERFLOW)
        ? "without bounds, cells put out what is too large for the layers after them: bound the"
            + " space, as CellSpace.paper() is"
        : weightsDiverged();
  }

  private String weightsDiverged() {
    String advice =
        "try a lower learning rate of the weights than %s, or more warm-start epochs than %d"
            .formatted(settings.weights().learningRate(), settings.warmStartEpochs());
    if (!eachStep) {
      advice += ", or an alphaLearningRate below " + settings.alphaLearningRate();
    }
    for (Pair<String, NDArray> weight : learner.weights()) {
      if (!finite(weight.getValue())) {
        return "the weights diverged, " + weight.getKey() + " is not finite any more: " + advice;
      }
    }
    return "the weights diverged, to values too large for a finite loss: " + advice;
  }

  private static ArithmeticException exception(String where, String symptom, String cause) {
    return new ArithmeticException(
        "the search diverged in " + where + ": " + symptom + "; " + cause);
  }

  /** {@return whether all values are finite} */
  static boolean finite(NDArray array) {
    return finite(List.of(array));
  }

  /** {@return whether all values of some arrays on one device are finite} */
  static boolean finite(Collection<NDArray> arrays) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // x − x is 0 for finite x, otherwise NaN; one number comes to the host.
      NDList sums = new NDList();
      arrays.forEach(array -> sums.add(array.sub(array).sum()));
      return NDArrays.stack(sums).sum().getFloat() == 0;
    }
  }
}
