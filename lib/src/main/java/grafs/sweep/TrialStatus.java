package grafs.sweep;

/**
 * The state of a trial in a sweep.
 *
 * @param trial the trial
 * @param state its state
 * @param attempts the number of attempts that were started
 * @param seconds the time of the last attempt so far; 0 for a run that was complete before
 * @param share the fraction of the last attempt that is done, 0 to 1, if it is known
 * @param result the result: a test accuracy, a test loss or a function; empty without one
 * @param message the error, in one line; empty if there was none
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
     * It failed for good: in its last attempt, or before it could start, as when its search failed.
     */
    FAILED,
    /** Its run is complete, and the training diverged. */
    DIVERGED,
    /** Running. */
    RUNNING,
    /** Its run is complete. */
    COMPLETE,
    /** Not started, or failed and waiting for another attempt. */
    WAITING
  }

  static TrialStatus waiting(Trial trial) {
    return new TrialStatus(trial, State.WAITING, 0, 0, 0, "", "");
  }

  /** {@return whether it has ended for good} */
  public boolean over() {
    return state != State.RUNNING && state != State.WAITING;
  }

  /** {@return whether it is shown in red: it diverged or failed} */
  public boolean red() {
    return state == State.DIVERGED || state == State.FAILED;
  }

  TrialStatus begun() {
    return new TrialStatus(trial, State.RUNNING, attempts + 1, 0, 0, "", message);
  }

  TrialStatus after(double seconds, double share) {
    return new TrialStatus(trial, state, attempts, seconds, share, result, message);
  }

  TrialStatus ended(State state, String result, String message) {
    return new TrialStatus(trial, state, attempts, seconds, share, result, message);
  }
}
