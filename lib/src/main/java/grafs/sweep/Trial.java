package grafs.sweep;

import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.model.Activations;
import grafs.run.Experiment;
import grafs.run.KeptSearch;
import grafs.run.RunConfig;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.TaskSource;

/**
 * One run of a sweep: an experiment, what is done in it, and a seed.
 *
 * @param experiment the network, what it learns and the scale
 * @param source where another process finds the data
 * @param work what is done
 * @param seed the seed
 */
public record Trial(Experiment experiment, TaskSource source, Work work, long seed) {

  /** What a trial does. */
  public sealed interface Work {
    /** {@return what tables call it} */
    String title();
  }

  /**
   * Searches an activation function.
   *
   * @param space the search space
   */
  public record Search(CellSpace space) implements Work {
    @Override
    public String title() {
      return "search";
    }
  }

  /**
   * Trains with a known activation.
   *
   * @param name one of {@link Activations#names}
   */
  public record Baseline(String name) implements Work {
    @Override
    public String title() {
      return Activations.title(name);
    }
  }

  /**
   * Trains with the function that another trial finds, and so waits for that one. It is called
   * {@code found 3} if the search's seed is 3, as in the notebooks.
   *
   * @param search a trial that searches
   */
  public record Found(Trial search) implements Work {

    /**
     * Checks the trial.
     *
     * @throws IllegalArgumentException if it does not search
     */
    public Found {
      if (!(search.work() instanceof Search)) {
        throw new IllegalArgumentException(search.title() + " finds no function: it is no search");
      }
    }

    @Override
    public String title() {
      return "found " + search.seed();
    }
  }

  /**
   * Trains with a given function.
   *
   * @param title what to call it in tables and plots
   * @param function the function, of the kit's own operations
   */
  public record Given(String title, Expression function) implements Work {}

  /** {@return what it is called in messages, such as {@code ReLU, seed 2, ResNet-20 on cifar10}} */
  public String title() {
    return "%s, seed %d, %s on %s"
        .formatted(work.title(), seed, experiment.model(), experiment.task().name());
  }

  /**
   * Makes the request for a runner.
   *
   * @param store the store that holds the search of this trial's function
   * @return the request
   * @throws IllegalStateException if that search is not complete
   */
  RunRequest order(RunStore store) {
    if (work instanceof Search search) {
      return RunRequest.search(experiment, source, search.space(), seed);
    }
    if (work instanceof Baseline baseline) {
      return RunRequest.training(experiment, source, baseline.name(), seed);
    }
    if (work instanceof Given given) {
      return RunRequest.training(experiment, source, given.title(), given.function(), seed);
    }
    Trial search = ((Found) work).search();
    RunConfig config = search.order(store).config();
    KeptSearch kept =
        store
            .search(config)
            .orElseThrow(() -> new IllegalStateException(search.title() + " is not complete"));
    return RunRequest.training(experiment, source, work.title(), kept.result().found(), seed);
  }
}
