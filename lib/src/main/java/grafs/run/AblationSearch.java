package grafs.run;

import ai.djl.TrainingDivergedException;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.nas.BlackBoxSearch;
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
  private static final RegularizedEvolution EVOLUTION = new RegularizedEvolution(5, 3);

  /** The epochs for which a black-box search trains each function. */
  static final int PROXY_EPOCHS = 1;

  private static final CellSpace SPACE = CellSpace.paper();

  private static final Expression RELU = Expression.parse("max0(x)");

  /** The settings of a method as text; a kept trial is reused only if its settings are the same. */
  String settings(Method method) {
    return switch (method) {
      case NONE -> "no search";
      case RANDOM -> "%s for %d epochs".formatted(new RandomSearch(), budget());
      case EVOLUTION -> "%s for %d epochs".formatted(EVOLUTION, budget());
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
      found =
          switch (method) {
            case NONE -> RELU;
            case RANDOM -> tried(new RandomSearch(), seed, listener);
            case EVOLUTION -> tried(EVOLUTION, seed, listener);
            default ->
                experiment
                    .with(experiment.scale().with(method.settings(experiment.scale().search())))
                    .search(method.bounded() ? SPACE : SPACE.unbounded(), seed, listener)
                    .found();
          };
    } catch (TrainingDivergedException diverged) {
      failure = diverged.getMessage();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new AblationTrial(method, seed, settings(method), found, failure, seconds, List.of());
  }

  /** The epochs that a gradient search trains for, counting its α epochs and its weight epochs. */
  long budget() {
    return 2L * experiment.scale().search().epochs();
  }

  /** Runs a black-box search with the budget of a gradient search; returns its best function. */
  private Expression tried(
      BlackBoxSearch.Strategy strategy, long seed, Progress.Listener listener) {
    int trials = (int) (budget() / PROXY_EPOCHS);
    return experiment.search(strategy, SPACE, trials, PROXY_EPOCHS, seed, listener);
  }
}
