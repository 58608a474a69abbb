package grafs.sweep.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.cell.CellSpace;
import grafs.run.Experiment;
import grafs.run.PaperModel;
import grafs.run.RunStore;
import grafs.run.Scale;
import grafs.run.TaskSource;
import grafs.sweep.Processes;
import grafs.sweep.Report;
import grafs.sweep.Runner;
import grafs.sweep.Sweep;
import grafs.sweep.Trial;
import grafs.sweep.TrialStatus;
import grafs.sweep.TrialStatus.State;
import grafs.train.SgdSettings;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link SparkRunner}, which runs the trials of a sweep, searches and trainings, as tasks on
 * Apache Spark.
 */
class SparkRunnerTest {

  @TempDir Path temp;

  /** Returns the class path of the library under test and the libraries it uses, without Spark. */
  private static String library() throws IOException {
    String jar =
        Stream.of(Processes.classpath().split(File.pathSeparator))
            .filter(entry -> entry.matches(".*/grafs-\\d[^/]*\\.jar"))
            .findFirst()
            .orElseThrow(() -> new IOException("run the tests with mvn -Pspark verify"));
    return jar + File.pathSeparator + Files.readString(Path.of("../target/classpath.txt")).strip();
  }

  private static SparkConf conf(String master) {
    return new SparkConf().setMaster(master).set("spark.driver.host", "127.0.0.1");
  }

  private RunStore store(String name) {
    return new RunStore(temp.resolve(name));
  }

