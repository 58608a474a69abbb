package grafs.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.tracker.Tracker;
import grafs.cell.ActivationCells;
import grafs.cell.CellSpace;
import grafs.cell.DiscreteActivation;
import grafs.train.Adam;
import grafs.train.Learner;
import grafs.train.Optimizer;
import grafs.train.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a search changes: the weights, α, what both optimizers remember, and the records so far.
 * Between two epochs it can be saved, and a search that goes on from what was saved does the same,
 * bit for bit, as one that was never broken off: batches and random draws are functions of the seed
 * and of the number of the epoch or step.
 */
final class SearchState implements AutoCloseable {

  final Learner learner;
  private final Relaxation relaxation;
  final ArchitectureParameters alpha;
  final Optimizer descent;
  final Optimizer adam;
  final List<Score> warmStart = new ArrayList<>();
  final List<SearchResult.Epoch> epochs = new ArrayList<>();
  SearchResult.Start start;
  private double secondsBefore;
  private NDList remembered;

  /**
   * The part of the state that is not tensors, as it is written to a checkpoint.
   *
   * @param warmStart the scores of the warm-start epochs done
   * @param start the switch to the relaxed cell, or null before it
   * @param epochs the records of the search epochs done
   * @param weightSteps the steps that the weights' optimizer has taken
   * @param alphaSteps the steps that α's optimizer has taken
   * @param seconds the time taken
   */
  record Log(
      List<Score> warmStart,
      SearchResult.Start start,
      List<SearchResult.Epoch> epochs,
      int weightSteps,
      int alphaSteps,
      double seconds) {}

  /**
   * The state before the first step.
   *
   * @param settings the numbers
   * @param space the search space
   * @param learner the network as it was initialised
   * @param weightSteps the number of steps that the weights will take
   * @param seed the seed of α
   */
  SearchState(
      SearchSettings settings, CellSpace space, Learner learner, int weightSteps, long seed) {
    this.learner = learner;
    relaxation = settings.relaxation();
    alpha = new ArchitectureParameters(space, learner.manager(), seed);
    descent = settings.weights().optimizer(learner.weights(), weightSteps);
    Tracker rate = Tracker.fixed((float) settings.alphaLearningRate());
    adam = new Adam(alpha.arrays(), rate, 0.5, 0.999, 1e-3);
  }

  /** {@return everything that is not tensors} */
  Log log(double seconds) {
    return new Log(
        warmStart, start, epochs, descent.steps(), adam.steps(), secondsBefore + seconds);
  }

  /** {@return the tensors that change, themselves and not copies, by name} */
  Map<String, NDArray> tensors() {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    learner.state().forEach((name, array) -> tensors.put("network/" + name, array));
    alpha.arrays().forEach(pair -> tensors.put("alpha/" + pair.getKey(), pair.getValue()));
    descent.state().forEach((name, array) -> tensors.put("optimizer/" + name, array));
    adam.state().forEach((name, array) -> tensors.put("adam/" + name, array));
    return tensors;
  }

  /** Goes on from a log, after the tensors have been set. */
  void restore(Log log) {
    warmStart.addAll(log.warmStart());
    start = log.start();
    epochs.addAll(log.epochs());
    secondsBefore = log.seconds();
    descent.restore(log.weightSteps(), descent.state());
    adam.restore(log.alphaSteps(), adam.state());
    if (!epochs.isEmpty()) {
      alpha.keep(epochs.get(epochs.size() - 1).candidates());
    }
  }

  /** Keeps weights and α as they are, for {@link #recall}. */
  void remember() {
    forget();
    remembered = new NDList();
    changing().forEach(array -> remembered.add(array.duplicate()));
  }

  /** Sets weights and α to what was remembered last, if anything was. */
  void recall() {
    for (int i = 0; remembered != null && i < remembered.size(); i++) {
      changing().get(i).set(new NDIndex(":"), remembered.get(i));
    }
  }

  private List<NDArray> changing() {
    List<NDArray> changing = new ArrayList<>(learner.weights().values());
    changing.addAll(alpha.arrays().values());
    return changing;
  }

  private void forget() {
    if (remembered != null) {
      remembered.close();
    }
  }

  /** {@return what the search comes to; every edge and vertex must be decided} */
  SearchResult result(ActivationCells cells, double seconds) {
    return new SearchResult(
        DiscreteActivation.of(cells.space(), alpha.candidates(), cells.meanBeta()),
        cells.space(),
        relaxation,
        List.copyOf(warmStart),
        start,
        List.copyOf(epochs),
        secondsBefore + seconds);
  }

  @Override
  public void close() {
    forget();
    adam.close();
    descent.close();
    alpha.close();
  }
}
