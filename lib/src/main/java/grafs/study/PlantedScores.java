package grafs.study;

import grafs.run.Ablation.Method;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What the runs of one method come to.
 *
 * @param gainShare the mean share of the teachers' gain, over runs in which the teacher's error is
 *     at most 0.8 of the default's; NaN without any
 * @param deviation the standard deviation of the runs' shares
 * @param worst the largest r, error found over error with the default
 * @param keptShare the share of runs with r ≤ 1.05
 * @param recovered the share of seeds in which the found function comes within 0.05 of the
 *     teacher's after the best scaling, of sin, tanh and e^(−x²) that with the fewest; NaN where
 *     none of these is a teacher
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
   * Sums runs up.
   *
   * @param runs of one method, at least one
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
   * @param runs of any methods
   * @return a row for each method: scores, and the mean passes and seconds of a search
   */
  public static Table methods(List<PlantedRun> runs) {
    Table table =
        Table.create(
            StringColumn.create("Method"),
            LongColumn.create("Searches"),
            DoubleColumn.create("Share of gain"),
            DoubleColumn.create("± std"),
            DoubleColumn.create("Worst r"),
            DoubleColumn.create("r ≤ 1.05"),
            DoubleColumn.create("Recovered"),
            DoubleColumn.create("Passes"),
            DoubleColumn.create("Seconds"));
    for (Method method : Method.values()) {
      List<PlantedRun> own = runs.stream().filter(run -> run.method() == method).toList();
      if (!own.isEmpty()) {
        PlantedScores scores = of(own);
        table.stringColumn(0).append(method.title());
        table.longColumn(1).append(own.size());
        double[] numbers = {
          scores.gainShare,
          scores.deviation,
          scores.worst,
          scores.keptShare,
          scores.recovered,
          mean(own, PlantedRun::passes),
          scores.seconds
        };
        append(table, 2, numbers);
      }
    }
    return table;
  }

  /**
   * Shows teachers.
   *
   * @param runs of one method
   * @return a row for each teacher: geometric means of r with the function found and with the
   *     teacher's own, the worst r, the mean share of gain, the median distance, and what was found
   *     with the first seed
   */
  public static Table teachers(List<PlantedRun> runs) {
    Table table =
        Table.create(
            StringColumn.create("Teacher"),
            LongColumn.create("Searches"),
            DoubleColumn.create("r of f*"),
            DoubleColumn.create("r found"),
            DoubleColumn.create("Worst r"),
            DoubleColumn.create("Share of gain"),
            DoubleColumn.create("Median distance"),
            StringColumn.create("Found"));
    for (Teacher teacher : Teacher.values()) {
      List<PlantedRun> own = runs.stream().filter(run -> run.teacher() == teacher).toList();
      if (!own.isEmpty()) {
        table.stringColumn(0).append(teacher.toString());
        table.longColumn(1).append(own.size());
        double[] distances = own.stream().mapToDouble(PlantedRun::distance).sorted().toArray();
        append(
            table,
            2,
            Math.exp(mean(own, run -> Math.log(run.teacherRatio()))),
            Math.exp(mean(own, run -> Math.log(run.ratio()))),
            of(own).worst,
            of(own).gainShare,
            distances[distances.length / 2]);
        table.stringColumn(7).append(own.get(0).named());
      }
    }
    return table;
  }

  private static void append(Table table, int first, double... numbers) {
    for (int i = 0; i < numbers.length; i++) {
      // A number that there is not shows as an empty cell.
      double rounded = Math.round(1000 * numbers[i]) / 1000.0;
      table.doubleColumn(first + i).append(Double.isFinite(numbers[i]) ? rounded : numbers[i]);
    }
  }
}
