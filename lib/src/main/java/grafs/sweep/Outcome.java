package grafs.sweep;

import ai.djl.TrainingDivergedException;
import java.io.Serializable;

/**
 * How an attempt to run a {@link Trial} ended. A trial is one search for an activation function or
 * one training of a network.
 *
 * @param complete whether the trial is complete
 * @param again whether another attempt may succeed; false if the trial is complete
 * @param message the error, in one line; empty if the trial is complete
 */
public record Outcome(boolean complete, boolean again, String message) implements Serializable {

  /** The number of characters after which a message is cut off. */
  private static final int LONGEST = 500;

  /** The search or training is complete. */
  public static final Outcome COMPLETE = new Outcome(true, false, "");

  /**
   * Returns the outcome of an attempt that failed, and may succeed when it is repeated.
   *
   * @param message the error; line breaks become spaces, and the text is cut off after 500
   *     characters
   * @return the outcome
   */
  public static Outcome failed(String message) {
    return new Outcome(false, true, line(message));
  }

  /** Joins the lines of a message into one, and cuts it off after 500 characters. */
  private static String line(String message) {
    String line = message.strip().replaceAll("\\s+", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + " …" : line;
  }

  /**
   * Returns the outcome of an attempt that threw an exception or error. After a {@link
   * TrainingDivergedException}, {@link #again} is false: only a search throws it, and the search
   * would diverge again. (A training that diverges does not throw. It is complete, with the
   * divergence as its result.) For an {@link OutOfMemoryError}, the message says how to raise the
   * limit of the Java heap.
   *
   * @param thrown the exception or error
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
