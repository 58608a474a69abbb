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
 * The scores of one method's runs.
 *
 * @param gainShare the mean share of the teachers' gain, over runs in which the teacher's error is
 *     at most 0.8 of the default's; NaN without any
 * @param deviation the standard deviation of the runs' shares
 * @param worst the largest r, error found over error with the default
 * @param keptShare the share of runs with r ≤ 1.05
 * @param recovered the share of seeds in which the found function comes within 0.05 of the
 *     teacher's after the best scaling, the lowest one of the teachers sin, tanh and e^(−x²); NaN
 *     if there are runs of none of them
 * @param seconds the mean time of a search
 */
public record PlantedScores(
    double gainShare,
    double deviation,
    double worst,
    double keptShare,
    double recovered,
    double seconds) {

  private static final Set<Teacher> TO_RECOVER =
      EnumSet.of(Teacher.SIN, Teacher.TANH, Teacher.GAUSS);

  private static final double NEAR = 0.05;
  private static final double KEPT = 1.05;

  /**
   * Computes the scores.
   *
   * @param runs the runs of one method, at least one
   * @return the scores
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
        recovered,
        mean(runs, PlantedRun::seconds));
  }

  private static double mean(List<PlantedRun> runs, ToDoubleFunction<PlantedRun> number) {
    return runs.stream().mapToDouble(number).average().orElse(Double.NaN);
  }

  /**
   * Compares methods.
   *
   * @param runs the runs of any methods
   * @return a row for each method: scores, and the mean passes and seconds of a search
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
        Tables.numbers("Seconds", groups, 3, own -> of(own).seconds));
  }

  /**
   * Summarises runs by teacher.
   *
   * @param runs the runs of one method
   * @return a row for each teacher: geometric means of r with the function found and with the
   *     teacher's own, the worst r, the mean share of gain, the median distance, and what was found
   *     with the first seed
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
        Tables.texts("Found", groups, own -> own.get(0).named()));
  }

  /**
   * Compares a method with the others, in pairs of the same teacher, space, depth and seed.
   * Searches for one teacher are alike, so their mean is one observation: intervals and p-values
   * are over teachers, and say what to expect for others.
   *
   * @param runs the runs of any methods
   * @param method the one that is compared
   * @return a row for each other method that has runs: the pairs, the teachers, the geometric mean
   *     of this method's test errors over the other's with its 95 % interval, below 1 if this one
   *     is better, and the two-sided p-value of the logarithms' paired test, corrected after Holm
   *     for all rows
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
        Tables.numbers("from", compared, 3, c -> Math.exp(-c.upper())),
        Tables.numbers("to", compared, 3, c -> Math.exp(-c.lower())),
        corrected);
  }

  private static List<Object> pair(PlantedRun run) {
    return List.of(run.teacher(), run.variant(), run.seed());
  }

  /** For each teacher the mean −log r: more is better; −∞ where all trainings of one diverged. */
  private static Map<Teacher, Double> byTeacher(
      List<PlantedRun> runs, UnaryOperator<PlantedRun> which) {
    return runs.stream()
        .collect(
            Collectors.groupingBy(
                PlantedRun::teacher,
                TreeMap::new,
                Collectors.averagingDouble(run -> -Math.log(which.apply(run).ratio()))));
  }

  private static <K extends Comparable<K>> List<List<PlantedRun>> groups(
      List<PlantedRun> runs, Function<PlantedRun, K> key) {
    return Tables.groups(runs.stream().sorted(Comparator.comparing(key)).toList(), key);
  }

  private static LongColumn searches(List<List<PlantedRun>> groups) {
    return LongColumn.create("Searches", groups.stream().mapToLong(List::size).toArray());
  }
}
