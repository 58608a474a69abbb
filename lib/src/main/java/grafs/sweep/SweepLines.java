package grafs.sweep;

import grafs.train.Progress;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Prints a sweep's progress: a line for every trial that ends, a red line for every attempt that
 * fails, and the state of the sweep, as the last line of a terminal or else as one line per minute.
 */
final class SweepLines implements Consumer<Report> {

  private static final long MINUTE = 60_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final Set<List<Object>> said = new HashSet<>();
  private long last = System.nanoTime();

  /**
   * Prints to a stream.
   *
   * @param out the stream
   * @param terminal whether it is a terminal, with colours and lines that can be replaced
   */
  public SweepLines(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void accept(Report report) {
    // A report has the latest trial first; the printed lines have it last.
    List<TrialStatus> rows = report.begun();
    int loaded = 0;
    for (int i = rows.size() - 1; i >= 0; i--) {
      TrialStatus row = rows.get(i);
      boolean waits = row.state() == TrialStatus.State.WAITING;
      boolean ended = waits || row.over();
      if (ended && said.add(List.of(row.trial(), row.attempts(), row.state()))) {
        if (waits) {
          print(true, "attempt %d failed: %s".formatted(row.attempts(), text(row)));
        } else if (row.attempts() == 0 && !row.red()) {
          loaded++;
        } else {
          print(row.red(), text(row));
        }
      }
    }
    if (loaded > 0) {
      print(false, loaded + (loaded == 1 ? " trial is" : " trials are") + " complete already");
    }
    status(report);
  }

  private static String text(TrialStatus row) {
    return row.red() || row.state() == TrialStatus.State.WAITING
        ? "%s: %s: %s".formatted(row.trial().title(), Report.word(row.state()), row.message())
        : String.format(
            Locale.ROOT,
            "%s: %s in %s",
            row.trial().title(),
            row.result(),
            Progress.duration(row.seconds()));
  }

  private void print(boolean red, String text) {
    String begin = terminal ? red ? "\r\u001b[K\u001b[31m" : "\r\u001b[K" : "";
    out.println(begin + text + (terminal && red ? "\u001b[0m" : ""));
  }

  private void status(Report report) {
    boolean over = report.rows().stream().allMatch(TrialStatus::over);
    if (terminal) {
      out.print("\r\u001b[K" + (over ? "" : report.line()));
    } else if (!over && System.nanoTime() - last > MINUTE) {
      out.println(report.line());
      last = System.nanoTime();
    }
    out.flush();
  }
}
