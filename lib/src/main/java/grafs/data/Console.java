package grafs.data;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints the messages and the progress of downloads. On a terminal, each progress report overwrites
 * the previous one; in a log or a pipe, each is a line of its own.
 */
final class Console {

  private final PrintStream out;
  private final boolean terminal;

  /** Whether the last thing printed is a progress report on a terminal, without a line end. */
  private boolean open;

  Console(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** {@return the time between two progress reports, in milliseconds} */
  long interval() {
    return terminal ? 200 : 10_000;
  }

  /**
   * Prints a line. If a progress report stands on the current line of a terminal, that line is
   * ended first.
   */
  void say(String line) {
    finishLine();
    out.println(line);
  }

  /**
   * Prints how much of a file is downloaded, the speed, and the time left at that speed.
   *
   * @param name the file's name
   * @param done the bytes downloaded so far
   * @param size the bytes of the whole file
   * @param speed the speed in bytes per second
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

  /** Ends the line of a progress report, if that is the last thing printed. */
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
