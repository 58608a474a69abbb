package grafs.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.Expression;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.study.PlantedSuite.Variant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import smile.math.MathEx;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.Table;

/**
 * Tests searches for planted activations. An activation is planted if a random network, the
 * teacher, computed the targets of a regression with it; a search should find it. {@link
 * PlantedSuite} keeps finished searches and trainings in a file, {@link PlantedTask} runs them, and
 * {@link PlantedScores} scores search methods. The networks' default activation is ReLU.
 */
class PlantedSuiteTest {

  private static PlantedSuite smoke(Path folder) {
    return PlantedSuite.at("smoke", folder.resolve("runs.jsonl"));
  }

  /**
   * Finished searches and trainings are read from the file and not run again, even if the file ends
   * within a line or within the bytes of a character, as after a process was killed.
   */
  @Test
  void finishedRunsAreKept(@TempDir Path folder) throws IOException {
    PlantedSuite suite = smoke(folder);
    PlantedRun first = suite.run(Method.FULL, Teacher.SIN, Variant.WIDE, 1);
    // One line is the search. The others are trainings: with the default, with the teacher's
    // activation, and with the found function unless it is one of the two.
    long once = lines(suite);
    assertTrue(once == 3 || once == 4, once + " lines");
    byte[] half = "{\"failure\":\"α".getBytes(StandardCharsets.UTF_8);
    Files.write(suite.file(), Arrays.copyOf(half, half.length - 1), StandardOpenOption.APPEND);
    assertEquals(first, suite.run(Method.FULL, Teacher.SIN, Variant.WIDE, 1));
    assertEquals(first, suite.kept(job(1), suite.lines()).orElseThrow());
    assertTrue(suite.kept(job(2), suite.lines()).isEmpty());
    // Another method adds its search, and a training only if it found another function.
    suite.run(Method.RANDOM, Teacher.SIN, Variant.WIDE, 1);
    long more = lines(suite) - once;
    assertTrue(more == 1 || more == 2, more + " lines more");
    assertEquals(1, PlantedScores.teachers(List.of(first)).rowCount());
  }

  @Test
  void optionsThatCannotBeAreNamed() {
    Map<String, String> options = Map.of("--scale", "smoke", "--verification", "on");
    String said =
        assertThrows(IllegalArgumentException.class, () -> new SearchBench(options)).getMessage();
    assertEquals("the option --folder is missing", said);
    Map<String, String> none = new HashMap<>(options);
    none.put("--folder", "anywhere");
    none.put("--processes", "1");
    none.put("--methods", "full,darts");
    none.put("--variants", "wide");
    none.put("--teachers", "all");
    none.put("--seeds", "405-401");
    assertRefused(none, "these options leave no search");
    none.put("--seeds", "401-405");
    none.put("--methods", "full,magic");
    assertRefused(none, "there is no method 'magic'; there are [none, full, no_warm_start");
    none.put("--methods", "full");
    none.put("--teachers", "tanh,x4");
    assertRefused(none, "there is no teacher 'x4'; there are [relu, leaky_relu");
  }

