package grafs.sweep;

import grafs.notebook.Tables;
import grafs.sweep.TrialStatus.State;
import grafs.train.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

/**
 * The state of a {@link Sweep}, a list of searches and trainings called trials, at one moment, for
 * displays of its progress.
 *
 * @param name the sweep's name
 * @param rows the state of each trial: failed trials first, then diverged, running, complete and
 *     waiting ones; among trials in the same state, the one that changed last is first
 * @param slots the number of trials that can run at the same time
 */
public record Report(String name, List<TrialStatus> rows, int slots) {

  /**
   * Creates a report from rows in the order of their last change: the row that changed last is
   * last.
   */
  static Report of(String name, List<TrialStatus> rows, int slots) {
    List<TrialStatus> latest = new ArrayList<>(rows);
    Collections.reverse(latest);
    return new Report(
        name, latest.stream().sorted(Comparator.comparing(TrialStatus::state)).toList(), slots);
  }

  /**
   * Counts the trials in a state.
   *
   * @param state the state
   * @return the number of trials in that state
   */
  public long count(State state) {
    return rows.stream().filter(row -> row.state() == state).count();
  }

  /** {@return whether a trial failed and is not attempted again} */
  public boolean failed() {
    return count(State.FAILED) > 0;
  }

  /**
   * Estimates the time until all trials have ended. A trial is expected to take the mean time of
   * those trials with the same network, data and kind (search or training) that the sweep has
   * completed; if there are none, the mean time of all trials that it has completed. The time that
   * the trial's attempts have taken so far is subtracted. The sum over all trials that have not
   * ended is divided by the number of trials that run at the same time: {@code slots}, or the
   * number of trials that have not ended if that is less.
   *
   * @return the seconds left; 0 if all trials have ended; NaN before the sweep has completed a
   *     trial
   */
  public double secondsLeft() {
    double left =
        rows.stream()
            .filter(row -> !row.over())
            .mapToDouble(row -> Math.max(0, expected(row.trial()) - row.seconds()))
            .sum();
    long open = rows.stream().filter(row -> !row.over()).count();
    return open == 0 ? 0 : left / Math.max(1, Math.min(slots, open));
  }

  private double expected(Trial trial) {
    double same = mean(row -> alike(row.trial(), trial) ? row.seconds() : 0);
    return Double.isNaN(same) ? mean(TrialStatus::seconds) : same;
  }

  /**
   * Returns the mean of a function's positive values over the complete and diverged trials; NaN if
   * there are no such values. Trials that were complete before the sweep took 0 s in it, so they do
   * not count.
   */
  private double mean(ToDoubleFunction<TrialStatus> seconds) {
    return rows.stream()
        .filter(row -> row.state() == State.COMPLETE || row.state() == State.DIVERGED)
        .mapToDouble(seconds)
        .filter(took -> took > 0)
        .average()
        .orElse(Double.NaN);
  }

  private static boolean alike(Trial one, Trial other) {
    return one.experiment().model() == other.experiment().model()
        && one.experiment().task().name().equals(other.experiment().task().name())
        && one.work() instanceof Trial.Search == other.work() instanceof Trial.Search;
  }

  /**
   * {@return the progress in one line, such as {@code resnet at quick: 3/7 trials, 2 running},
   * where 3 of 7 trials are complete or diverged}
   */
  public String line() {
    long complete = count(State.COMPLETE) + count(State.DIVERGED);
    StringBuilder line =
        new StringBuilder("%s: %d/%d trials".formatted(name, complete, rows.size()));
    for (State state : List.of(State.DIVERGED, State.FAILED, State.RUNNING)) {
      if (count(state) > 0) {
        line.append(", ").append(count(state)).append(' ').append(word(state));
      }
    }
    double left = secondsLeft();
    if (left > 0) {
      line.append(", about ").append(Progress.duration(left)).append(" left");
    }
    return line.toString();
  }

  static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** {@return those of {@link #rows} whose trial was started or has ended, in the same order} */
  public List<TrialStatus> begun() {
    return rows.stream().filter(row -> row.attempts() > 0 || row.over()).toList();
  }

  /**
   * {@return a table with a row for each trial of {@link #begun}: trial, seed, network, data,
   * state, seconds, and the result or the error}
   */
  public Table table() {
    List<TrialStatus> begun = begun();
    return Table.create(
        line(),
        Tables.texts("trial", begun, r -> r.trial().work().title()),
        LongColumn.create("seed", begun.stream().mapToLong(r -> r.trial().seed()).toArray()),
        Tables.texts("network", begun, r -> r.trial().experiment().model().title()),
        Tables.texts("data", begun, r -> r.trial().experiment().task().name()),
        Tables.texts("state", begun, Report::state),
        Tables.numbers("seconds", begun, 1, TrialStatus::seconds),
        Tables.texts("result", begun, r -> r.message().isEmpty() ? r.result() : r.message()));
  }

  private static String state(TrialStatus row) {
    String tries = row.attempts() > 1 ? ", attempt " + row.attempts() : "";
    return row.state() == State.RUNNING && row.share() > 0
        ? "%.0f %%%s".formatted(100 * row.share(), tries)
        : word(row.state()) + tries;
  }

  @Override
  public String toString() {
    return line();
  }
}
