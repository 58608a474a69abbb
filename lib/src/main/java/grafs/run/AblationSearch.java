package grafs.run;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.nas.RandomSearch;
import grafs.nas.RegularizedEvolution;
import grafs.run.Ablation.Method;
import grafs.train.Progress;
import java.util.List;

/**
 * The searches that an ablation compares.
 *
 * @param experiment the network, its data and the scale
 */
record AblationSearch(Experiment experiment) {

  /** Sized for about a dozen trials, which is what {@link #budget} allows. */
  private static final RegularizedEvolution STRATEGY = new RegularizedEvolution(5, 3);

  /** The settings of a method as text; a kept trial is reused only if its settings are the same. */
  String settings(Method method) {
    return switch (method) {
      case NONE -> "no search";
      case RANDOM -> "%s for %d epochs".formatted(new RandomSearch(), budget());
      case EVOLUTION -> "%s for %d epochs".formatted(STRATEGY, budget());
      default ->
          method.settings(experiment.scale().search()) + (method.bounded() ? "" : ", unbounded");
    };
  }

  /** Runs one search. If it diverges, the trial has a failure message and no function. */
  AblationTrial search(Method method, long seed, Progress.Listener listener) {
    double start = System.nanoTime();
    Expression found = null;
    String failure = null;
    try {
      found = function(method, seed, listener);
    } catch (TrainingDivergedException diverged) {
      failure = diverged.getMessage();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new AblationTrial(method, seed, settings(method), found, failure, seconds, List.of());
  }

  private Expression function(Method method, long seed, Progress.Listener listener) {
    CellSpace space = CellSpace.paper();
    return switch (method) {
      case NONE -> Expression.parse("max0(x)");
      case RANDOM -> experiment.search(new RandomSearch(), space, budget(), 1, seed, listener);
      case EVOLUTION -> experiment.search(STRATEGY, space, budget(), 1, seed, listener);
      default ->
          experiment
              .with(experiment.scale().with(method.settings(experiment.scale().search())))
              .search(method.bounded() ? space : space.unbounded(), seed, listener)
              .found();
    };
  }

  /**
   * The number of functions that a black-box search tries, training each for one epoch: as many
   * epochs as a search by gradient and its verification take together.
   */
  int budget() {
    return (int) experiment.scale().search().passes(1);
  }
}
