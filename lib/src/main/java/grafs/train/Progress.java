package grafs.train;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * A progress report of a long computation.
 *
 * @param task what is being done, a few words
 * @param done the steps done
 * @param total the steps in all
 * @param seconds the time taken so far
 * @param score the score so far in this epoch
 */
public record Progress(String task, long done, long total, double seconds, Score score) {

  /** Receives progress, several times a second at most. */
  @FunctionalInterface
  public interface Listener {

    /** Ignores progress. */
    Listener NONE = progress -> {};

    /** Receives a progress report. */
    void progress(Progress progress);

    /**
     * Receives a message about another event: that a run was loaded, waits, or diverged.
     *
     * @param text the message, one line
     */
    default void note(String text) {}
  }

  /**
   * Throws if the thread was interrupted, as by the Stop button of a notebook. Long computations
   * should call this about once a second.
   *
   * @param where supplies the exception's message, which says how far the computation came
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
   * @param seconds the time
   * @return the duration in seconds, minutes and seconds, or hours and minutes, such as {@code 2
   *     min 05 s}
   */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 60
        ? s + " s"
        : s < 3600
            ? "%d min %02d s".formatted(s / 60, s % 60)
            : "%d h %02d min".formatted(s / 3600, s / 60 % 60);
  }

  /** {@return the time left in seconds, at the speed so far; NaN before the first step} */
  public double secondsLeft() {
    return done == 0 ? Double.NaN : seconds / done * (total - done);
  }

  /**
   * Counts the steps of one computation and reports to a listener, at most every quarter second and
   * after the last step.
   */
  public static final class Meter {

    private static final long INTERVAL = 250_000_000;

    private final String task;
    private final long total;
    private final Listener listener;
    private final long start = System.nanoTime();
    private long last;
    private long done;

    /**
     * Starts the clock.
     *
     * @param task what is being done
     * @param total the number of steps to come
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
     * @param tally the scores of the epoch so far; read only when it is time to report
     * @return the score, if it was time to report
     * @throws CancellationException if the thread was interrupted
     */
    public Optional<Score> step(RunningScore tally) {
      return steps(1, tally::score);
    }

    /**
     * Counts several steps, such as those that are left out after a divergence.
     *
     * @param count their number
     * @param scores supplies the score so far in this epoch; asked only when it is time to report
     * @return the score, if it was time to report
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

    /** {@return the seconds since the clock was started} */
    public double seconds() {
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
