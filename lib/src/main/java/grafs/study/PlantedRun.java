package grafs.study;

import grafs.cell.Expression;
import grafs.cell.Nearness;
import java.util.Locale;

/**
 * The result of one search for a planted activation. The data are a small regression. A random
 * network, the teacher, computes the targets with an activation, which is called planted. A search
 * in networks of the same shape, the students, should find this activation. The students' default
 * activation is ReLU. To judge the found function, students were trained from scratch with it, with
 * the default and with the teacher's activation, each at its own best learning rate. An error here
 * is the mean squared error of such a student on test points. r of an activation is the error with
 * this activation divided by the error with the default.
 *
 * @param method the search method
 * @param teacher the teacher whose activation was to be found
 * @param variant the search space and the depth of the networks
 * @param seed the seed of the teacher, the search and the trainings
 * @param found the found function, as {@link Expression#parse} reads it
 * @param seconds the time of the search
 * @param passes the number of forward and backward passes in the search, each of one batch
 * @param error the error with the found function; infinite if all trainings diverged
 * @param defaultError the error with the default activation
 * @param teacherError the error with the teacher's own activation
 * @param nearness how near the teacher's activation comes to the found function, after the best
 *     scaling of the teacher's activation and its argument and the best shift of its values. Both
 *     are compared at pre-activations (arguments of the activation) of the student with the found
 *     function. Null if all trainings with the found function diverged
 * @param named the known activation that is nearest to the found function, such as {@code ReLU
 *     within 0.01}; {@code constant} if the found function is constant at the pre-activations;
 *     {@code diverged} if all trainings with it diverged
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

  /** The largest {@link #teacherRatio} for which {@link #gainShare} is defined. */
  public static final double GAIN = 0.8;

  /**
   * {@return r of the found function, its error divided by the default's; below 1, the found
   * function is better}
   */
  public double ratio() {
    return error / defaultError;
  }

  /** {@return r of the teacher's own activation, its error divided by the default's} */
  public double teacherRatio() {
    return teacherError / defaultError;
  }

  /**
   * {@return the distance of the found function from the teacher's activation, 0 to 1, as {@link
   * Nearness} defines it; 1 if it is not known}
   */
  public double distance() {
    return nearness == null || Double.isNaN(nearness.distance()) ? 1 : nearness.distance();
  }

  /**
   * {@return the share that the found function has of the gain of the teacher's activation over the
   * default: log(r found)/log(r teacher), limited to −1 and 1. The default has 0, the teacher's
   * activation 1. NaN if the teacher's r is above {@link #GAIN}}
   */
  public double gainShare() {
    return teacherRatio() > GAIN
        ? Double.NaN
        : Math.max(-1, Math.min(1, Math.log(ratio()) / Math.log(teacherRatio())));
  }

  /**
   * {@return the run as one line of text: teacher, variant, seed and method; the found function and
   * the known activation nearest to it; r of the found function and r of the teacher's activation;
   * the seconds of the search}
   */
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
