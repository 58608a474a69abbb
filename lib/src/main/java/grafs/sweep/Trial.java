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
 * One run of a {@link Sweep}: a search for an activation function, or the training of a network
 * with an activation.
 *
 * @param experiment the network, the data that it learns, and the scale (the numbers of examples
 *     and epochs, and the optimizers)
 * @param source where another process or machine loads the same data from
 * @param work whether the trial searches, or with which activation it trains
 * @param seed the seed of all random numbers, such as the initial weights and the order of examples
 */
public record Trial(Experiment experiment, TaskSource source, Work work, long seed) {

  /** What a trial does: it searches, or it trains with a given or a found activation. */
  public sealed interface Work {
    /**
     * {@return the name in tables, such as {@code search}, {@code ReLU} or {@code found 3}, where 3
     * is the seed of the search}
     */
    String title();
  }

  /**
   * Searches for an activation function for the network.
   *
   * @param space the search space: the functions that the search can find
   */
  public record Search(CellSpace space) implements Work {
    @Override
    public String title() {
      return "search";
    }
  }

  /**
   * Trains the network with an activation that is given in advance.
   *
   * @param title the activation's name in tables and plots
   * @param activation one of {@link Activations#names}, or a formula of this library's operations
   *     as {@link grafs.cell.Expression#parse} reads it
   */
  public record Given(String title, String activation) implements Work {

    /**
     * Creates the training with a known activation.
     *
     * @param name one of {@link Activations#names}
     * @return the training; its title is {@link Activations#title}
     * @throws IllegalArgumentException if there is no activation of that name
     */
    public static Given known(String name) {
      return new Given(Activations.title(name), name);
    }
  }

  /**
   * Trains the network with the function that a search of the same sweep finds. The training starts
   * when the search is complete. The title is {@code found 3} if the search's seed is 3, as in the
   * notebooks.
   *
   * @param search the trial that searches for the function
   */
  public record Found(Trial search) implements Work {

    /**
     * Checks that the trial is a search.
     *
     * @throws IllegalArgumentException if it is a training
     */
    public Found {
      if (!(search.work() instanceof Search)) {
        throw new IllegalArgumentException(
            search.title() + " is a training; only a search finds a function");
      }
    }

    @Override
    public String title() {
      return "found " + search.seed();
    }

    private String function(RunStore store) {
      return store
          .search(search.request(store).config())
          .orElseThrow(() -> new IllegalStateException(search.title() + " is not complete"))
          .result()
          .found()
          .toString();
    }
  }

  /** {@return the name in messages, such as {@code ReLU, seed 2, ResNet-20 on cifar10}} */
  public String title() {
    return "%s, seed %d, %s on %s"
        .formatted(work.title(), seed, experiment.model(), experiment.task().name());
  }

  /**
   * Creates the request that a {@link Runner} executes: a description of the trial that can be sent
   * to another process.
   *
   * @param store the store from which a training with a found function ({@link Found}) reads that
   *     function
   * @return the request
   * @throws IllegalStateException if the search for that function is not complete in the store
   */
  RunRequest request(RunStore store) {
    if (work instanceof Search search) {
      return RunRequest.search(experiment, source, search.space(), seed);
    }
    String activation =
        work instanceof Given given ? given.activation : ((Found) work).function(store);
    return RunRequest.training(experiment, source, work.title(), activation, seed);
  }

  /** Lists trials that differ only in their seed: 1, 2, … up to {@code seeds}. */
  static List<Trial> seeds(Experiment experiment, TaskSource source, Work work, int seeds) {
    return LongStream.rangeClosed(1, seeds)
        .mapToObj(seed -> new Trial(experiment, source, work, seed))
        .toList();
  }
}
