package grafs.sweep;

import grafs.train.Progress;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Prints the progress of a {@link Sweep}, a list of searches and trainings called trials:
 *
 * <ul>
 *   <li>a line for each trial that has ended, in red if it failed or diverged;
 *   <li>a red line for each failed attempt that will be repeated;
 *   <li>a line with the number of trials that were complete before the sweep;
 *   <li>the progress of the whole sweep: on a terminal as the last line, which each report
 *       overwrites, otherwise as a new line once a minute.
 * </ul>
 *
 * <p>Only a terminal shows colours.
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
   * @param terminal whether the stream is a terminal, which has colours and whose last line can be
   *     overwritten
   */
  public SweepLines(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void accept(Report report) {
    // In reverse order: of the trials in one state, a report has the one that changed last first,
    // but it should be printed last.
    List<TrialStatus> rows = report.begun();
    int loaded = 0;
    for (int i = rows.size() - 1; i >= 0; i--) {
      TrialStatus row = rows.get(i);
      boolean waits = row.state() == TrialStatus.State.WAITING;
      boolean ended = waits || row.over();
      if (ended && said.add(List.of(row.trial(), row.attempts(), row.state()))) {
        if (row.attempts() == 0 && !row.red()) {
          loaded++;
        } else {
          print(waits || row.red(), text(row));
        }
      }
    }
    if (loaded > 0) {
      print(false, loaded + (loaded == 1 ? " trial is" : " trials are") + " complete already");
    }
    status(report);
  }

  private static String text(TrialStatus row) {
    String title = row.trial().title();
    return switch (row.state()) {
      case COMPLETE ->
          "%s: %s in %s".formatted(title, row.result(), Progress.duration(row.seconds()));
      case WAITING -> "%s: attempt %d failed: %s".formatted(title, row.attempts(), row.message());
      default -> "%s: %s: %s".formatted(title, Report.word(row.state()), row.message());
    };
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
