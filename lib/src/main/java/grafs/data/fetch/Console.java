package grafs.data.fetch;

import java.io.PrintStream;
import java.util.Locale;

/** Prints how fetching goes: on a terminal in one line that changes, else a line now and then. */
final class Console implements Observer {

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

  @Override
  public synchronized void say(String line) {
    finishLine();
    out.println(line);
    file = "";
  }

  @Override
  public synchronized void progress(String name, long done, long size) {
    long now = System.nanoTime();
    if (!name.equals(file)) {
      file = name;
      began = now;
      last = now;
      // What an earlier run brought says nothing of this one's speed.
      first = done;
    }
    if (now - last < (terminal ? LIVE : SELDOM) && done < size) {
      return;
    }
    last = now;
    String line = line(name, done, size, (now - began) / 1e9);
    if (terminal) {
      out.print("\r\u001b[K" + line);
      open = true;
    } else {
      out.println(line);
    }
    out.flush();
    if (done == size) {
      finishLine();
    }
  }

  private String line(String name, long done, long size, double seconds) {
    double speed = (done - first) / seconds;
    String left =
        done == size || !(speed > 0) ? "" : ", " + duration((size - done) / speed) + " left";
    return String.format(
        Locale.ROOT,
        "%s: %d %% of %s, %.1f MB/s%s",
        name,
        100 * done / size,
        megabytes(size),
        seconds > 0 ? speed / 1e6 : 0,
        left);
  }

  /** Ends the line that changes, where there is one. */
  synchronized void finishLine() {
    if (open) {
      out.println();
      open = false;
    }
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6);
  }

  private static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 60 ? s + " s" : "%d min %02d s".formatted(s / 60, s % 60);
  }
}
