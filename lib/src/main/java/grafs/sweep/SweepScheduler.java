package grafs.sweep;

import grafs.run.Experiment;
import grafs.run.KeptSearch;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs one sweep: loads the trials that are complete and runs the others. */
final class SweepScheduler {

  private final Sweep sweep;
  private final RunStore store;
  private final Runner runner;
  private final Sweep.Listener listener;

  // Ordered by their last change.
  private final Map<Trial, TrialStatus> rows = new LinkedHashMap<>();
  private final Map<Trial, Attempt> running = new HashMap<>();
  private final Map<Trial, RunRequest> orders = new HashMap<>();

  /**
   * A running trial. Its own thread writes {@code share}, the done part; the sweep's thread reads
   * it.
   */
  private static final class Attempt {
    private final RunRequest order;
    private final long start = System.nanoTime();
    private volatile double share;

    Attempt(RunRequest order) {
      this.order = order;
    }

    double seconds() {
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private record Ended(Trial trial, Outcome outcome) {}

  SweepScheduler(Sweep sweep, RunStore store, Runner runner, Sweep.Listener listener) {
    this.sweep = sweep;
    this.store = store;
    this.runner = runner;
    this.listener = listener;
    sweep.trials().forEach(trial -> rows.put(trial, TrialStatus.waiting(trial)));
  }

  Report run() {
    ExecutorService threads =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "sweep");
              thread.setDaemon(true);
              return thread;
            });
    CompletionService<Ended> service = new ExecutorCompletionService<>(threads);
    try {
      while (underWay(service)) {
        listener.progress(report());
        Future<Ended> ended = service.poll(1, TimeUnit.SECONDS);
        for (; ended != null; ended = service.poll()) {
          end(ended.get());
        }
      }
    } catch (InterruptedException e) {
      throw new CancellationException(report().line() + ": interrupted; the same call goes on");
    } catch (ExecutionException e) {
      throw new IllegalStateException("a runner failed: " + e.getCause(), e.getCause());
    } finally {
      threads.shutdownNow();
      awaitEnd(threads);
    }
    listener.progress(report());
    return report();
  }

  /** Waits for interrupted trials: each ends within a step and unlocks its folder. */
  private static void awaitEnd(ExecutorService threads) {
    try {
      threads.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts the trials that can start; returns whether any trial is running. */
  private boolean underWay(CompletionService<Ended> service) {
    boolean more = true;
    while (more) {
      // A search that was complete already allows its trainings to start.
      more = begin(service);
    }
    return !running.isEmpty();
  }

  private boolean begin(CompletionService<Ended> service) {
    boolean changed = false;
    for (Trial trial : waiting()) {
      TrialStatus row = rows.get(trial);
      State needed = needed(trial);
      if (needed == State.FAILED) {
        put(row.ended(State.FAILED, "", "not begun, since its search failed"));
        changed = true;
      } else if (needed == State.COMPLETE) {
        changed |= load(row) || running.size() < runner.slots() && begin(service, row);
      }
    }
    return changed;
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

  private State needed(Trial trial) {
    return trial.work() instanceof Trial.Found found
        ? rows.get(found.search()).state()
        : State.COMPLETE;
  }

  /**
   * Creates a trial's request if it has none yet, and looks for its result in the store. Returns
   * true if the trial is over, because it is complete or its files are damaged.
   */
  private boolean load(TrialStatus row) {
    if (orders.containsKey(row.trial())) {
      return false;
    }
    try {
      RunRequest order = row.trial().order(store);
      orders.put(row.trial(), order);
      kept(row, order.config()).ifPresent(this::put);
    } catch (RuntimeException e) {
      // A file of an earlier run is damaged, for example.
      put(row.ended(State.FAILED, "", Outcome.of(e).message()));
    }
    return rows.get(row.trial()).over();
  }

  private boolean begin(CompletionService<Ended> service, TrialStatus row) {
    Trial trial = row.trial();
    Attempt attempt = new Attempt(orders.get(trial));
    running.put(trial, attempt);
    put(row.begun());
    service.submit(() -> new Ended(trial, outcome(trial, attempt)));
    return true;
  }

  private Outcome outcome(Trial trial, Attempt attempt) throws InterruptedException {
    try {
      return runner.run(
          attempt.order,
          trial.experiment().task(),
          store,
          progress -> attempt.share = (double) progress.done() / progress.total());
    } catch (RuntimeException | Error e) {
      return Outcome.of(e);
    }
  }

  private void end(Ended ended) {
    Trial trial = ended.trial();
    Attempt attempt = running.remove(trial);
    TrialStatus row = rows.get(trial).after(attempt.seconds(), 1);
    Outcome outcome = ended.outcome();
    try {
      Optional<TrialStatus> kept =
          outcome.complete() ? kept(row, attempt.order.config()) : Optional.empty();
      if (kept.isPresent()) {
        put(kept.get());
        return;
      }
      if (outcome.complete()) {
        outcome = Outcome.failed("its run was said to be complete, but is not in " + store.root());
      }
    } catch (RuntimeException e) {
      outcome = Outcome.of(e);
    }
    boolean again = outcome.again() && row.attempts() <= sweep.retries();
    put(row.ended(again ? State.WAITING : State.FAILED, "", outcome.message()));
  }

  /** A trial's row with its result, if the store has its complete run. */
  private Optional<TrialStatus> kept(TrialStatus row, RunConfig config) {
    return config.isSearch()
        ? store.search(config).map(search -> row.ended(State.COMPLETE, result(search), ""))
        : store.training(config).map(training -> kept(row, training));
  }

  private static String result(KeptSearch search) {
    return search.result().found().text();
  }

  private static TrialStatus kept(TrialStatus row, KeptTraining training) {
    Experiment.Run run = training.run();
    if (Double.isNaN(run.test().loss())) {
      return row.ended(State.DIVERGED, "", "the training diverged, which is kept as its result");
    }
    return row.ended(
        State.COMPLETE,
        training.header().config().model().family().metric() == Metric.LOSS
            ? String.format(Locale.ROOT, "%.4f nats", run.test().loss())
            : String.format(Locale.ROOT, "%.2f %%", 100 * run.accuracy()),
        "");
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
