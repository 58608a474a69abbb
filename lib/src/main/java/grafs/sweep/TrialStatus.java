package grafs.sweep;

/**
 * The state of one {@link Trial}, a search or a training, in a running sweep: a row of a {@link
 * Report}.
 *
 * @param trial the trial
 * @param state its state
 * @param attempts the number of attempts that were started in this sweep
 * @param seconds the time that all attempts in this sweep have taken together, in seconds,
 *     including a running attempt so far; 0 if none was started, as for a trial that was complete
 *     before the sweep
 * @param share the fraction of the last attempt's steps that are done, 0 to 1; 0 if the fraction is
 *     not known, 1 once the attempt has ended, also if it failed
 * @param result the result in words: a test accuracy, a test loss or a found function; empty if
 *     there is none
 * @param message why the last attempt that ended failed, or that the training diverged, in one
 *     line; otherwise empty
 */
public record TrialStatus(
    Trial trial,
    State state,
    int attempts,
    double seconds,
    double share,
    String result,
    String message) {

  /** The states of a trial, in the order in which a report lists them. */
  public enum State {
    /**
     * Failed, and not attempted again: no retries are left, or another attempt would fail too, or
     * the trial could not be started, for example because the search for its function failed.
     */
    FAILED,
    /** The run is complete, and its result is that the training diverged. */
    DIVERGED,
    /** An attempt is running. */
    RUNNING,
    /** The run is complete, and did not diverge. */
    COMPLETE,
    /** Not started, or failed and waiting for another attempt. */
    WAITING
  }

  static TrialStatus waiting(Trial trial) {
    return new TrialStatus(trial, State.WAITING, 0, 0, 0, "", "");
  }

  /** {@return whether the trial has ended and is not attempted again} */
  public boolean over() {
    return state != State.RUNNING && state != State.WAITING;
  }

  /**
   * {@return whether displays show the trial in red: it diverged, or it failed and is not attempted
   * again}
   */
  public boolean red() {
    return state == State.DIVERGED || state == State.FAILED;
  }

  TrialStatus begun() {
    return new TrialStatus(trial, State.RUNNING, attempts + 1, seconds, 0, "", message);
  }

  TrialStatus after(double seconds, double share) {
    return new TrialStatus(trial, state, attempts, seconds, share, result, message);
  }

  TrialStatus ended(State state, String result, String message) {
    return new TrialStatus(trial, state, attempts, seconds, share, result, message);
  }
}
