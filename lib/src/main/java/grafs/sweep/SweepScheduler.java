package grafs.sweep;

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

/** Runs one sweep: loads the trials that are complete and runs the others. */
final class SweepScheduler {

  private final Sweep sweep;
  private final RunStore store;
  private final Runner runner;

  // Ordered by their last change.
  private final Map<Trial, TrialStatus> rows = new LinkedHashMap<>();
  private final Map<Trial, Attempt> running = new HashMap<>();
  private final Map<Trial, RunRequest> orders = new HashMap<>();
  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "sweep");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * A running trial. Its own thread writes {@code share}, the done part; the sweep's thread reads
   * it.
   */
  private static final class Attempt {
    private final long start = System.nanoTime();
    private volatile double share;

    double seconds() {
      return (System.nanoTime() - start) / 1e9;
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
        for (; one != null; one = ended.poll()) {
          end(one.trial(), one.outcome());
        }
      }
    } catch (InterruptedException e) {
      throw new CancellationException(report().line() + ": interrupted; the same call goes on");
    } finally {
      threads.shutdownNow();
      awaitEnd();
    }
    listener.accept(report());
    return report();
  }

  /** Waits for interrupted trials: each ends within a step and unlocks its folder. */
  private void awaitEnd() {
    try {
      threads.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts the trials that can start; returns whether any trial is running. */
  private boolean underWay() {
    boolean more = true;
    while (more) {
      more = false;
      for (Trial trial : waiting()) {
        // A search that was complete already allows its trainings to start.
        more |= advance(rows.get(trial));
      }
    }
    return !running.isEmpty();
  }

  /**
   * The waiting trials: first those never started, in the sweep's order, then those to be retried.
   */
  private List<Trial> waiting() {
    return sweep.trials().stream()
        .filter(trial -> rows.get(trial).state() == State.WAITING)
        .sorted(Comparator.comparingInt(trial -> rows.get(trial).attempts()))
        .toList();
  }

  /** Loads or starts a waiting trial, or fails it with its search; returns whether it did. */
  private boolean advance(TrialStatus row) {
    Trial trial = row.trial();
    State needed =
        trial.work() instanceof Trial.Found found
            ? rows.get(found.search()).state()
            : State.COMPLETE;
    if (needed == State.FAILED) {
      put(row.ended(State.FAILED, "", "not begun, since its search failed"));
    } else if (needed == State.COMPLETE) {
      if (!orders.containsKey(trial)) {
        load(row);
      }
      if (!rows.get(trial).over() && running.size() < runner.slots()) {
        start(row);
      }
    }
    return rows.get(trial) != row;
  }

  /** Makes a trial's request, and looks for its result in the store. */
  private void load(TrialStatus row) {
    try {
      orders.put(row.trial(), row.trial().order(store));
      kept(row).ifPresent(this::put);
    } catch (RuntimeException e) {
      // A file of an earlier run is damaged, for example.
      put(row.ended(State.FAILED, "", Outcome.of(e).message()));
    }
  }

  private void start(TrialStatus row) {
    Trial trial = row.trial();
    Attempt attempt = new Attempt();
    running.put(trial, attempt);
    put(row.begun());
    RunRequest order = orders.get(trial);
    threads.execute(() -> ended.add(new Ended(trial, outcome(trial, order, attempt))));
  }

  private Outcome outcome(Trial trial, RunRequest order, Attempt attempt) {
    try {
      return runner.run(
          order,
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
      // A file of the run is damaged, for example.
      put(failed(row, Outcome.of(e)));
    }
  }

  private TrialStatus failed(TrialStatus row, Outcome outcome) {
    boolean again = outcome.again() && row.attempts() <= sweep.retries();
    return row.ended(again ? State.WAITING : State.FAILED, "", outcome.message());
  }

  /** A trial's row with its result, if the store has its complete run. */
  private Optional<TrialStatus> kept(TrialStatus row) {
    RunConfig config = orders.get(row.trial()).config();
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
