package grafs.data.fetch;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints the progress of downloads: on a terminal in one line that is overwritten, else in a new
 * line every 10 s.
 */
final class Console {

  private static final long LIVE = 200_000_000L;
  private static final long SELDOM = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private String file = "";
  private long began;
  private long first;
  private long last;
  private boolean open;

  Console(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Prints a line. */
  void say(String line) {
    finishLine();
    out.println(line);
    file = "";
  }

  /**
   * Reports how many bytes of a file are there. May be called often: prints every 0.2 s on a
   * terminal, else every 10 s.
   */
  void progress(String name, long done, long size) {
    long now = System.nanoTime();
    if (!name.equals(file)) {
      file = name;
      began = now;
      last = now;
      // Bytes that an earlier run downloaded do not count towards this run's speed.
      first = done;
    }
    if (now - last < (terminal ? LIVE : SELDOM) && done < size) {
      return;
    }
    last = now;
    out.print((terminal ? "\r\u001b[K" : "") + line(name, done, size, (now - began) / 1e9));
    open = true;
    if (!terminal || done == size) {
      finishLine();
    }
    out.flush();
  }

  private String line(String name, long done, long size, double seconds) {
    double speed = seconds > 0 ? (done - first) / seconds : 0;
    long left = speed > 0 ? Math.round((size - done) / speed) : 0;
    String time = left < 60 ? left + " s" : "%d min %02d s".formatted(left / 60, left % 60);
    return String.format(
        Locale.ROOT,
        "%s: %d %% of %s, %.1f MB/s%s",
        name,
        100 * done / size,
        megabytes(size),
        speed / 1e6,
        done < size && speed > 0 ? ", " + time + " left" : "");
  }

  /** Ends the progress line if one is open. */
  void finishLine() {
    if (open) {
      out.println();
      open = false;
    }
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6);
  }
}
