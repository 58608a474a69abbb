package grafs.sweep;

import ai.djl.TrainingDivergedException;
import java.io.Serializable;

/**
 * How an attempt at a trial ended.
 *
 * @param complete whether its run is complete
 * @param again whether another attempt may end otherwise
 * @param message what went wrong, in one line; empty where nothing did
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

  /** What fits a row of a table. */
  private static String line(String message) {
    String line = message.strip().replaceAll("\\s+", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + " …" : line;
  }

  /**
   * What an exception comes to. A search that diverged diverges again: it is not worth another
   * attempt.
   *
   * @param thrown the exception, or the error of a heap that is full
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
