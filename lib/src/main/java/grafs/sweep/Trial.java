package grafs.sweep;

import grafs.cell.CellSpace;
import grafs.model.Activations;
import grafs.run.Experiment;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.TaskSource;
import java.util.List;
import java.util.stream.LongStream;

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
   * Trains with an activation.
   *
   * @param title what to call it in tables and plots
   * @param activation one of {@link Activations#names}, or a function of the kit's own operations
   *     as {@link grafs.cell.Expression#parse} reads it
   */
  public record Given(String title, String activation) implements Work {

    /**
     * Trains with a known activation.
     *
     * @param name one of {@link Activations#names}
     * @return the work, with the activation's title
     */
    public static Given known(String name) {
      return new Given(Activations.title(name), name);
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

    private String function(RunStore store) {
      return store
          .search(search.order(store).config())
          .orElseThrow(() -> new IllegalStateException(search.title() + " is not complete"))
          .result()
          .found()
          .toString();
    }
  }

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
    String activation =
        work instanceof Given given ? given.activation : ((Found) work).function(store);
    return RunRequest.training(experiment, source, work.title(), activation, seed);
  }

  /** Lists trials of one work with the seeds from 1. */
  static List<Trial> seeds(Experiment experiment, TaskSource source, Work work, int seeds) {
    return LongStream.rangeClosed(1, seeds)
        .mapToObj(seed -> new Trial(experiment, source, work, seed))
        .toList();
  }
}
