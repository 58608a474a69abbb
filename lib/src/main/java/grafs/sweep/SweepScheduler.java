package grafs.sweep;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import grafs.run.KeptTraining;
import grafs.run.Metric;
import grafs.run.RunConfig;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.sweep.TrialStatus.State;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs one {@link Sweep}, a list of searches and trainings called trials. The {@link RunStore}
 * keeps the results in a folder, and the {@link Runner} executes trials, as many at the same time
 * as it has slots. This class loads the trials that are complete in the store, starts the others as
 * soon as the runner has a free slot, repeats failed attempts, and reports the state. Each running
 * trial has a thread of its own, which writes only to {@code ended} and to {@code share}. All other
 * state is changed only by the sweep's thread, the one that calls {@link #run}.
 */
final class SweepScheduler {

  private final Sweep sweep;
  private final RunStore store;
  private final Runner runner;

  // The state of each trial; the trial whose state changed last is the last one.
  private final Map<Trial, TrialStatus> rows = new LinkedHashMap<>();
  private final Map<Trial, Attempt> running = new HashMap<>();
  private final Map<Trial, RunRequest> requests = new HashMap<>();
  // The trials whose attempt has ended; the sweep's thread takes them out and updates their rows.
  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          new ThreadFactoryBuilder().setNameFormat("sweep").setDaemon(true).build());

  /**
   * The running attempt at a trial. The trial's thread writes {@code share}, the fraction of the
   * attempt's steps that are done, 0 to 1; the sweep's thread reads it.
   */
  private static final class Attempt {
    /** The time that the trial's earlier attempts took, in seconds. */
    private final double earlier;

    private final long start = System.nanoTime();
    private volatile double share;

    Attempt(double earlier) {
      this.earlier = earlier;
    }

    /** Returns the time that all attempts at the trial have taken together, in seconds. */
    double seconds() {
      return earlier + (System.nanoTime() - start) / 1e9;
    }
  }

  private record Ended(Trial trial, Outcome outcome) {}

  SweepScheduler(Sweep sweep, RunStore store, Runner runner) {
    this.sweep = sweep;
    this.store = store;
    this.runner = runner;
    sweep.trials().forEach(trial -> rows.put(trial, TrialStatus.waiting(trial)));
  }

  Report run(Consumer<Report> listener) {
    try {
      while (underWay()) {
        listener.accept(report());
        Ended one = ended.poll(1, TimeUnit.SECONDS);
        if (one != null) {
          for (; one != null; one = ended.poll()) {
            end(one.trial(), one.outcome());
          }
          // A report now, since underWay() starts failed trials again: a report after that would
          // show them as running.
          listener.accept(report());
        }
      }
    } catch (InterruptedException e) {
      throw new CancellationException(
          report().line() + ": interrupted; run the sweep again to resume");
    } finally {
      // Interrupts the trials and waits for them. Each ends within a training step, and then
      // unlocks the folder of its run, so that the sweep can be resumed.
      threads.shutdownNow();
      MoreExecutors.shutdownAndAwaitTermination(threads, 30, TimeUnit.SECONDS);
    }
    listener.accept(report());
    return report();
  }

  /**
   * Loads the waiting trials that are complete in the store, and starts others while slots are
   * free; returns whether any trial is running.
   */
  private boolean underWay() {
    boolean more = true;
    while (more) {
      more = false;
      for (Trial trial : waiting()) {
        // After a change, all waiting trials are tried again: once a complete search is loaded, the
        // trainings with its function can start.
        more |= advance(rows.get(trial));
      }
    }
    return !running.isEmpty();
  }

  /**
   * Returns the waiting trials, sorted by their number of attempts, so that retries come last.
   * Trials with the same number are in the sweep's order.
   */
  private List<Trial> waiting() {
    return sweep.trials().stream()
        .filter(trial -> rows.get(trial).state() == State.WAITING)
        .sorted(Comparator.comparingInt(trial -> rows.get(trial).attempts()))
        .toList();
  }

  /**
   * Loads a waiting trial if it is complete, otherwise starts it if a slot is free. A training with
   * a found function waits until its search is complete, and is marked as failed if that search
   * failed. Returns whether the trial's row changed.
   */
  private boolean advance(TrialStatus row) {
    Trial trial = row.trial();
    State needed =
        trial.work() instanceof Trial.Found found
            ? rows.get(found.search()).state()
            : State.COMPLETE;
    if (needed == State.FAILED) {
      put(row.ended(State.FAILED, "", "not started, because the search for its function failed"));
    } else if (needed == State.COMPLETE) {
      if (!requests.containsKey(trial)) {
        load(row);
      }
      if (!rows.get(trial).over() && running.size() < runner.slots()) {
        start(row);
      }
    }
    return rows.get(trial) != row;
  }

  /**
   * Creates a trial's request, from which the runner executes the trial. If the trial is complete
   * in the store already, marks it as complete, with its result.
   */
  private void load(TrialStatus row) {
    try {
      requests.put(row.trial(), row.trial().request(store));
      kept(row).ifPresent(this::put);
    } catch (RuntimeException e) {
      // For example, a file of the run in the store is damaged.
      put(row.ended(State.FAILED, "", Outcome.of(e).message()));
    }
  }

  private void start(TrialStatus row) {
    Trial trial = row.trial();
    Attempt attempt = new Attempt(row.seconds());
    running.put(trial, attempt);
    put(row.begun());
    RunRequest request = requests.get(trial);
    threads.execute(() -> ended.add(new Ended(trial, outcome(trial, request, attempt))));
  }

  private Outcome outcome(Trial trial, RunRequest request, Attempt attempt) {
    try {
      return runner.run(
          request,
          trial.experiment().task(),
          store,
          (done, all) -> attempt.share = (double) done / all);
    } catch (Exception | Error e) {
      return Outcome.of(e);
    }
  }

  private void end(Trial trial, Outcome outcome) {
    TrialStatus row = rows.get(trial).after(running.remove(trial).seconds(), 1);
    try {
      put(outcome.complete() ? kept(row).orElseThrow() : failed(row, outcome));
    } catch (RuntimeException e) {
      // For example, a file of the run is damaged.
      put(failed(row, Outcome.of(e)));
    }
  }

  private TrialStatus failed(TrialStatus row, Outcome outcome) {
    boolean again = outcome.again() && row.attempts() <= sweep.retries();
    return row.ended(again ? State.WAITING : State.FAILED, "", outcome.message());
  }

  /** Returns a trial's row with its result if it is complete in the store, otherwise empty. */
  private Optional<TrialStatus> kept(TrialStatus row) {
    RunConfig config = requests.get(row.trial()).config();
    return config.isSearch()
        ? store
            .search(config)
            .map(search -> row.ended(State.COMPLETE, search.result().found().text(), ""))
        : store.training(config).map(training -> kept(row, training));
  }

  private static TrialStatus kept(TrialStatus row, KeptTraining training) {
    Metric metric = training.metric();
    return training.run().diverged()
        ? row.ended(State.DIVERGED, "", "the training diverged, which is kept as its result")
        : row.ended(State.COMPLETE, metric.text(training.value(metric)), "");
  }

  private void put(TrialStatus row) {
    rows.remove(row.trial());
    rows.put(row.trial(), row);
  }

  private Report report() {
    running.forEach(
        (trial, attempt) ->
            rows.computeIfPresent(trial, (t, row) -> row.after(attempt.seconds(), attempt.share)));
    return Report.of(sweep.name(), List.copyOf(rows.values()), runner.slots());
  }
}
