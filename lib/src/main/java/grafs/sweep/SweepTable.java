package grafs.sweep;

import grafs.notebook.Show;
import java.util.List;
import java.util.function.Consumer;

/**
 * Shows the progress of a {@link Sweep} in the output of a notebook cell. A sweep runs many
 * searches and trainings, called trials; the table has a row for each trial that has started or
 * ended. Each report replaces the table. Failed and diverged trials are in red, in the first rows.
 */
public final class SweepTable implements Consumer<Report> {

  private final Show.Live display = Show.live();

  @Override
  public void accept(Report report) {
    List<TrialStatus> rows = report.begun();
    display.update(report.table(), row -> rows.get(row).red(), report.line());
  }
}
