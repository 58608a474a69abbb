package grafs.data;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints the progress of downloads: on a terminal in one line that is overwritten, else in new
 * lines.
 */
final class Console {

  private final PrintStream out;
  private final boolean terminal;
  private boolean open;

  Console(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** {@return the milliseconds from one report of progress to the next} */
  long interval() {
    return terminal ? 200 : 10_000;
  }

  /** Prints a line. */
  void say(String line) {
    finishLine();
    out.println(line);
  }

  /**
   * Prints the bytes of a file downloaded so far, the speed in bytes per second, and the time left.
   */
  void progress(String name, long done, long size, double speed) {
    long left = speed > 0 ? Math.round((size - done) / speed) : 0;
    String line =
        String.format(
            Locale.ROOT,
            "%s: %d %% of %s, %.1f MB/s, %d min %02d s left",
            name,
            100 * done / size,
            megabytes(size),
            speed / 1e6,
            left / 60,
            left % 60);
    out.print(terminal ? "\r\u001b[K" + line : line + "\n");
    out.flush();
    open = terminal;
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
