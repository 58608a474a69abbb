package grafs.data.fetch;

import java.time.Duration;

/**
 * How long a download puts up with a bad connection.
 *
 * @param connect the time to reach the server
 * @param stall the time without a byte after which a connection counts as lost
 * @param attempts how many attempts in a row may bring nothing
 * @param pause before the second of them; doubles with each
 * @param longestPause the longest pause, and the longest that a server may ask for
 */
record Patience(
    Duration connect, Duration stall, int attempts, Duration pause, Duration longestPause) {

  static final Patience USUAL =
      new Patience(
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          6,
          Duration.ofSeconds(1),
          Duration.ofSeconds(60));

  /** The pause before another attempt, after so many (from 1) in a row that brought nothing. */
  Duration pauseAfter(int fruitless) {
    Duration doubled = pause.multipliedBy(1L << Math.min(fruitless - 1, 20));
    return doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
  }
}
