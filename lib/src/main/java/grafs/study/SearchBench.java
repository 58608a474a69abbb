package grafs.study;

import com.google.common.base.Enums;
import grafs.study.PlantedSuite.Job;
import grafs.study.PlantedSuite.Variant;
import grafs.train.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The program of the project's command {@code environment/lab bench search}: runs searches for
 * planted activations ({@link PlantedSuite}), the known best activations of regressions made for
 * such tests. It runs them in a few processes of one thread each, and prints tables and scores at
 * the end. The first process starts the others, which run this program too, each for a part of the
 * searches.
 */
final class SearchBench {

  private final Map<String, String> options;
  private final PlantedSuite suite;
  private final int processes;

  /**
   * The part of the jobs that this process runs, from 0; −1 in the process that starts a process
   * for each part. A job is one search with the trainings that judge its function.
   */
  private final int part;

  private final List<Job> jobs = new ArrayList<>();

  SearchBench(Map<String, String> options) {
    this.options = options;
    PlantedSuite all =
        PlantedSuite.at(option("--scale"), Path.of(option("--folder"), "runs.jsonl"));
    suite = option("--verification").equals("off") ? all.unverified() : all;
    processes = Integer.parseInt(option("--processes"));
    part = Integer.parseInt(options.getOrDefault("--part", "-1"));
    String[] seeds = option("--seeds").split("-", 2);
    for (Method method : named(Method.class, option("--methods"))) {
      for (long seed = Long.parseLong(seeds[0]); seed <= Long.parseLong(seeds[1]); seed++) {
        for (Variant variant : named(Variant.class, option("--variants"))) {
          for (Teacher teacher : named(Teacher.class, option("--teachers"))) {
            Job job = new Job(method, teacher, variant, seed);
            if (method != Method.NONE && variant.has(teacher) && !jobs.contains(job)) {
              jobs.add(job);
            }
          }
        }
      }
    }
    if (jobs.isEmpty()) {
      throw new IllegalArgumentException(
          "these options leave no search: of --seeds A-B the first is the lower one, the method none searches nothing, and the variant paper has neither sin nor gauss");
    }
  }

  /**
   * Looks up constants of an enumeration.
   *
   * @param names their names in lower case with commas between, or {@code all}
   * @throws IllegalArgumentException if one of these names does not exist; the message lists those
   *     that do
   */
  private static <E extends Enum<E>> List<E> named(Class<E> type, String names) {
    List<E> all = List.of(type.getEnumConstants());
    return names.equals("all")
        ? all
        : Stream.of(names.toUpperCase(Locale.ROOT).split(","))
            .map(
                name ->
                    Enums.getIfPresent(type, name)
                        .toJavaUtil()
                        .orElseThrow(() -> unknown(type, name, all)))
            .toList();
  }

  private static IllegalArgumentException unknown(Class<?> type, String name, List<?> known) {
    String why = "there is no %s '%s'; there are %s".formatted(type.getSimpleName(), name, known);
    return new IllegalArgumentException(why.toLowerCase(Locale.ROOT));
  }

  private String option(String name) {
    if (!options.containsKey(name)) {
      throw new IllegalArgumentException("the option " + name + " is missing");
    }
    return options.get(name);
  }

  /**
   * Runs all jobs in processes that it starts, or, with {@code --part}, the jobs of one part. The
   * exit status is 2 if the arguments are wrong, 1 if a process failed.
   *
   * @param args options with a value each, all required except the last: {@code --folder F}, the
   *     folder of the file of finished jobs, {@code --seeds A-B}, {@code --teachers a,b} or {@code
   *     all}, {@code --methods a,b} or {@code all}, {@code --variants a,b} or {@code all}, {@code
   *     --scale quick} or {@code smoke}, {@code --verification on} or {@code off}, {@code
   *     --processes N}, and {@code --part I}, from 0
   * @throws IOException if a process cannot be started
   * @throws InterruptedException if the thread is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    SearchBench bench;
    try {
      bench = new SearchBench(options);
    } catch (IllegalArgumentException e) {
      System.err.println("lab: " + e.getMessage());
      System.exit(2);
      return;
    }
    if (bench.part < 0) {
      bench.run();
    } else {
      bench.work();
    }
  }

  /**
   * Runs the jobs of one part. All jobs of a teacher and seed are in the same part, so that
   * trainings that several methods need are run only once.
   */
  private void work() {
    // This process ends when its parent, the process that started it, ends, even if the parent was
    // killed.
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    Map<String, PlantedSuite.Line> lines = suite.lines();
    List<Job> open =
        jobs.stream()
            .filter(job -> (job.teacher().ordinal() + job.seed()) % processes == part)
            .filter(job -> suite.kept(job, lines).isEmpty())
            .toList();
    long start = System.nanoTime();
    int before = finished().size();
    for (Job job : open) {
      PlantedRun run = suite.run(job);
      int done = finished().size();
      double each = (System.nanoTime() - start) / 1e9 / (done - before);
      String left = Progress.duration(each * (jobs.size() - done));
      System.out.printf("[%d/%d] %s; %s left%n", done, jobs.size(), run.line(), left);
    }
  }

  /** Starts a process for each part, waits for all of them, and prints the report. */
  private void run() throws IOException, InterruptedException {
    int before = finished().size();
    if (before > 0) {
      System.out.println(before + " of " + jobs.size() + " are there already");
    }
    List<Process> workers = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      workers.add(start(i));
    }
    for (Process worker : workers) {
      worker.waitFor();
    }
    List<PlantedRun> runs = finished();
    report(runs);
    if (runs.size() < jobs.size()) {
      System.err.println("lab: a process ended before its part was done; its errors are above");
      System.exit(1);
    }
  }

  /** {@return the results of all jobs that are finished} */
  private List<PlantedRun> finished() {
    Map<String, PlantedSuite.Line> lines = suite.lines();
    return jobs.stream().flatMap(job -> suite.kept(job, lines).stream()).toList();
  }

  /** Starts the process of a part. */
  private Process start(int number) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The networks are tiny, so further threads would only wait for each other.
    command.addAll(List.of("-XX:ActiveProcessorCount=1", "-Djava.awt.headless=true", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), SearchBench.class.getName()));
    options.forEach((name, value) -> command.addAll(List.of(name, value)));
    command.addAll(List.of("--part", Integer.toString(number)));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(Map.of("OMP_NUM_THREADS", "1", "MKL_NUM_THREADS", "1"));
    return builder.start();
  }

  /**
   * Prints tables of all results, and the scores of one method, that of the first job; the jobs are
   * in the order of the option {@code --methods}. Prints nothing if this method has no result.
   */
  private void report(List<PlantedRun> runs) {
    Method first = jobs.get(0).method();
    List<PlantedRun> own = runs.stream().filter(run -> run.method() == first).toList();
    if (own.isEmpty()) {
      return;
    }
    System.out.printf("%n%s%n%n", PlantedScores.teachers(own).printAll());
    System.out.printf("%s%n%n", PlantedScores.methods(runs).printAll());
    if (own.size() < runs.size()) {
      System.out.printf("%s%n%n", PlantedScores.comparisons(runs, first).printAll());
    }
    PlantedScores scores = PlantedScores.of(own);
    print("planted_gain_share", scores.gainShare());
    print("planted_r_worst", scores.worst());
    print("planted_r_kept_share", scores.keptShare());
    print("planted_recovered", scores.recovered());
  }

  private static void print(String name, double value) {
    System.out.printf(Locale.ROOT, "%s: %.3f%n", name, value);
  }
}
