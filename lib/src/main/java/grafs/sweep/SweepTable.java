package grafs.sweep;

import grafs.notebook.Show;
import java.util.List;
import java.util.function.Consumer;

/**
 * Shows the progress of a sweep in the output of a notebook cell, as a table of the trials that
 * have started or ended. Each report replaces the table. Failed and diverged trials are at its top,
 * in red.
 */
public final class SweepTable implements Consumer<Report> {

  private final Show.Live display = Show.live();

  @Override
  public void accept(Report report) {
    List<TrialStatus> rows = report.begun();
    display.update(report.table(), row -> rows.get(row).red(), report.line());
  }
}
