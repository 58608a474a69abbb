package grafs.study;

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

/**
 * The program of {@code environment/lab bench search}: runs a suite of planted teachers in a few
 * processes of one thread each, and prints tables and scores at the end.
 */
final class SearchBench {

  private final Map<String, String> options;
  private final PlantedSuite suite;
  private final int processes;

  /** The part that this process runs; −1 for all, in other processes. */
  private final int part;

  private final List<Job> jobs = new ArrayList<>();

  private SearchBench(Map<String, String> options) {
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
            if (method != Method.NONE && variant.has(teacher)) {
              jobs.add(new Job(method, teacher, variant, seed));
            }
          }
        }
      }
    }
  }

  private static <E extends Enum<E>> List<E> named(Class<E> type, String names) {
    List<E> all = List.of(type.getEnumConstants());
    List<String> known = all.stream().map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
    List<String> asked =
        names.equals("all") ? known : List.of(names.toLowerCase(Locale.ROOT).split(","));
    for (String name : asked) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "there is no %s '%s'; there are %s"
                .formatted(type.getSimpleName().toLowerCase(Locale.ROOT), name, known));
      }
    }
    return asked.stream().map(name -> all.get(known.indexOf(name))).toList();
  }

  private String option(String name) {
    return options.get(name);
  }

  /**
   * Runs a suite, or, in a process that it has started, a part of it. The exit status is 2 if the
   * arguments are wrong, 1 if a process failed.
   *
   * @param args all options, with a value each: {@code --folder} for what is kept, {@code --seeds
   *     A-B}, {@code --teachers a,b} or all, {@code --methods a,b} or all, {@code --variants},
   *     {@code --scale}, {@code --processes N}; and for a part {@code --part I}
   * @throws IOException if a process cannot be started
   * @throws InterruptedException if it is interrupted
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
   * Runs one part of the jobs. All methods of a teacher and seed are in one part, so that the
   * trainings which they share run once.
   */
  private void work() {
    Thread watch = new Thread(SearchBench::endWithParent);
    watch.setDaemon(true);
    watch.start();
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

  /** Ends this process when its input is closed, since its parent process has ended then. */
  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        continue;
      }
    } catch (IOException e) {
      // Treated as closed.
    }
    Runtime.getRuntime().halt(1);
  }

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

  private List<PlantedRun> finished() {
    Map<String, PlantedSuite.Line> lines = suite.lines();
    return jobs.stream().flatMap(job -> suite.kept(job, lines).stream()).toList();
  }

  private Process start(int number) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The networks are tiny: more threads only wait for each other.
    command.addAll(List.of("-XX:ActiveProcessorCount=1", "-Djava.awt.headless=true", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), SearchBench.class.getName()));
    options.forEach((name, value) -> command.addAll(List.of(name, value)));
    command.addAll(List.of("--part", Integer.toString(number)));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(Map.of("OMP_NUM_THREADS", "1", "MKL_NUM_THREADS", "1"));
    return builder.redirectInput(ProcessBuilder.Redirect.PIPE).start();
  }

  private void report(List<PlantedRun> runs) {
    if (runs.isEmpty()) {
      return;
    }
    Method first = jobs.get(0).method();
    List<PlantedRun> own = runs.stream().filter(run -> run.method() == first).toList();
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