  private static void assertRefused(Map<String, String> options, String why) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> new SearchBench(options)).getMessage();
    assertTrue(said.startsWith(why), said);
  }

  /**
   * Verification trains networks from scratch with the functions that a search suggests, to choose
   * between them and the default. The method without it has the same settings in a suite with
   * verification and in a suite without, so a search that the one suite kept is found by the other.
   * In the suite without verification, the full method finds the same function.
   */
  @Test
  void theMethodWithoutVerificationIsTheFullMethodOfTheUnverifiedSuite(@TempDir Path folder) {
    PlantedSuite suite = smoke(folder);
    PlantedSuite unverified = suite.unverified();
    PlantedRun run = suite.run(Method.UNVERIFIED, Teacher.SIN, Variant.WIDE, 1);
    PlantedSuite.Job job = new PlantedSuite.Job(Method.UNVERIFIED, Teacher.SIN, Variant.WIDE, 1);
    assertEquals(run, unverified.kept(job, unverified.lines()).orElseThrow());
    PlantedRun full = unverified.run(Method.FULL, Teacher.SIN, Variant.WIDE, 1);
    assertEquals(run.found(), full.found());
    assertEquals(run.passes(), full.passes());
  }

  private static PlantedSuite.Job job(long seed) {
    return new PlantedSuite.Job(Method.FULL, Teacher.SIN, Variant.WIDE, seed);
  }

  /** {@return the number of complete lines of the suite's file} */
  private static long lines(PlantedSuite suite) throws IOException {
    String text = new String(Files.readAllBytes(suite.file()), StandardCharsets.UTF_8);
    return text.lines().filter(line -> line.endsWith("}")).count();
  }

  @Test
  void aFileNeedsNoFolder() throws IOException {
    Path file = Path.of("runs-of-a-test.jsonl");
    try {
      PlantedRun run =
          PlantedSuite.at("smoke", file).run(Method.NONE, Teacher.RELU, Variant.WIDE, 1);
      assertEquals(1, run.ratio());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * A function whose values are those of the default or of the teacher's activation is replaced by
   * this activation. A training that is repeated has the same error, to the bit.
   */
  @Test
  void whatIsEqualInValueIsTrainedTheSame() {
    PlantedTask task = new PlantedTask(Teacher.X2, 1, 1, PlantedSuite.at("smoke", null).sizes());
    assertEquals(PlantedTask.DEFAULT, task.recognised(Expression.parse("max(max0(x), min0(x))")));
    assertEquals(
        Teacher.X2.function(), task.recognised(Expression.parse("multiply(x, identity(x))")));
    assertEquals(task.train(PlantedTask.DEFAULT).error(), task.train(PlantedTask.DEFAULT).error());
  }

  /**
   * The learning rate is chosen by the error on held-out points. If it were chosen on the test
   * points, the reported error, which is that on the test points, would be too low.
   */
  @Test
  void theLearningRateIsNotChosenOnTheTestPoints() {
    PlantedTask task = new PlantedTask(Teacher.SIN, 1, 1, PlantedSuite.at("smoke", null).sizes());
    PlantedTask.Trained trained = task.train(Teacher.SIN.function());
    assertNotEquals(trained.held(), trained.error());
  }

  @Test
  void scoresAreWhatTheySay() {
    PlantedRun half = run(Teacher.TANH, 0.1, 1.0, 0.01, 0.2);
    PlantedRun all = run(Teacher.SIN, 0.01, 1.0, 0.01, 0.01);
    PlantedRun noGain = run(Teacher.RELU, 1.2, 1.0, 1.0, 0.5);
    assertEquals(0.5, half.gainShare(), 1e-9);
    assertEquals(1, run(Teacher.TANH, 1e-3, 1.0, 0.01, 0.2).gainShare());
    PlantedScores scores = PlantedScores.of(List.of(half, all, noGain));
    assertEquals(0.75, scores.gainShare(), 1e-9);
    assertEquals(1.2, scores.worst(), 1e-9);
    assertEquals(2.0 / 3, scores.keptShare(), 1e-9);
    assertEquals(0, scores.recovered(), 1e-9);
    // A teacher's row names only the function that the teacher's first run found; the column's
    // title says so.
    assertTrue(PlantedScores.teachers(List.of(half, all)).containsColumn("First found"));
  }

  /**
   * Runs are paired by teacher and seed, in any order; a run without partner is left out. The mean
   * over the seeds of a teacher is one observation.
   */
  @Test
  void methodsAreComparedInPairs() {
    List<PlantedRun> runs =
        List.of(
            run(Method.RANDOM, Teacher.SIN, 1, 0.8),
            run(Method.RANDOM, Teacher.TANH, 1, 0.9),
            run(Method.RANDOM, Teacher.TANH, 2, 0.4),
            run(Method.RANDOM, Teacher.TANH, 3, 0.1),
            run(Method.EVOLUTION, Teacher.SIN, 1, 0.2),
            run(Method.EVOLUTION, Teacher.TANH, 1, 0.6),
            run(Method.FULL, Teacher.TANH, 1, 0.6),
            run(Method.FULL, Teacher.TANH, 2, 0.1),
            run(Method.FULL, Teacher.SIN, 1, 0.4));
    Table table = PlantedScores.comparisons(runs, Method.FULL);
    assertEquals(
        List.of("random search", "regularised evolution"), table.stringColumn("Against").asList());
    assertEquals(List.of(3L, 2L), table.longColumn("Pairs").asList());
    assertEquals(List.of(2L, 2L), table.longColumn("Teachers").asList());
    // Ratios of the full method's errors to random search's: ½ for sin, ⅔ and ¼ for tanh. To those
    // of evolution: 2 for sin, 1 for tanh.
    double[] gains = {Math.log(2), (Math.log(1.5) + Math.log(4)) / 2};
    DoubleColumn ratios = table.doubleColumn("Errors' ratio");
    assertEquals(Math.exp(-MathEx.mean(gains)), ratios.get(0), 5e-4);
    assertEquals(Math.sqrt(2), ratios.get(1), 5e-4);
    // The t statistic of the logarithms is mean/(deviation/√n), with 1 degree of freedom; then
    // p = 1 − 2·atan(t)/π.
    double t = MathEx.mean(gains) / (MathEx.sd(gains) / Math.sqrt(2));
    double p = 1 - 2 * Math.atan(t) / Math.PI;
    // Holm's procedure doubles the smaller of two p-values. The other is ½, since its |t| is 1.
    DoubleColumn corrected = table.doubleColumn("p, corrected");
    assertEquals(2 * p, corrected.get(0), 1e-6);
    assertEquals(0.5, corrected.get(1), 1e-6);
    assertTrue(table.doubleColumn("95 % from").get(0) < ratios.get(0));
    assertTrue(table.doubleColumn("95 % to").get(0) > ratios.get(0));
  }

  private static PlantedRun run(Method method, Teacher teacher, long seed, double error) {
    return run(method, teacher, seed, error, 1, 0.5, 1);
  }

  private static PlantedRun run(
      Teacher teacher, double error, double original, double best, double distance) {
    return run(Method.FULL, teacher, 1, error, original, best, distance);
  }

  private static PlantedRun run(
      Method method,
      Teacher teacher,
      long seed,
      double error,
      double original,
      double best,
      double distance) {
    return new PlantedRun(
        method,
        teacher,
        Variant.WIDE,
        seed,
        "x",
        1,
        1,
        error,
        original,
        best,
        new grafs.cell.Nearness(distance, 1, 1, 0),
        "");
  }

  /**
   * A student with the teacher's activation sin has much less error than one with ReLU, so there is
   * something to find.
   */
  @Test
  void teachersHaveSomethingToFind() {
    PlantedTask.Sizes once =
        new PlantedTask.Sizes(4, 8, 1.5, 0.05, 4096, 4096, 10, 64, List.of(0.1), 1, 1);
    PlantedTask task = new PlantedTask(Teacher.SIN, 1, 1, once);
    double own = task.train(task.teacher().function()).error();
    double relu = task.train(PlantedTask.DEFAULT).error();
    assertTrue(own < 0.4 * relu, own + " with sin, " + relu + " with ReLU");
    assertTrue(Variant.PAPER.has(Teacher.RELU2) && !Variant.PAPER.has(Teacher.SIN));
  }

  /**
   * For two teachers, the functions that the full method finds have on average at least three
   * quarters of the gain of the teacher's activation over ReLU.
   */
  @Test
  void plantedActivationsAreFound(@TempDir Path folder) {
    PlantedSuite quick = PlantedSuite.at("quick", folder.resolve("runs.jsonl"));
    SearchSettings settings = quick.settings().searches(4).verification(new Verification(32, 8, 8));
    PlantedSuite suite = new PlantedSuite(quick.sizes(), settings, quick.file());
    List<PlantedRun> runs =
        Stream.of(Teacher.TANH, Teacher.SOFTPLUS)
            .map(teacher -> suite.run(Method.FULL, teacher, Variant.WIDE, 1))
            .toList();
    PlantedScores scores = PlantedScores.of(runs);
    String found = runs.stream().map(PlantedRun::line).collect(Collectors.joining("\n"));
    assertTrue(scores.gainShare() >= 0.75, found);
    assertTrue(scores.keptShare() == 1, found);
  }
}
