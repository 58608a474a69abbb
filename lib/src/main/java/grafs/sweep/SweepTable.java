package grafs.sweep;

import grafs.notebook.Show;
import java.util.List;
import java.util.function.Consumer;

/**
 * Shows a sweep in a notebook cell's output: a table that grows, with failed and diverged trials in
 * red at its top.
 */
public final class SweepTable implements Consumer<Report> {

  private final Show.Live display = Show.live();

  @Override
  public void accept(Report report) {
    List<TrialStatus> rows = report.begun();
    display.update(report.table(), row -> rows.get(row).red(), report.line());
  }
}
