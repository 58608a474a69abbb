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
 * The state of a sweep.
 *
 * @param name the sweep's name
 * @param rows its trials: those that failed or diverged first, then those under way, then those
 *     that are complete, the latest of each kind first, then those that wait
 * @param slots how many trials run at once
 */
public record Report(String name, List<TrialStatus> rows, int slots) {

  /** Makes a report of rows that are in the order of their last changes. */
  static Report of(String name, List<TrialStatus> rows, int slots) {
    List<TrialStatus> latest = new ArrayList<>(rows);
    Collections.reverse(latest);
    return new Report(
        name, latest.stream().sorted(Comparator.comparing(TrialStatus::state)).toList(), slots);
  }

  /**
   * Counts trials.
   *
   * @param state the state
   * @return the number of trials in that state
   */
  public long count(State state) {
    return rows.stream().filter(row -> row.state() == state).count();
  }

  /** {@return whether a trial failed for good} */
  public boolean failed() {
    return count(State.FAILED) > 0;
  }

  /**
   * Estimates the time left from the trials that ended since the sweep began: a trial takes as long
   * as the others of the same network, data and kind on average, or as all if there are none.
   *
   * @return the seconds left; NaN before the first trial has ended
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
   * The mean of the positive values of complete or diverged trials; those that were complete before
   * the sweep took 0 s.
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

  /** {@return the progress of the sweep, in one line} */
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

  /** {@return the trials that were begun or are over, as rows of this report, in its order} */
  public List<TrialStatus> begun() {
    return rows.stream().filter(row -> row.attempts() > 0 || row.over()).toList();
  }

  /** {@return a row for each of {@link #begun}: it grows while the sweep runs} */
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
