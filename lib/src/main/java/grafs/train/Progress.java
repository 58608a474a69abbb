package grafs.train;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * A progress report of a long computation, such as a training. A {@link Meter} counts the steps of
 * the computation, for a training its batches, and passes reports to a {@link Listener}, such as a
 * progress bar in a notebook.
 *
 * @param task the name of the computation, for display
 * @param done the number of steps done
 * @param total the number of steps in all
 * @param seconds the time since the start, in seconds
 * @param score the mean loss and accuracy over the examples of the current epoch so far
 */
public record Progress(String task, long done, long total, double seconds, Score score) {

  /** Receives the progress reports and messages of a computation. */
  @FunctionalInterface
  public interface Listener {

    /** A listener that ignores all reports and messages. */
    Listener NONE = progress -> {};

    /**
     * Receives a progress report. This is called at most four times a second, and after the last
     * step.
     *
     * @param progress the report
     */
    void progress(Progress progress);

    /**
     * Receives a message about an event other than progress: for example, that the result of a
     * training was loaded from disk, that a training waits until another training ends, or that a
     * training diverged. The default implementation ignores the message.
     *
     * @param text the message, one line
     */
    default void note(String text) {}
  }

  /**
   * Throws an exception if the current thread was interrupted, for example by the Stop button of a
   * notebook, and clears the interrupt status of the thread. Long computations should call this
   * method about once a second.
   *
   * @param where supplies the message of the exception, which should say how far the computation
   *     came
   * @throws CancellationException if the thread was interrupted
   */
  public static void stopIfInterrupted(Supplier<String> where) {
    if (Thread.interrupted()) {
      throw new CancellationException(where.get());
    }
  }

  /**
   * Formats a duration.
   *
   * @param seconds the duration in seconds
   * @return the duration as {@code 7 s}, {@code 2 min 05 s} or {@code 3 h 10 min}
   */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 60
        ? s + " s"
        : s < 3600
            ? "%d min %02d s".formatted(s / 60, s % 60)
            : "%d h %02d min".formatted(s / 3600, s / 60 % 60);
  }

  /**
   * {@return the estimated time left in seconds, at the mean speed since the start; NaN before the
   * first step is done}
   */
  public double secondsLeft() {
    return done == 0 ? Double.NaN : seconds / done * (total - done);
  }

  /**
   * Counts the steps of one computation, and sends progress reports to a listener. It sends at most
   * one report in a quarter of a second, and one after the last step.
   */
  public static final class Meter {

    /** The shortest time between reports, in nanoseconds. */
    private static final long INTERVAL = 250_000_000;

    private final String task;
    private final long total;
    private final Listener listener;
    private final long start = System.nanoTime();

    /**
     * The time of the last report, as {@link System#nanoTime} gave it; 0 before the first report.
     */
    private long last;

    /** The number of steps done. */
    private long done;

    /**
     * Creates a meter, and starts its clock.
     *
     * @param task the name of the computation, for display
     * @param total the number of steps that will be counted
     * @param listener receives the reports
     */
    public Meter(String task, long total, Listener listener) {
      this.task = task;
      this.total = total;
      this.listener = listener;
    }

    /**
     * Counts one step.
     *
     * @param tally the score of the epoch so far. It is read only if a report is due, because on a
     *     GPU reading it blocks until the GPU has finished its work
     * @return the score that was reported; empty if no report was due
     * @throws CancellationException if the thread was interrupted
     */
    public Optional<Score> step(RunningScore tally) {
      return steps(1, tally::score);
    }

    /**
     * Counts several steps at once, such as the remaining steps of a training that diverged.
     *
     * @param count the number of steps
     * @param scores supplies the score of the epoch so far; called only if a report is due
     * @return the score that was reported; empty if no report was due
     * @throws CancellationException if the thread was interrupted
     */
    public Optional<Score> steps(long count, Supplier<Score> scores) {
      stopIfInterrupted(
          () -> "%s was interrupted after %d of %d steps".formatted(task, done, total));
      done += count;
      long now = System.nanoTime();
      if (now - last < INTERVAL && done < total) {
        return Optional.empty();
      }
      last = now;
      Score score = scores.get();
      listener.progress(new Progress(task, done, total, seconds(), score));
      return Optional.of(score);
    }

    /** {@return the seconds since the meter was created} */
    public double seconds() {
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
