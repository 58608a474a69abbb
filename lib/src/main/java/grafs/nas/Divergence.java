package grafs.nas;

import ai.djl.TrainingDivergedException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.training.dataset.Batch;
import ai.djl.util.Pair;
import grafs.cell.CellWeights;
import grafs.cell.Cells;
import grafs.cell.Host;
import grafs.cell.NonFiniteOperation;
import grafs.data.DatasetCheck;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.Score;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Stops a search whose loss or gradient is not finite, with a diagnosis of the cause. On a GPU,
 * where reading the loss blocks until all queued work is done, the loss is checked only when scores
 * are read anyway.
 *
 * @param settings of the search
 * @param cells of the network
 * @param learner the network
 * @param architecture α and β
 * @param where the part of the search that is checked, such as {@code epoch 1, step 2 of 10, α's
 *     turn}
 * @param batches the batches of the pass; none if they are closed
 * @param mixing the mixing weights of the pass
 */
record Divergence(
    SearchSettings settings,
    Cells cells,
    Learner learner,
    ArchitectureParameters architecture,
    String where,
    List<Batch> batches,
    Supplier<CellWeights> mixing) {

  /**
   * Throws if the loss so far is not finite; not checked on a GPU, where reading it would block.
   */
  void check(RunningScore tally) {
    if (Host.reaches(learner.manager().getDevice())) {
      check(tally.score());
    }
  }

  /** Throws if the loss is not finite, unless no example has been scored. */
  void check(Score score) {
    check(score.examples() == 0 || Double.isFinite(score.loss()), "the loss is " + score.loss());
  }

  /** Throws if the gradient of α is not finite. */
  void check(double[][] gradient) {
    check(
        Arrays.stream(gradient).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite),
        "the gradient of α is not finite");
  }

  /** Throws if a weight is not finite, which no later loss would reveal. */
  void checkWeights() {
    check(finite(learner.weights().values()), "a weight is not finite");
  }

  /** Throws, with the cause, if something is not finite. */
  void check(boolean finite, String symptom) {
    if (!finite) {
      throw new TrainingDivergedException(
          "the search diverged in %s: %s; %s".formatted(where, symptom, cause()));
    }
  }

  private String cause() {
    for (int b = 0; b < batches.size(); b++) {
      Optional<String> found = DatasetCheck.nonFinite(batches.get(b), 0);
      if (found.isPresent()) {
        return "in batch %d of this step, %s: leave it out, or fill it in"
            .formatted(b, found.get());
      }
    }
    if (!architecture.finite()) {
      return "α is not finite any more: try an alphaLearningRate below "
          + settings.alphaLearningRate();
    }
    if (Double.isInfinite(cells.space().bounds().limit())) {
      return "without bounds, cells put out what is too large for the layers after them: bound the"
          + " space, as CellSpace.paper() is";
    }
    Optional<String> culprit = NonFiniteOperation.find(cells.space(), mixing.get());
    if (culprit.isPresent()) {
      return culprit.get() + ". Leave the operation out of the space, or keep it finite there";
    }
    String advice =
        "try a lower learning rate of the weights than %s, more warm-start epochs than %d, or an"
            .formatted(settings.weights().learningRate(), settings.warmStartEpochs());
    advice += " alphaLearningRate below " + settings.alphaLearningRate();
    for (Pair<String, NDArray> weight : learner.weights()) {
      if (!finite(List.of(weight.getValue()))) {
        return "the weights diverged, %s is not finite any more: %s"
            .formatted(weight.getKey(), advice);
      }
    }
    return "the weights diverged, to values too large for a finite loss: " + advice;
  }

  /** {@return whether all values of some arrays on one device are finite} */
  static boolean finite(Collection<NDArray> arrays) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // x − x is 0 for finite x, otherwise NaN. Only one number is read from the device.
      NDList sums = new NDList();
      arrays.forEach(array -> sums.add(array.sub(array).sum()));
      return NDArrays.stack(sums).sum().getFloat() == 0;
    }
  }
}
