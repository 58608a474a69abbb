package grafs.study;

import grafs.cell.Expression;
import grafs.cell.Nearness;
import java.util.Locale;

/**
 * The function that a search found for a teacher, and its quality: mean squared errors on test
 * points of networks that were trained from scratch, each at its own best learning rate.
 *
 * @param method the search method
 * @param teacher the teacher whose activation was to be found
 * @param variant the search space and the depth of the networks
 * @param seed the seed of the teacher, the search and the trainings
 * @param found the function
 * @param seconds the time that the search took
 * @param passes the number of forward and backward passes of a batch in the search
 * @param error the error with the function found; infinite if all trainings diverged
 * @param defaultError the error with the default
 * @param teacherError the error with the teacher's own activation
 * @param nearness how near the teacher's activation comes to the function found after the best
 *     scaling, over the pre-activations seen; null where all trainings diverged
 * @param named the known activation that it comes nearest to, such as {@code ReLU within 0.01}
 */
public record PlantedRun(
    Method method,
    Teacher teacher,
    PlantedSuite.Variant variant,
    long seed,
    String found,
    double seconds,
    long passes,
    double error,
    double defaultError,
    double teacherError,
    Nearness nearness,
    String named) {

  /** Above this ratio of errors, a teacher's activation gains too little for {@link #gainShare}. */
  public static final double GAIN = 0.8;

  /**
   * {@return r, the test error with the function found divided by that with the default activation;
   * below 1 what was found is better}
   */
  public double ratio() {
    return error / defaultError;
  }

  /** {@return r of the teacher: the error with its own activation over that with the default} */
  public double teacherRatio() {
    return teacherError / defaultError;
  }

  /** {@return the distance to the teacher's activation, 0 to 1; 1 where there is none} */
  public double distance() {
    return nearness == null || Double.isNaN(nearness.distance()) ? 1 : nearness.distance();
  }

  /**
   * {@return the share of the teacher's gain, log(default/found)/log(default/teacher), from −1 to
   * 1: 0 of the default, 1 of the teacher's activation or of what happens to train better; NaN
   * where the teacher gains less than a fifth of the error}
   */
  public double gainShare() {
    return teacherRatio() > GAIN
        ? Double.NaN
        : Math.max(-1, Math.min(1, Math.log(ratio()) / Math.log(teacherRatio())));
  }

  /** {@return one line} */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%s, %s, seed %d, %s: %s (%s), r %.3f of %.3f, %.1f s",
        teacher,
        variant,
        seed,
        method.title(),
        Expression.parse(found).text(),
        named,
        ratio(),
        teacherRatio(),
        seconds);
  }
}
