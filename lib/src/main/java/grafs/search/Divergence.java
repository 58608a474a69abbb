package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.util.Pair;
import grafs.cell.ActivationCells;
import grafs.cell.CellWeights;
import grafs.cell.Culprit;
import grafs.op.Bounds;
import grafs.train.Learner;
import java.util.Optional;

/** Finds out what made a loss or gradient stop being finite, and says so. */
final class Divergence {

  private final SearchSettings settings;
  private final ActivationCells cells;
  private final Learner learner;

  Divergence(SearchSettings settings, ActivationCells cells, Learner learner) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
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
    // x − x is 0 for finite x, otherwise NaN; one number comes to the host.
    try (NDArray differences = array.sub(array);
        NDArray sum = differences.sum()) {
      return sum.getFloat() == 0;
    }
  }
}
