package grafs.sweep;

/**
 * Where a trial stands.
 *
 * @param trial the trial
 * @param state where it stands
 * @param attempts how many attempts were begun
 * @param seconds what the last attempt took so far; of a run that was complete before, 0
 * @param share how much of it is done, 0 to 1, as far as is known
 * @param result what came of it: a test accuracy, a test loss or a function; empty before
 * @param message what went wrong, in one line; empty where nothing did
 */
public record TrialStatus(
    Trial trial,
    State state,
    int attempts,
    double seconds,
    double share,
    String result,
    String message) {

  /** Where a trial can stand. */
  public enum State {
    /** Not begun. */
    WAITING,
    /** Under way. */
    RUNNING,
    /** Its run is complete. */
    COMPLETE,
    /** Its run is complete, and the training diverged. */
    DIVERGED,
    /** It has no run, after as many attempts as it had. */
    FAILED
  }

  static TrialStatus waiting(Trial trial) {
    return new TrialStatus(trial, State.WAITING, 0, 0, 0, "", "");
  }

  /** {@return whether nothing more will come of it} */
  public boolean over() {
    return state.compareTo(State.COMPLETE) >= 0;
  }

  /** {@return whether it is to be seen at once: it diverged or failed} */
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
