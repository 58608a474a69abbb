package grafs.nas;

import ai.djl.engine.Engine;
import ai.djl.training.dataset.Batch;
import grafs.cell.Cells;
import grafs.cell.Expression;
import grafs.data.BatchSource;
import grafs.train.Learner;
import grafs.train.OptimizerSettings;
import grafs.train.Progress;
import grafs.train.RunningScore;
import grafs.train.WeightOptimizer;
import java.util.List;
import java.util.Objects;

/**
 * Black-box search for an activation function, a baseline for gradient-based search. The network is
 * trained briefly with each function, from the same initial weights and on the same batches, and
 * scored on held-out examples by its accuracy, or by −loss in a regression. α's batches are not
 * used.
 */
public final class BlackBoxOptimizer implements NasOptimizer {

  private final BlackBoxSearch search;
  private final OptimizerSettings weights;
  private final Cells cells;
  private final Learner learner;
  private final Split split;
  private final BatchSource held;
  private final int epochs;

  /** The function that is being tried; null if there is nothing left to try. */
  private Expression candidate;

  private WeightOptimizer descent;
  private RunningScore tally;
  private int epoch;
  private int step;
  private boolean diverged;

  /**
   * Prepares a search.
   *
   * @param strategy which function to try next
   * @param weights the optimizer of the weights
   * @param cells the cells that the network was built with
   * @param learner the network, whose seed is that of every training
   * @param split the parts of the training set; only the part for the weights is used
   * @param held the examples that functions are scored on
   * @param epochs the epochs of each training
   * @param seed the seed of all choices
   */
  public BlackBoxOptimizer(
      BlackBoxSearch.Strategy strategy,
      OptimizerSettings weights,
      Cells cells,
      Learner learner,
      Split split,
      BatchSource held,
      int epochs,
      long seed) {
    search = new BlackBoxSearch(strategy, cells.space(), seed);
    this.weights = weights;
    this.cells = cells;
    this.learner = learner;
    this.split = split;
    this.held = held;
    this.epochs = epochs;
    tally = new RunningScore(learner.manager());
    begin();
  }

  /** Begins the next trial, if there is a function left to try. */
  private void begin() {
    candidate = search.ask().orElse(null);
    if (candidate != null) {
      learner.restart(learner.seed());
      cells.compute(candidate);
      descent = weights.optimizer(learner.weights(), epochs * split.steps());
      epoch = 1;
      diverged = false;
    }
  }

  /** Takes a step of the weights with the function that is being tried. */
  @Override
  public void step(List<Batch> training, List<Batch> alpha) {
    if (candidate == null) {
      return;
    }
    if (step++ == 0) {
      // The seed of random layers such as dropout depends on the learner's seed and the epoch only.
      Engine.getInstance().setRandomSeed(Objects.hash(learner.seed(), epoch));
    }
    training.forEach(batch -> learner.backpropagate(batch, tally));
    descent.step(training.size());
  }

  /** Ends an epoch, and after the last one the trial, whose function is scored. */
  @Override
  public void endEpoch() {
    if (candidate == null) {
      return;
    }
    diverged |= !Double.isFinite(tally.score().loss());
    tally.close();
    tally = new RunningScore(learner.manager());
    step = 0;
    if (epoch++ == epochs) {
      search.tell(
          diverged ? Double.NaN : learner.evaluate(held.epoch(learner.manager(), 0)).value());
      descent.close();
      begin();
    }
  }

  /**
   * Runs trials.
   *
   * @param trials the number of trials; fewer are run if no function is left to try
   * @param listener receives the progress of each
   * @return the best function
   */
  public Expression run(int trials, Progress.Listener listener) {
    for (int trial = 1; trial <= trials && candidate != null; trial++) {
      long steps = (long) epochs * split.steps();
      Progress.Meter meter = new Progress.Meter("trial of " + candidate.text(), steps, listener);
      for (int number = 1; number <= epochs; number++) {
        for (Split.Step batches : split.epoch(learner.manager(), number)) {
          try (batches) {
            step(batches.weights(), batches.alpha());
          }
          meter.step(tally);
        }
        endEpoch();
      }
    }
    return found();
  }

  /** {@return the best function so far; before the first is scored, the one that is being tried} */
  @Override
  public Expression found() {
    List<BlackBoxSearch.Trial> trials = search.trials();
    return trials.isEmpty() ? candidate : BlackBoxSearch.best(trials).function();
  }

  @Override
  public void close() {
    tally.close();
    descent.close();
    cells.restoreDefault();
  }
}
