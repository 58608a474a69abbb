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
 * A list of trials, which are started in this order:
 *
 * <ol>
 *   <li>searches whose function no trial of the list needs: they take longest, so that no processor
 *       idles while the last one runs;
 *   <li>the first seed of every row of a table before the second seed of any: a missing row tells
 *       nothing, while a second seed only makes a row more certain;
 *   <li>with the same number of seeds, baselines first, since whatever is found is compared with
 *       them; then found functions, as soon as their search is over; then the next search;
 *   <li>of these, small networks first, which are the cheap ones.
 * </ol>
 *
 * So the table is as complete as possible wherever a sweep is stopped.
 *
 * @param name what to call it in messages
 * @param trials the trials
 * @param retries the number of further attempts for a trial that fails
 */
public record Sweep(String name, List<Trial> trials, int retries) {

  /**
   * Puts the trials in order and checks them.
   *
   * @throws IllegalArgumentException if a trial is listed twice, or one needs the function of a
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
   * Numbers the trials that differ only in their seed 1, 2, …, in list order; every search has 1.
   */
  private static Map<Trial, Integer> rounds(List<Trial> trials) {
    Map<List<Object>, Integer> seen = new HashMap<>();
    Map<Trial, Integer> rounds = new HashMap<>();
    for (Trial trial : trials) {
      // Each search counts as a row of its own, since its function gets a row of its own.
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
   * Runs the trials: complete ones are loaded from the store, interrupted ones are resumed. If a
   * trial fails, the others go on, except the trainings that need its function.
   *
   * @param store where the runs are kept
   * @param runner runs the trials; it is not closed
   * @param listener receives the state, on this thread, about once a second
   * @return the final state
   * @throws CancellationException if the thread was interrupted; the same call resumes the sweep
   */
  public Report run(RunStore store, Runner runner, Consumer<Report> listener) {
    return new SweepScheduler(this, store, runner).run(listener);
  }
}
