package grafs.sweep;

import grafs.run.RunStore;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * Many trials. They are begun in the order of what they tell:
 *
 * <ol>
 *   <li>the first seed of everything before the second of anything, since a row of a table that is
 *       missing tells nothing, and a second seed only tells how sure a first one was;
 *   <li>with the same number of seeds, baselines first, since whatever is found is compared with
 *       them; then found functions, as soon as their search is over; then the next search;
 *   <li>of these, small networks first, which are the cheap ones.
 * </ol>
 *
 * So wherever a sweep is stopped, the table of what it has done is as complete as it can be.
 *
 * @param name what to call it in messages
 * @param trials the trials
 * @param retries how many further attempts a trial has that fails
 */
public record Sweep(String name, List<Trial> trials, int retries) {

  /** Hears of a sweep's progress, on the thread that runs it, about once a second. */
  @FunctionalInterface
  public interface Listener {

    /** Ignores progress. */
    Listener NONE = report -> {};

    /**
     * Takes note of where the sweep stands.
     *
     * @param report where it stands
     */
    void progress(Report report);
  }

  /**
   * Puts the trials in order and checks them.
   *
   * @throws IllegalArgumentException if a trial is listed twice, or one is with the function of a
   *     search that is not listed, or the number of retries is negative
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
    for (Trial trial : trials) {
      if (trial.work() instanceof Trial.Found found && !listed.contains(found.search())) {
        throw new IllegalArgumentException(
            "%s needs a trial that the sweep does not have: %s"
                .formatted(trial.title(), found.search().title()));
      }
    }
    Map<Trial, Integer> rounds = rounds(trials);
    trials =
        trials.stream()
            .sorted(
                Comparator.<Trial>comparingInt(rounds::get)
                    .thenComparing(Sweep::kind)
                    .thenComparing(trial -> trial.experiment().model()))
            .toList();
  }

  /** Of which seed of its row each trial is: the first, the second, … of what is asked for. */
  private static Map<Trial, Integer> rounds(List<Trial> trials) {
    Map<List<Object>, Integer> seen = new HashMap<>();
    Map<Trial, Integer> rounds = new HashMap<>();
    for (Trial trial : trials) {
      // Each search begins a row of its own: that of its function.
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
   * Does the trials, or goes on with them: what is complete in the store is not done again, and
   * what was broken off goes on. A trial that fails ends no other one, except those that are with
   * the function it was to find.
   *
   * @param store where the runs are kept
   * @param runner does the trials; it is not closed
   * @param listener receives progress
   * @return what came of it
   * @throws CancellationException if the thread was interrupted; the same call goes on
   */
  public Report run(RunStore store, Runner runner, Listener listener) {
    return new SweepScheduler(this, store, runner).run(listener);
  }
}
