package grafs.notebook;

import grafs.train.Progress;
import java.util.Locale;

/**
 * Shows the progress of a search or a training in the output of a notebook's cell: a progress bar,
 * the number of steps, the loss and accuracy of the current epoch so far, and the time left. Each
 * report replaces the one before. Outside of a Jupyter kernel, the program that executes a
 * notebook's code, each report is a printed line.
 */
public final class ProgressLine implements Progress.Listener {

  /**
   * The least time between two displayed reports, in nanoseconds. The report of the last step is
   * always shown.
   */
  private static final long INTERVAL = 1_000_000_000;

  private final Show.Live display = Show.live();
  private long last;

  /**
   * Creates the display, which shows nothing until the first report. Also makes the kernel render
   * the value of a cell's last expression as {@link Show} does.
   */
  public ProgressLine() {
    Show.values();
  }

  @Override
  public void note(String text) {
    System.out.println(text);
  }

  @Override
  public void progress(Progress progress) {
    long now = System.nanoTime();
    if (now - last < INTERVAL && progress.done() < progress.total()) {
      return;
    }
    last = now;
    String text = text(progress);
    display.update(html(progress, text), text);
  }

  private static String text(Progress progress) {
    String state =
        progress.done() == progress.total()
            ? "done in " + Progress.duration(progress.seconds())
            : Progress.duration(progress.secondsLeft()) + " left";
    double accuracy = progress.score().accuracy();
    // A regression has no accuracy.
    String percent =
        Double.isNaN(accuracy)
            ? ""
            : String.format(Locale.ROOT, ", accuracy %.1f %%", 100 * accuracy);
    return String.format(
        Locale.ROOT,
        "%s: %d/%d steps, loss %.3f%s, %s",
        progress.task(),
        progress.done(),
        progress.total(),
        progress.score().loss(),
        percent,
        state);
  }

  static String html(Progress progress, String text) {
    return "<progress max=\"%d\" value=\"%d\" style=\"width:30%%;vertical-align:middle\"></progress> %s"
        .formatted(progress.total(), progress.done(), Svg.escape(text));
  }
}
