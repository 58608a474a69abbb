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
 * Runs searches for planted activations ({@link PlantedTask}): a random network, the teacher,
 * computes the targets of a regression with a given activation, which a search should find. Then
 * networks are trained from scratch with each function that a search found, with the teacher's
 * activation and with the default activation ReLU. Every finished search or training is kept as a
 * line of a file and is not run again. The line has a key, a text that contains everything that
 * determines the result. So a suite whose process was killed can be resumed, and several processes
 * can share the file. The project's command {@code environment/lab bench search} and notebooks use
 * this class.
 *
 * @param sizes the sizes of networks, data and trainings
 * @param settings the settings of the full search method, {@link Method#FULL}, from which {@link
 *     Method#settings} derives those of other methods
 * @param file the file of finished searches and trainings
 */
public record PlantedSuite(Sizes sizes, SearchSettings settings, Path file) {

  private static final Gson GSON =
      new GsonBuilder().serializeSpecialFloatingPointValues().disableHtmlEscaping().create();

  /** A search space together with the number of hidden layers of the networks. */
  public enum Variant {
    /** {@link CellSpace#wide()} and one hidden layer. */
    WIDE,
    /**
     * {@link CellSpace#paper()} and one hidden layer; not for teachers whose activation this space
     * cannot express.
     */
    PAPER,
    /** {@link CellSpace#wide()} and two hidden layers. */
    DEEP;

    CellSpace space() {
      return this == PAPER ? CellSpace.paper() : CellSpace.wide();
    }

    int layers() {
      return this == DEEP ? 2 : 1;
    }

    /** {@return whether the search space can express a teacher's activation} */
    public boolean has(Teacher teacher) {
      return this != PAPER || teacher.inPaperSpace();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One search, and the trainings with the function that it found, with the default activation and
   * with the teacher's activation.
   */
  record Job(Method method, Teacher teacher, Variant variant, long seed) {}

  /**
   * Makes a suite at a scale.
   *
   * @param scale {@code quick}, the default of {@code environment/lab bench search}: eight searches
   *     of 10 epochs and batches of 32, and one verification, which takes more time than they do:
   *     networks are trained from scratch with 64 functions and with the default activation, and
   *     compared. Or {@code smoke}, which takes little time and finds little, to try programs
   * @param file the file of finished searches and trainings
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
            .verification(new Verification(64, 16, 16));
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

  /**
   * {@return this suite without verification (see {@link #at}) in all methods, to compare the
   * methods' techniques without it}
   */
  public PlantedSuite unverified() {
    return new PlantedSuite(sizes, settings.verification(Verification.OFF), file);
  }

  /**
   * A line of the file: a finished search or a finished training. A training with a function trains
   * several networks, with different learning rates and initial weights, and keeps the best one.
   *
   * @param key identifies the search or training by everything that determines it
   * @param found the function that the search found, or that the network was trained with
   * @param failure says why the search diverged; null if it did not, and for a training
   * @param seconds the time that it took
   * @param passes the number of forward and backward passes in the search, each of one batch; 0 for
   *     a training
   * @param error the test error of the best network; infinite if all networks diverged; 0 for a
   *     search
   * @param rate the learning rate of the best network; NaN if all networks diverged; 0 for a search
   * @param nearness how near the teacher's activation comes to the function of the training; null
   *     for a search, or if all networks diverged
   * @param named the known activation that is nearest to the function of the training; {@code
   *     constant} if the function is constant on the network's data; {@code diverged} if all
   *     networks diverged; empty for a search
   */
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
   * Returns the result of one search. Reads the search and its trainings from the file, and runs
   * those that are missing.
   *
   * @param method the search method
   * @param teacher the teacher whose activation is to be found
   * @param variant the search space and the depth of the networks
   * @param seed the seed of the teacher, the search and the trainings
   * @return the result
   * @throws UncheckedIOException if the file cannot be read or written
   */
  public PlantedRun run(Method method, Teacher teacher, Variant variant, long seed) {
    return run(new Job(method, teacher, variant, seed));
  }

  /** Runs a job, or reads its result from the file, as the other method of this name does. */
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

  /**
   * Looks up the result of one search.
   *
   * @param job the search
   * @param lines the lines of the file, as {@link #lines} reads them
   * @return the result; empty if the search or one of its trainings is missing
   */
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

  /** Runs a search. */
  private Line search(PlantedTask task, Job job, String key) {
    PlantedTask.Found found = task.search(job.method, job.variant.space(), settings);
    String function = found.found().toString();
    return new Line(
        key, function, found.failure(), found.seconds(), found.passes(), 0, 0, null, "");
  }

  /** Trains networks with a function, and finds the known activation that is nearest to it. */
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

  /** {@return the key of a search} */
  private String key(Job job) {
    SearchSettings own = job.method.settings(settings);
    return "search by %s, %s, %s, seed %d, %s, %s"
        .formatted(job.method, job.teacher, job.variant, job.seed, own, sizes);
  }

  /** {@return the key of a training} */
  private static String key(PlantedTask task, Expression function) {
    return "training with " + function + ", " + task;
  }

  /** {@return the lines of the file by key; none if there is no file yet} */
  Map<String, Line> lines() {
    Map<String, Line> lines = new HashMap<>();
    if (!Files.exists(file)) {
      return lines;
    }
    try {
      // Not Files.readAllLines, which throws if the file ends within a character of several bytes.
      String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String text : all.lines().toList()) {
        // An incomplete line is ignored: the process that wrote it was killed meanwhile.
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

  /** Adds a line to the file, and returns it. */
  private Line append(Line line) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      // One write with a line end on both sides: half a line that a killed process left at the end
      // of the file, or that this process leaves if it is killed now, damages no other line.
      byte[] bytes = ("\n" + GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8);
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    }
  }
}
