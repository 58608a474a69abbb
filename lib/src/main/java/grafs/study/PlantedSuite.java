package grafs.study;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import grafs.cell.CellSpace;
import grafs.cell.Expression;
import grafs.cell.Nearness;
import grafs.nas.SearchSettings;
import grafs.nas.Verification;
import grafs.study.PlantedTask.Sizes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Searches for planted activations, and trainings with what they find. Every finished search or
 * training is a line of a file, with a key of everything that determines it, and is not repeated.
 * So a suite that was killed can be resumed, and several processes can share a suite.
 *
 * @param sizes the sizes of networks, data and trainings
 * @param settings the settings of the full method
 * @param file where finished work is kept
 */
public record PlantedSuite(Sizes sizes, SearchSettings settings, Path file) {

  private static final Gson GSON =
      new GsonBuilder().serializeSpecialFloatingPointValues().disableHtmlEscaping().create();

  /** The search space and the depth of the networks. */
  public enum Variant {
    /** {@link CellSpace#wide()}, one hidden layer. */
    WIDE,
    /** {@link CellSpace#paper()}, one hidden layer, for teachers that it expresses. */
    PAPER,
    /** {@link CellSpace#wide()}, two hidden layers. */
    DEEP;

    CellSpace space() {
      return this == PAPER ? CellSpace.paper() : CellSpace.wide();
    }

    int layers() {
      return this == DEEP ? 2 : 1;
    }

    /** {@return whether the space expresses a teacher's activation} */
    public boolean has(Teacher teacher) {
      return this != PAPER || teacher.inPaperSpace();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One search with its trainings. */
  record Job(Method method, Teacher teacher, Variant variant, long seed) {}

  /**
   * Makes a suite at a scale. The networks are so small that eight searches cost less than the
   * verification of what they find.
   *
   * @param scale {@code quick}, that of {@code environment/lab bench search}: eight searches of 10
   *     epochs of batches of 32; or {@code smoke}, which takes little time and finds little, to try
   *     a program with
   * @param file where finished work is kept
   * @return the suite
   * @throws IllegalArgumentException if there is no such scale
   */
  public static PlantedSuite at(String scale, Path file) {
    SearchSettings quick =
        SearchSettings.paper(PlantedTask.adam(0.05))
            .batchSize(32)
            .accumulation(1)
            .epochs(10)
            .alphaLearningRate(0.1)
            .searches(8)
            .verification(new Verification(128, 16, 13));
    SearchSettings smoke = quick.epochs(3).searches(2).verification(new Verification(4, 2, 3));
    return switch (scale) {
      case "quick" ->
          new PlantedSuite(
              new Sizes(4, 8, 1.5, 0.05, 4096, 4096, 30, 64, List.of(0.03, 0.1), 2, 2),
              quick,
              file);
      case "smoke" ->
          new PlantedSuite(
              new Sizes(2, 4, 1.5, 0.05, 1024, 1024, 4, 64, List.of(0.1), 1, 1), smoke, file);
      default ->
          throw new IllegalArgumentException(
              "there is no scale '%s'; there are quick and smoke".formatted(scale));
    };
  }

  /** {@return the same suite with searches that are not verified: what each technique is worth} */
  public PlantedSuite unverified() {
    return new PlantedSuite(sizes, settings.verification(Verification.OFF), file);
  }

  /** A line of the file; a search has a function, a training has an error and a nearness. */
  record Line(
      String key,
      String found,
      String failure,
      double seconds,
      long passes,
      double error,
      double rate,
      Nearness nearness,
      String named) {}

  /**
   * Returns the results of one search: reads them from the file, and runs what is missing.
   *
   * @param method the search method
   * @param teacher the teacher whose activation is to be found
   * @param variant the search space and the depth of the networks
   * @param seed the seed of the teacher, the search and the trainings
   * @return the run
   */
  public PlantedRun run(Method method, Teacher teacher, Variant variant, long seed) {
    return run(new Job(method, teacher, variant, seed));
  }

  PlantedRun run(Job job) {
    Map<String, Line> lines = lines();
    PlantedTask task = task(job);
    Line search = lines.computeIfAbsent(key(job), key -> append(search(task, job, key)));
    Expression found = task.recognised(Expression.parse(search.found));
    for (Expression function : List.of(PlantedTask.DEFAULT, job.teacher.function(), found)) {
      lines.computeIfAbsent(key(task, function), key -> append(train(task, function, key)));
    }
    return kept(job, lines).orElseThrow();
  }

  /** Reads the results of one search; empty if the search or one of its trainings is missing. */
  Optional<PlantedRun> kept(Job job, Map<String, Line> lines) {
    Line search = lines.get(key(job));
    if (search == null) {
      return Optional.empty();
    }
    PlantedTask task = task(job);
    Line found = lines.get(key(task, task.recognised(Expression.parse(search.found))));
    Line original = lines.get(key(task, PlantedTask.DEFAULT));
    Line best = lines.get(key(task, job.teacher.function()));
    return found == null || original == null || best == null
        ? Optional.empty()
        : Optional.of(
            new PlantedRun(
                job.method,
                job.teacher,
                job.variant,
                job.seed,
                search.found,
                search.seconds,
                search.passes,
                found.error,
                original.error,
                best.error,
                found.nearness,
                found.named));
  }

  private PlantedTask task(Job job) {
    return new PlantedTask(job.teacher, job.variant.layers(), job.seed, sizes);
  }

  private Line search(PlantedTask task, Job job, String key) {
    PlantedTask.Found found = task.search(job.method, job.variant.space(), settings);
    String function = found.found().toString();
    return new Line(
        key, function, found.failure(), found.seconds(), found.passes(), 0, 0, null, "");
  }

  private static Line train(PlantedTask task, Expression function, String key) {
    long start = System.nanoTime();
    PlantedTask.Trained trained = task.train(function);
    double[] seen = trained.seen();
    Nearness nearness =
        seen.length == 0 ? null : Nearness.of(function, task.teacher().function(), seen);
    String named =
        seen.length == 0
            ? "diverged"
            : Nearness.nearest(function, seen).map(Nearness.Named::toString).orElse("constant");
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Line(
        key,
        function.toString(),
        null,
        seconds,
        0,
        trained.error(),
        trained.rate(),
        nearness,
        named);
  }

  private String key(Job job) {
    SearchSettings own = job.method.settings(settings);
    return "search by %s, %s, %s, seed %d, %s, %s"
        .formatted(job.method, job.teacher, job.variant, job.seed, own, sizes);
  }

  private static String key(PlantedTask task, Expression function) {
    return "training with " + function + ", " + task;
  }

  Map<String, Line> lines() {
    Map<String, Line> lines = new HashMap<>();
    if (!Files.exists(file)) {
      return lines;
    }
    try {
      for (String text : Files.readAllLines(file)) {
        // An incomplete line, of a process that was killed while writing it, is ignored.
        try {
          Line line = GSON.fromJson(text, Line.class);
          if (line != null && line.key != null) {
            lines.put(line.key, line);
          }
        } catch (JsonParseException e) {
          continue;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e, e);
    }
    return lines;
  }

  private Line append(Line line) {
    try {
      Files.createDirectories(file.getParent());
      // One write, with line ends on both sides, so that half a line left by a kill harms no other.
      byte[] bytes = ("\n" + GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8);
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    }
  }
}
