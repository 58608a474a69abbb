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

  /** Sized for the dozen trials that the steps of a search pay for. */
  private static final RegularizedEvolution EVOLUTION = new RegularizedEvolution(5, 3);

  /** For how many epochs a search by trial trains each function. */
  static final int PROXY_EPOCHS = 1;

  private static final CellSpace SPACE = CellSpace.paper();

  private static final Expression RELU = Expression.parse("max0(x)");

  /** All that is particular to a method, for a kept trial to be held against. */
  String settings(Method method) {
    return switch (method) {
      case NONE -> "no search";
      case RANDOM -> "%s for %d epochs".formatted(new RandomSearch(), budget());
      case EVOLUTION -> "%s for %d epochs".formatted(EVOLUTION, budget());
      default ->
          method.settings(experiment.scale().search()) + (method.bounded() ? "" : ", unbounded");
    };
  }

  /** Searches, and notes a divergence. */
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

  /** The epochs of a search by gradient, where a step is one of α and one of the weights. */
  long budget() {
    return 2L * experiment.scale().search().epochs();
  }

  /** The best of as many functions as can be tried in the steps of a search by gradient. */
  private Expression tried(
      BlackBoxSearch.Strategy strategy, long seed, Progress.Listener listener) {
    int trials = (int) (budget() / PROXY_EPOCHS);
    return experiment.search(strategy, SPACE, trials, PROXY_EPOCHS, seed, listener);
  }
}
