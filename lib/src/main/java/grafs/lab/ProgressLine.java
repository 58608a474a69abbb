package grafs.lab;

import grafs.train.Progress;
import java.util.Locale;

/**
 * Shows progress in the cell's output: a bar, the score so far and the time left, replaced in
 * place.
 */
public final class ProgressLine implements Progress.Listener {

  private static final long INTERVAL = 1_000_000_000;

  private final Show.Live display = Show.live();
  private long last;

  @Override
  public void progress(Progress progress) {
    long now = System.nanoTime();
    boolean finished = progress.done() == progress.total();
    if (now - last < INTERVAL && !finished) {
      return;
    }
    last = now;
    String state =
        finished
            ? "done in " + duration(progress.seconds())
            : duration(progress.secondsLeft()) + " left";
    String text =
        String.format(
            Locale.ROOT,
            "%s: %d/%d steps, loss %.3f%s, %s",
            progress.task(),
            progress.done(),
            progress.total(),
            progress.score().loss(),
            accuracy(progress.score().accuracy()),
            state);
    display.update(
        "<progress max=\"%d\" value=\"%d\" style=\"width:30%%;vertical-align:middle\"></progress> %s"
            .formatted(progress.total(), progress.done(), text),
        text);
  }

  /** A regression has none. */
  private static String accuracy(double accuracy) {
    return Double.isNaN(accuracy)
        ? ""
        : String.format(Locale.ROOT, ", accuracy %.1f %%", 100 * accuracy);
  }

  /**
   * Writes a time for people.
   *
   * @param seconds the time
   * @return such as {@code 2 min 05 s}
   */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    return s < 60
        ? s + " s"
        : s < 3600
            ? "%d min %02d s".formatted(s / 60, s % 60)
            : "%d h %02d min".formatted(s / 3600, s / 60 % 60);
  }
}
