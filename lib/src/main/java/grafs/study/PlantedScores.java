package grafs.study;

import grafs.notebook.Tables;
import grafs.run.Comparison;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/**
 * The scores of one search method over its searches for planted activations ({@link PlantedRun}),
 * and tables that compare methods. A teacher is a network that computes the targets of a
 * regression; its activation is called planted, and a search should find it. r of an activation is
 * the test error of a network that was trained with it, divided by the test error of the same
 * network trained with the default activation, ReLU.
 *
 * @param gainShare the mean share that the found functions have of the gain of the teacher's
 *     activation over the default ({@link PlantedRun#gainShare}), over the runs in which the r of
 *     the teacher's activation is at most 0.8; NaN without such a run
 * @param deviation the standard deviation of these shares; NaN with fewer than two such runs
 * @param worst the largest r of a found function
 * @param keptShare the share of runs in which the r of the found function is at most 1.05
 * @param recovered the share of runs whose found function is at a distance of at most 0.05 from the
 *     teacher's activation (0 to 1, {@link PlantedRun#distance}). The share is computed for each of
 *     the teachers sin, tanh and e^(−x²), and the lowest of the three shares is taken; NaN without
 *     a run of any of them
 */
public record PlantedScores(
    double gainShare, double deviation, double worst, double keptShare, double recovered) {

  /** The teachers that count for {@code recovered}. */
  private static final Set<Teacher> TO_RECOVER =
      EnumSet.of(Teacher.SIN, Teacher.TANH, Teacher.GAUSS);

  /** The largest distance at which a teacher's activation counts as recovered. */
  private static final double NEAR = 0.05;

  /** The largest r at which a found function counts as not worse than the default. */
  private static final double KEPT = 1.05;

  /**
   * Computes the scores.
   *
   * @param runs the runs of one method, at least one
   * @return the scores
   * @throws java.util.NoSuchElementException if there is no run
   */
  public static PlantedScores of(List<PlantedRun> runs) {
    double[] shares =
        runs.stream()
            .mapToDouble(PlantedRun::gainShare)
            .filter(share -> !Double.isNaN(share))
            .toArray();
    double recovered =
        TO_RECOVER.stream()
            .map(teacher -> runs.stream().filter(run -> run.teacher() == teacher).toList())
            .filter(own -> !own.isEmpty())
            .mapToDouble(own -> mean(own, run -> run.distance() <= NEAR ? 1 : 0))
            .min()
            .orElse(Double.NaN);
    return new PlantedScores(
        DoubleStream.of(shares).average().orElse(Double.NaN),
        shares.length > 1 ? MathEx.sd(shares) : Double.NaN,
        runs.stream().mapToDouble(PlantedRun::ratio).max().orElseThrow(),
        mean(runs, run -> run.ratio() <= KEPT ? 1 : 0),
        recovered);
  }

  private static double mean(List<PlantedRun> runs, ToDoubleFunction<PlantedRun> number) {
    return runs.stream().mapToDouble(number).average().orElse(Double.NaN);
  }

  /**
   * Makes a table of methods.
   *
   * @param runs runs of one or more methods
   * @return a row for each method: the number of searches, the scores, and the mean number of
   *     forward and backward passes and of seconds of a search
   */
  public static Table methods(List<PlantedRun> runs) {
    List<List<PlantedRun>> groups = groups(runs, PlantedRun::method);
    return Table.create(
        Tables.texts("Method", groups, own -> own.get(0).method().title()),
        searches(groups),
        Tables.numbers("Share of gain", groups, 3, own -> of(own).gainShare),
        Tables.numbers("± std", groups, 3, own -> of(own).deviation),
        Tables.numbers("Worst r", groups, 3, own -> of(own).worst),
        Tables.numbers("r ≤ 1.05", groups, 3, own -> of(own).keptShare),
        Tables.numbers("Recovered", groups, 3, own -> of(own).recovered),
        Tables.numbers("Passes", groups, 3, own -> mean(own, PlantedRun::passes)),
        Tables.numbers("Seconds", groups, 3, own -> mean(own, PlantedRun::seconds)));
  }

  /**
   * Makes a table of teachers.
   *
   * @param runs the runs of one method
   * @return a row for each teacher: the number of searches; the geometric mean of r with the
   *     teacher's activation (f*) and with the found functions; the worst r of a found function;
   *     the mean share of the gain; the median distance of the found functions from the teacher's
   *     activation; and the known activation that is nearest to the found function of the teacher's
   *     first run in the list
   */
  public static Table teachers(List<PlantedRun> runs) {
    List<List<PlantedRun>> groups = groups(runs, PlantedRun::teacher);
    return Table.create(
        Tables.texts("Teacher", groups, own -> own.get(0).teacher().toString()),
        searches(groups),
        Tables.numbers(
            "r of f*", groups, 3, own -> Math.exp(mean(own, run -> Math.log(run.teacherRatio())))),
        Tables.numbers(
            "r found", groups, 3, own -> Math.exp(mean(own, run -> Math.log(run.ratio())))),
        Tables.numbers("Worst r", groups, 3, own -> of(own).worst),
        Tables.numbers("Share of gain", groups, 3, own -> of(own).gainShare),
        Tables.numbers(
            "Median distance",
            groups,
            3,
            own -> Comparison.median(own.stream().mapToDouble(PlantedRun::distance))),
        Tables.texts("First found", groups, own -> own.get(0).named()));
  }

  /**
   * Compares a method with each other method, in pairs of runs with the same teacher, variant
   * (search space and depth of the networks) and seed. Runs with the same teacher are not
   * independent, so the mean over a teacher's runs is one observation. Intervals and p-values are
   * computed from these means, so they say what to expect with other teachers.
   *
   * @param runs runs of several methods
   * @param method the method that is compared
   * @return a row for each other method that has such pairs: the number of pairs and of teachers;
   *     the geometric mean over teachers of the method's test error divided by the other's, below 1
   *     if the method is better, with the ends of its 95 % interval; and the two-sided p-value of
   *     the paired test of the errors' logarithms, corrected for the number of rows by Holm's
   *     procedure
   * @throws IllegalStateException if the method has two runs with the same teacher, variant and
   *     seed
   */
  public static Table comparisons(List<PlantedRun> runs, Method method) {
    Map<List<Object>, PlantedRun> own =
        runs.stream()
            .filter(run -> run.method() == method)
            .collect(Collectors.toMap(PlantedScores::pair, run -> run));
    List<List<PlantedRun>> others =
        groups(
            runs.stream()
                .filter(run -> run.method() != method && own.containsKey(pair(run)))
                .toList(),
            PlantedRun::method);
    List<Comparison> compared =
        others.stream()
            .map(
                other ->
                    Comparison.of(
                        byTeacher(other, run -> own.get(pair(run))), byTeacher(other, run -> run)))
            .toList();
    double[] p = Comparison.holm(compared.stream().mapToDouble(Comparison::p).toArray());
    DoubleColumn corrected = DoubleColumn.create("p, corrected", p);
    corrected.setPrintFormatter(NumberColumnFormatter.fixedWithGrouping(4));
    return Table.create(
        Tables.texts("Against", others, other -> other.get(0).method().title()),
        LongColumn.create("Pairs", others.stream().mapToLong(List::size).toArray()),
        LongColumn.create("Teachers", compared.stream().mapToLong(Comparison::pairs).toArray()),
        Tables.numbers("Errors' ratio", compared, 3, c -> Math.exp(-c.gain())),
        Tables.numbers("95 % from", compared, 3, c -> Math.exp(-c.upper())),
        Tables.numbers("95 % to", compared, 3, c -> Math.exp(-c.lower())),
        corrected);
  }

  /** {@return what the two runs of a pair have in common} */
  private static List<Object> pair(PlantedRun run) {
    return List.of(run.teacher(), run.variant(), run.seed());
  }

  /**
   * {@return for each teacher the mean of −log r over its runs, so that more is better; −∞ if, for
   * one of the found functions, all trainings diverged}
   *
   * @param runs runs of one method
   * @param which maps each of these runs to the run whose r is taken: the run itself, or the other
   *     run of its pair
   */
  private static Map<Teacher, Double> byTeacher(
      List<PlantedRun> runs, UnaryOperator<PlantedRun> which) {
    return runs.stream()
        .collect(
            Collectors.groupingBy(
                PlantedRun::teacher,
                TreeMap::new,
                Collectors.averagingDouble(run -> -Math.log(which.apply(run).ratio()))));
  }

  /** {@return the runs grouped by a key, in the order of keys} */
  private static <K extends Comparable<K>> List<List<PlantedRun>> groups(
      List<PlantedRun> runs, Function<PlantedRun, K> key) {
    return Tables.groups(runs.stream().sorted(Comparator.comparing(key)).toList(), key);
  }

  private static LongColumn searches(List<List<PlantedRun>> groups) {
    return LongColumn.create("Searches", groups.stream().mapToLong(List::size).toArray());
  }
}
