package grafs.sweep;

import ai.djl.TrainingDivergedException;
import java.io.Serializable;

/**
 * How an attempt at a trial ended.
 *
 * @param complete whether its run is complete
 * @param again whether another attempt may succeed
 * @param message the error, in one line; empty if there was none
 */
public record Outcome(boolean complete, boolean again, String message) implements Serializable {

  private static final int LONGEST = 500;

  /** The run is complete. */
  public static final Outcome COMPLETE = new Outcome(true, false, "");

  /**
   * An attempt that failed and may succeed another time.
   *
   * @param message why
   * @return the outcome
   */
  public static Outcome failed(String message) {
    return new Outcome(false, true, line(message));
  }

  /** Shortens a message to one line of at most 500 characters. */
  private static String line(String message) {
    String line = message.strip().replaceAll("\\s+", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + " …" : line;
  }

  /**
   * Returns the outcome of an exception. A search that diverged is not attempted again, since it
   * would diverge again.
   *
   * @param thrown the exception, or an {@link OutOfMemoryError}
   * @return the outcome
   */
  public static Outcome of(Throwable thrown) {
    String message = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    if (thrown instanceof OutOfMemoryError) {
      message =
          "out of memory: %s, at %d MB; set GRAFS_HEAP to more, or run fewer trials at once"
              .formatted(message, Runtime.getRuntime().maxMemory() >> 20);
    } else if (!(thrown instanceof RuntimeException)) {
      message = thrown.toString();
    }
    boolean again = !(thrown instanceof TrainingDivergedException);
    return new Outcome(false, again, line(message));
  }
}
