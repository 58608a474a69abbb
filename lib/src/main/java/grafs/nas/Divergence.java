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
import grafs.cell.RelaxedCell;
import grafs.data.NonFinite;
import grafs.op.Host;
import grafs.train.Learner;
import grafs.train.RunningScore;
import grafs.train.Score;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Ends a search whose loss or gradient is not finite, and says what made it so. Where looking at a
 * number is to wait for a GPU, that is when scores are read.
 */
final class Divergence {

  private final SearchSettings settings;
  private final Cells cells;
  private final Learner learner;
  private final ArchitectureParameters architecture;
  private List<Batch> batches = List.of();

  Divergence(
      SearchSettings settings, Cells cells, Learner learner, ArchitectureParameters architecture) {
    this.settings = settings;
    this.cells = cells;
    this.learner = learner;
    this.architecture = architecture;
  }

  /** Takes the batches of the pass that is looked at next; none once they are closed. */
  void pass(List<Batch> examples) {
    batches = examples;
  }

  /** Throws if the loss so far is not finite, where that can be looked at after every step. */
  void check(RunningScore tally, String where, Supplier<CellWeights> mixing) {
    if (Host.reaches(learner.manager().getDevice())) {
      check(tally.score(), where, mixing);
    }
  }

  /** Throws if the loss is infinite, or is NaN of some examples. */
  void check(Score score, String where, Supplier<CellWeights> mixing) {
    if (score.examples() > 0 && !Double.isFinite(score.loss())) {
      throw of(where, "the loss is " + score.loss(), mixing);
    }
  }

  /** Throws if the gradient of α is not finite. */
  void check(double[][] gradient, String where, Supplier<CellWeights> mixing) {
    if (!Arrays.stream(gradient).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite)) {
      throw of(where, "the gradient of α is not finite", mixing);
    }
  }

  /** Throws if a weight is not finite, which no later loss would reveal. */
  void checkWeights(String where, Supplier<CellWeights> mixing) {
    if (!finite(learner.weights().values())) {
      throw of(where, "a weight is not finite", mixing);
    }
  }

  /** {@return the exception for a search that stopped being finite} */
  TrainingDivergedException of(String where, String symptom, Supplier<CellWeights> mixing) {
    return new TrainingDivergedException(
        "the search diverged in %s: %s; %s".formatted(where, symptom, cause(mixing)));
  }

  private String cause(Supplier<CellWeights> mixing) {
    for (int b = 0; b < batches.size(); b++) {
      Optional<NonFinite> found = NonFinite.in(batches.get(b));
      if (found.isPresent()) {
        return "in batch %d of this step, %s: leave it out, or fill it in"
            .formatted(b, found.get().text(found.get().example()));
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
    CellWeights weights = mixing.get();
    RelaxedCell cell = new RelaxedCell(cells.space());
    for (int row = 0; row < weights.weights().length; row++) {
      Optional<String> culprit = cell.culprit(weights, row);
      if (culprit.isPresent()) {
        return "%s of cell %d. Leave the operation out of the space, or keep it finite there"
            .formatted(culprit.get(), row);
      }
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
      // x − x is 0 for finite x, otherwise NaN; one number comes to the host.
      NDList sums = new NDList();
      arrays.forEach(array -> sums.add(array.sub(array).sum()));
      return NDArrays.stack(sums).sum().getFloat() == 0;
    }
  }
}
