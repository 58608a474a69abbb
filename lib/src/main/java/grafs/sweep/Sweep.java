package grafs.sweep;

import grafs.run.RunStore;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * A list of trials. A {@link Trial} is one search for an activation function, or one training of a
 * network with an activation, and has one seed. Trainings that differ only in their seed are one
 * row of a results table. The trials are started in this order:
 *
 * <ol>
 *   <li>searches, if no trial of the list trains with the function that they find: a search takes
 *       longer than a training, and a search started last would run alone while other processors
 *       idle;
 *   <li>the other trials in rounds: the first seed of every row, then the second seed of every row,
 *       and so on. Without its first seed a row is missing, and further seeds only make its mean
 *       more precise;
 *   <li>within each round: baselines (known activations, with which found functions are compared),
 *       then trainings with found functions, then searches; a training with a found function is
 *       passed over until its search is complete;
 *   <li>among trials of the same kind in a round, small networks before large ones, which take
 *       longer.
 * </ol>
 *
 * <p>So the table is as complete as possible whenever the sweep is stopped.
 *
 * @param name the sweep's name in messages
 * @param trials the trials; the constructor sorts them into the order above
 * @param retries the number of further attempts for a trial that fails
 */
public record Sweep(String name, List<Trial> trials, int retries) {

  /**
   * Checks the trials and sorts them.
   *
   * @throws IllegalArgumentException if a trial is listed twice, if a trial trains with the
   *     function of a search that is not listed, or if {@code retries} is negative
   */
  public Sweep {
    if (retries < 0) {
      throw new IllegalArgumentException("a trial cannot be retried " + retries + " times");
    }
    Set<Trial> listed = new HashSet<>();
    for (Trial trial : trials) {
      if (!listed.add(trial)) {
        throw new IllegalArgumentException("the sweep has this trial twice: " + trial.title());
      }
    }
    Set<Trial> needed = new HashSet<>();
    for (Trial trial : trials) {
      if (trial.work() instanceof Trial.Found found) {
        needed.add(found.search());
        if (!listed.contains(found.search())) {
          throw new IllegalArgumentException(
              "%s needs a trial that the sweep does not have: %s"
                  .formatted(trial.title(), found.search().title()));
        }
      }
    }
    Map<Trial, Integer> rounds = rounds(trials);
    trials =
        trials.stream()
            .sorted(
                Comparator.<Trial, Boolean>comparing(
                        trial -> !(trial.work() instanceof Trial.Search) || needed.contains(trial))
                    .thenComparing(rounds::get)
                    .thenComparing(Sweep::kind)
                    .thenComparing(trial -> trial.experiment().model()))
            .toList();
  }

  /**
   * Returns the round in which each trial is started. Of the trials that differ only in their seed,
   * the first one in the list is in round 1, the second one in round 2, and so on. Every search is
   * in round 1.
   */
  private static Map<Trial, Integer> rounds(List<Trial> trials) {
    Map<List<Object>, Integer> seen = new HashMap<>();
    Map<Trial, Integer> rounds = new HashMap<>();
    for (Trial trial : trials) {
      // Searches with different seeds are different rows, since each found function is a row.
      List<Object> row =
          List.of(
              trial.experiment(),
              trial.work(),
              trial.work() instanceof Trial.Search ? trial.seed() : "");
      rounds.put(trial, seen.merge(row, 1, Integer::sum));
    }
    return rounds;
  }

  private static int kind(Trial trial) {
    return trial.work() instanceof Trial.Search ? 2 : trial.work() instanceof Trial.Found ? 1 : 0;
  }

  /**
   * Runs the trials. A trial that is complete in the store is loaded, an interrupted trial is
   * resumed. If a trial fails, the other trials still run, except the trainings with the function
   * of a failed search.
   *
   * @param store keeps the checkpoints and results of trials
   * @param runner executes the trials; this method does not close it
   * @param listener receives a report about once a second, on the calling thread
   * @return the last report
   * @throws CancellationException if the calling thread was interrupted; calling this method again
   *     resumes the sweep
   */
  public Report run(RunStore store, Runner runner, Consumer<Report> listener) {
    return new SweepScheduler(this, store, runner).run(listener);
  }
}