  /** Writes 64 images of noise to train on, and 20 to test with, in CIFAR-10's binary format. */
  private Path images() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("images"));
    byte[] bytes = new byte[64 * 3073];
    new Random(1).nextBytes(bytes);
    for (int i = 0; i < 64; i++) {
      bytes[i * 3073] = (byte) (i % 10);
    }
    Files.write(folder.resolve("data_batch_1.bin"), bytes);
    Files.write(folder.resolve("test_batch.bin"), Arrays.copyOf(bytes, 20 * 3073));
    return folder;
  }

  /**
   * Returns the results of the complete runs (searches and trainings) below a folder. The key of a
   * result is the path of its run's folder, relative to {@code root}. A result is a text: {@code
   * metrics.csv} without its times, and hash codes of the files with the function, the weights, and
   * α, the numbers by which a search chooses operations. Equal texts mean results that are the same
   * bit for bit.
   */
  private static Map<String, String> results(Path root) throws IOException {
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.endsWith("result.json")).toList()) {
        Path run = file.getParent();
        StringBuilder text = new StringBuilder();
        List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
        int seconds = List.of(lines.get(0).split(",")).indexOf("seconds");
        for (String line : lines) {
          List<String> cells = new ArrayList<>(List.of(line.split(",")));
          cells.remove(seconds);
          text.append(String.join(",", cells)).append('\n');
        }
        for (String name : List.of("activation.json", "alphas.csv", "weights.safetensors")) {
          if (Files.exists(run.resolve(name))) {
            text.append(Arrays.hashCode(Files.readAllBytes(run.resolve(name)))).append('\n');
          }
        }
        results.put(root.relativize(run).toString(), text.toString());
      }
    }
    return results;
  }

  private static String seconds(long since) {
    return String.format(Locale.ROOT, "%.0f s", (System.nanoTime() - since) / 1e9);
  }

  @Test
  void aWorkerThatDiesCostsNoTrialAndNoBit() throws Exception {
    TaskSource source = new TaskSource("fashion-mnist", null, 0, false);
    Experiment experiment =
        new Experiment(PaperModel.RESNET_20, source.load(), Scale.resnet("smoke"));
    Trial search = new Trial(experiment, source, new Trial.Search(CellSpace.paper()), 1);
    List<Trial> trials = new ArrayList<>(List.of(search));
    for (long seed = 1; seed <= 3; seed++) {
      for (String name : PaperModel.Family.RESNET.activations()) {
        trials.add(new Trial(experiment, source, Trial.Given.known(name), seed));
      }
    }
    for (long seed = 1; seed <= 4; seed++) {
      trials.add(new Trial(experiment, source, new Trial.Found(search), seed));
    }
    // The sweep itself has no retries: Spark repeats the tasks of the killed worker.
    Sweep sweep = new Sweep("smoke", trials, 0);
    assertEquals(20, sweep.trials().size());
    long start = System.nanoTime();
    Report local = sweep.run(store("local"), Runner.IN_PROCESS, now -> {});
    assertEquals(20, local.count(State.COMPLETE), local.line());
    String said = "20 trials one after another: " + seconds(start);

    start = System.nanoTime();
    try (Cluster cluster = new Cluster("lost-worker", 2, Map.of())) {
      said += "; a cluster of two workers up: " + seconds(start);
      long begun = System.nanoTime();
      long[] killed = new long[2];
      Consumer<Report> kill =
          report -> {
            if (killed[0] == 0 && report.count(State.COMPLETE) >= 7 && cluster.running(0) >= 2) {
              killed[0] = System.nanoTime();
              killed[1] = report.count(State.COMPLETE);
              cluster.kill(0);
            }
          };
      Report report;
      try (SparkRunner runner = new SparkRunner(conf(cluster.url), 1, library())) {
        report = sweep.run(store("spark"), runner, kill);
      }
      said += "; the 20 on it: %s".formatted(seconds(begun));
      assertTrue(killed[0] > 0, "no worker was killed");
      said += ", of these %s on one worker after %d".formatted(seconds(killed[0]), killed[1]);
      assertEquals(20, report.count(State.COMPLETE), report.table().printAll());
      assertTrue(report.rows().stream().allMatch(row -> row.attempts() == 1), report.line());
    }
    System.out.println(said);
    Map<String, String> there = results(store("spark").root());
    assertEquals(20, there.size(), "a trial is lost or doubled: " + there.keySet());
    assertEquals(results(store("local").root()), there);
    try (Stream<Path> files = Files.walk(store("spark").root())) {
      assertEquals(
          "activation alphas config lock metrics result weights",
          files
              .filter(Files::isRegularFile)
              .map(f -> f.getFileName().toString().replaceFirst("\\..*", ""))
              .distinct()
              .sorted()
              .collect(Collectors.joining(" ")));
    }
  }

  /**
   * Starts the program of {@code lab sweep resnet --scale smoke --seeds 1 --runner spark} in a
   * process of its own. This process, the driver, gives Spark the trials to run.
   *
   * @param master the URL of Spark's master
   * @param options further options for Java
   */
  private Process driver(Path images, String master, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of("java.options").toAbsolutePath());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-Dspark.master=" + master,
            "-Dspark.driver.host=127.0.0.1",
            "-cp",
            Processes.classpath(),
            SparkRunner.class.getName()));
    command.addAll(
        List.of("resnet", "--scale", "smoke", "--seeds", "1", "--data", images.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("GRAFS_RESULTS", temp.resolve("results").toString());
    builder.environment().put("GRAFS_CLASSPATH", library());
    return builder.redirectError(temp.resolve("driver.log").toFile()).start();
  }

  @Test
  void aDriverThatIsKilledGoesOnWhenItIsStartedAgain() throws Exception {
    Path images = images();
    Path shared = temp.resolve("shared");
    Map<String, String> environment = Map.of("GRAFS_RESULTS", shared.toString());
    try (Cluster cluster = new Cluster("killed-driver", 2, environment)) {
      Process killed = driver(images, cluster.url);
      try (BufferedReader lines = killed.inputReader(StandardCharsets.UTF_8)) {
        int over = 0;
        for (String line; over < 3 && (line = lines.readLine()) != null; ) {
          over += line.contains(" in ") ? 1 : 0;
        }
        killed.destroyForcibly().waitFor();
      }
      int before = results(temp.resolve("results")).size();
      assertTrue(before >= 3 && before < 7, before + " were complete");
      // The first driver sent the library to the workers. The second one tells them the class path
      // at which they have it.
      String there = "-D" + SparkRunner.CLASSPATH + "=" + library();
      Process again = driver(images, cluster.url, there);
      String said = new String(again.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, again.waitFor(), said + Files.readString(temp.resolve("driver.log")));
      assertTrue(said.contains(before + " trials are complete already"), said);
      assertTrue(said.contains("resnet at smoke: 7/7 trials"), said);
      Map<String, String> kept = results(temp.resolve("results"));
      assertEquals(7, kept.size());
      assertEquals(
          kept, results(shared), "the workers did not keep their runs where they were told");
    }
  }

  @Test
  void whatFailsOnAnExecutorIsOneRedRow() throws Exception {
    TaskSource source = new TaskSource(images().toString(), null, 0, false);
    Scale smoke = Scale.resnet("smoke");
    SgdSettings wild = new SgdSettings(1e20, 0.9, 0, SgdSettings.Decay.COSINE);
    Scale hopeless =
        new Scale("hopeless", 32, 20, smoke.search(), 1, 8, 1, wild, 1, smoke.preparation());
    Experiment good = new Experiment(PaperModel.RESNET_20, source.load(), smoke);
    Trial.Work relu = Trial.Given.known("relu");
    Sweep sweep =
        new Sweep(
            "red",
            List.of(
                new Trial(good.with(hopeless), source, relu, 1),
                new Trial(good, new TaskSource("not-there", null, 0, false), relu, 2),
                new Trial(good, source, relu, 3)),
            1);
    Report report;
    try (SparkRunner runner = new SparkRunner(conf("local[1]"), 1, library())) {
      assertEquals(1, runner.threads());
      report = sweep.run(store("a"), runner, killer(3));
    }
    Map<Long, TrialStatus> rows =
        report.rows().stream().collect(Collectors.toMap(r -> r.trial().seed(), r -> r));
    assertEquals(State.DIVERGED, rows.get(1L).state(), report.table().print());
    assertEquals(State.FAILED, rows.get(2L).state());
    assertEquals(2, rows.get(2L).attempts());
    assertTrue(rows.get(2L).message().contains("'not-there'"), rows.get(2L).message());
    assertEquals(State.COMPLETE, rows.get(3L).state());
    assertEquals(2, rows.get(3L).attempts(), "its first process was killed");
  }

  /**
   * The number of trials that run at the same time is the number of cores divided by {@code
   * spark.task.cpus}, the number of cores that Spark reserves for a task. Users set this number
   * higher than the number of threads if fewer trials fit into the memory.
   */
  @Test
  void asManyTrialsRunAtOnceAsTasksFitTheCores() {
    for (String cores : List.of("1", "2", "3")) {
      SparkConf conf = conf("local[6]").set("spark.task.cpus", cores);
      try (SparkRunner runner = new SparkRunner(conf, 1, "")) {
        assertEquals(6 / Integer.parseInt(cores), runner.slots());
        assertEquals(1, runner.threads());
      }
    }
    try (SparkRunner runner = new SparkRunner(conf("local[6]"), 3, "")) {
      assertEquals(2, runner.slots());
    }
  }

  @Test
  void aClusterThatDoesNotStartLeavesNoProcess() throws Exception {
    // Only the worker reads this variable, so that the master starts and the worker does not.
    Map<String, String> environment = Map.of("SPARK_WORKER_PORT", "none");
    String said =
        assertThrows(IOException.class, () -> new Cluster("no-worker", 1, environment))
            .getMessage();
    assertTrue(said.startsWith("worker-1 does not come up:"), said);
    assertEquals(
        List.of(),
        ProcessHandle.current()
            .children()
            .filter(child -> runs(child, "org.apache.spark.deploy.master.Master"))
            .toList());
  }

  /**
   * Returns a listener that kills the process of the first attempt at the trial with a given seed.
   * No other trial may run at the same time, since its process would be killed too.
   */
  private static Consumer<Report> killer(long seed) {
    boolean[] killed = new boolean[1];
    return report -> {
      boolean runs =
          report.rows().stream()
              .anyMatch(row -> row.state() == State.RUNNING && row.trial().seed() == seed);
      if (runs && !killed[0]) {
        List<ProcessHandle> trials;
        do {
          trials = trials();
        } while (trials.isEmpty());
        trials.forEach(ProcessHandle::destroyForcibly);
        killed[0] = true;
      }
    };
  }

  /**
   * Returns the trial processes that this process has started. A process that was forked, but has
   * not yet loaded the Java program, is left out.
   */
  private static List<ProcessHandle> trials() {
    return ProcessHandle.current()
        .children()
        .filter(child -> runs(child, "grafs.sweep.TrialMain"))
        .toList();
  }

  /**
   * Returns whether a process runs a main class. Reads its command line in {@code /proc}, since
   * {@link ProcessHandle#info} cuts off a long command line.
   */
  private static boolean runs(ProcessHandle process, String main) {
    try {
      return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline")).contains(main);
    } catch (IOException e) {
      return false;
    }
  }
}
