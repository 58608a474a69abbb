package grafs.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grafs.run.Experiment;
import grafs.run.PaperModel;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.TaskSource;
import grafs.sweep.TrialStatus.State;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link Processes}, which runs each trial of a sweep, a search or a training, in a Java
 * process of its own.
 */
class ProcessesTest {

  @TempDir Path temp;
  private Tiny tiny;

  @BeforeEach
  void images() throws IOException {
    tiny = Tiny.in(temp.resolve("images"));
  }

  private RunStore store(String name) {
    return new RunStore(temp.resolve(name));
  }

  /**
   * Returns the trial processes that this process has started. A process that was forked, but has
   * not yet loaded the Java program, is left out.
   */
  private static List<ProcessHandle> trials() {
    return ProcessHandle.current().children().filter(ProcessesTest::trial).toList();
  }

  /**
   * Returns whether a process runs a trial. Reads its command line in {@code /proc}, since {@link
   * ProcessHandle#info} cuts off a long command line.
   */
  private static boolean trial(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline"))
          .contains(TrialMain.class.getName());
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Starts the program of {@code lab sweep resnet --scale smoke --seeds 1} on the images of this
   * test, in a process with one thread. This process, the driver, runs the trials itself or starts
   * processes for them.
   *
   * @param results the name of the folder for the results
   * @param runner {@code local} to run the trials in the driver, {@code processes} for two other
   *     processes
   */
  private Process driver(String results, String runner) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:ActiveProcessorCount=1",
            "-cp",
            Processes.classpath(),
            SweepCommand.class.getName(),
            "resnet",
            "--scale",
            "smoke",
            "--data",
            tiny.folder().toString(),
            "--seeds",
            "1",
            "--runner",
            runner,
            "--processes",
            "2");
    builder.environment().put("GRAFS_RESULTS", temp.resolve(results).toString());
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("MKL_NUM_THREADS", "1");
    return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static String finish(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  @Test
  void oneProcessAndSeveralGiveTheSameBitsAlsoAfterTheDriverWasKilled() throws Exception {
    String said = finish(driver("local", "local"));
    assertTrue(said.contains("resnet at smoke: 7 trials of 1 thread each, 1 at once"), said);
    assertTrue(said.contains("resnet at smoke: 7/7 trials"), said);
    Map<String, String> local = Tiny.results(temp.resolve("local"));
    assertEquals(7, local.size());

    Process killed = driver("processes", "processes");
    try (BufferedReader lines = killed.inputReader(StandardCharsets.UTF_8)) {
      int over = 0;
      for (String line; over < 3 && (line = lines.readLine()) != null; ) {
        over += line.contains(" in ") ? 1 : 0;
      }
      List<ProcessHandle> trials;
      do {
        // After the third trial has ended, the process of the next one may not have started yet.
        trials = killed.children().toList();
      } while (trials.isEmpty() && killed.isAlive());
      killed.destroyForcibly().waitFor();
      for (ProcessHandle trial : trials) {
        // The test does not kill the trials: they exit because their parent process has ended.
        trial.onExit().get(20, TimeUnit.SECONDS);
      }
    }
    int before = Tiny.results(temp.resolve("processes")).size();
    assertTrue(before >= 3 && before < 7, before + " were complete");
    said = finish(driver("processes", "processes"));
    assertTrue(said.contains(before + " trials are complete already"), said);
    assertEquals(7 - before, said.lines().filter(line -> line.contains(" in ")).count() - 1, said);
    assertEquals(local, Tiny.results(temp.resolve("processes")));
  }

  @Test
  void aKilledProcessIsAFailedAttemptWithItsSignal() throws IOException {
    Experiment experiment = tiny.experiment(PaperModel.RESNET_20, 0.05);
    Trial relu = tiny.baseline(experiment, "relu", 1);
    List<String> messages = new ArrayList<>();
    Consumer<Report> note = report -> messages.add(report.rows().get(0).message());
    atFirstTrial(ProcessHandle::destroyForcibly);
    Report report = new Sweep("tiny", List.of(relu), 1).run(store("a"), new Processes(1, 1), note);
    assertEquals(State.COMPLETE, report.rows().get(0).state(), report.rows().toString());
    assertEquals(2, report.rows().get(0).attempts());
    messages.removeIf(String::isEmpty);
    assertTrue(messages.get(0).startsWith("its process was killed (signal 9)"), "" + messages);
    assertEquals(List.of(), trials());
  }

  /** Starts a thread that runs an action on the first trial process as soon as there is one. */
  private static void atFirstTrial(Consumer<ProcessHandle> action) {
    Thread watch =
        new Thread(
            () -> {
              List<ProcessHandle> trials = trials();
              for (long end = System.nanoTime() + 60_000_000_000L;
                  trials.isEmpty() && System.nanoTime() < end; ) {
                trials = trials();
              }
              trials.stream().limit(1).forEach(action);
            });
    watch.setDaemon(true);
    watch.start();
  }

  @Test
  void aHeapThatIsFullIsTheTrialsMessage() throws Exception {
    // 31 MB of pixels, for a Java heap of 16 MB.
    Path large = Files.createDirectories(temp.resolve("large"));
    for (String set : List.of("train", "t10k")) {
      Files.write(large.resolve(set + "-images-idx3-ubyte"), idx(0x803, 40_000, 28, 28));
      Files.write(large.resolve(set + "-labels-idx1-ubyte"), idx(0x801, 40_000));
    }
    TaskSource source = new TaskSource(large.toString(), null, 0, false);
    RunStore store = store("a");
    Trial relu = tiny.baseline(tiny.experiment(PaperModel.RESNET_20, 0.05), "relu", 1);
    RunRequest request = new Trial(relu.experiment(), source, relu.work(), 1).request(store);
    TrialProcess process = new TrialProcess(Processes.classpath(), Processes.environment(), 1);
    Outcome outcome =
        process.run(store.root(), request.text(), "-Xmx16m", null, (done, total) -> {});
    assertFalse(outcome.complete());
    assertTrue(outcome.again());
    assertTrue(outcome.message().startsWith("out of memory: "), outcome.message());
    assertTrue(outcome.message().contains("set GRAFS_HEAP to more"), outcome.message());
  }

  private static byte[] idx(int magic, int... dimensions) {
    int size = IntStream.of(dimensions).reduce(1, (a, b) -> a * b);
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dimensions.length + size).putInt(magic);
    IntStream.of(dimensions).forEach(bytes::putInt);
    return bytes.array();
  }

  @Test
  void whatGoesWrongInAProcessIsSaidInOneLine() throws Exception {
    RunStore store = store("a");
    Trial good = tiny.baseline(tiny.experiment(PaperModel.RESNET_20, 0.05), "relu", 1);
    TaskSource other = Tiny.in(temp.resolve("other/images")).source();
    Files.write(temp.resolve("other/images/test_batch.bin"), new byte[3073]);
    Files.write(
        temp.resolve("other/images/data_batch_1.bin"),
        Files.readAllBytes(tiny.folder().resolve("data_batch_1.bin")));
    Sweep sweep =
        new Sweep(
            "tiny",
            List.of(
                new Trial(good.experiment(), other, good.work(), 1),
                new Trial(
                    good.experiment(),
                    new TaskSource("no-such-data", null, 0, false),
                    good.work(),
                    2),
                tiny.baseline(tiny.experiment(PaperModel.RESNET_20, 1e20), "relu", 3),
                tiny.search(tiny.experiment(PaperModel.RESNET_20, 1e20), 4),
                good),
            0);
    Report report = sweep.run(store, new Processes(2, 1), now -> {});
    Map<Long, TrialStatus> rows = new HashMap<>();
    report.rows().forEach(row -> rows.put(row.trial().seed(), row));
    assertEquals(3, report.count(State.FAILED), report.table().print());
    assertTrue(
        report.rows().stream()
            .anyMatch(row -> row.message().startsWith("ReLU, seed 1 needs other data than")),
        report.table().print());
    assertTrue(rows.get(2L).message().contains("'no-such-data'"), rows.get(2L).message());
    assertEquals(State.DIVERGED, rows.get(3L).state());
    assertTrue(rows.get(4L).message().contains("diverged in"), rows.get(4L).message());
    assertEquals(1, report.count(State.COMPLETE));
    assertEquals(2, Tiny.results(store.root()).size());
  }

  @Test
  void aProcessThatCannotComputeSaysHowItEnded() throws Exception {
    RunStore store = store("a");
    String request =
        tiny.baseline(tiny.experiment(PaperModel.RESNET_20, 0.05), "relu", 1).request(store).text();
    TrialProcess nothing = new TrialProcess(temp.toString(), Map.of(), 1);
    Outcome outcome = nothing.run(store.root(), request, "-Xmx64m", null, (done, total) -> {});
    assertTrue(outcome.message().startsWith("its process ended with status 1: "), "" + outcome);
    TrialProcess good = new TrialProcess(Processes.classpath(), Map.of(), 1);
    outcome = good.run(store.root(), "{\"config\": 1}", "-Xmx64m", null, (done, total) -> {});
    assertTrue(outcome.message().startsWith("this is not a request for a run: "), "" + outcome);
    String withoutGson =
        Stream.of(Processes.classpath().split(File.pathSeparator))
            .filter(entry -> !entry.contains("gson"))
            .collect(Collectors.joining(File.pathSeparator));
    TrialProcess incomplete = new TrialProcess(withoutGson, Map.of(), 1);
    outcome = incomplete.run(store.root(), request, "-Xmx64m", null, (done, total) -> {});
    String missing = "java.lang.NoClassDefFoundError: com/google/gson/";
    assertTrue(outcome.message().startsWith(missing), "" + outcome);
    assertFalse(Files.exists(store.root()), "something was begun");
  }

  @Test
  void aProcessThatCannotStartLeavesNoLog() throws IOException {
    // No process can be started with an argument that contains the character 0.
    TrialProcess impossible = new TrialProcess("\0", Map.of(), 1);
    int attempts = 20;
    long before = logs();
    for (int i = 0; i < attempts; i++) {
      assertThrows(
          IOException.class, () -> impossible.run(temp, "", "-Xmx64m", null, (done, total) -> {}));
    }
    // Other programs on this machine may start trials at the same time, whose logs are in the same
    // folder. It is assumed that they start fewer than 20.
    assertTrue(logs() < before + attempts, "logs are left");
  }

  private static long logs() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(f -> f.getFileName().toString().startsWith("grafs-trial-")).count();
    }
  }

  @Test
  void anInterruptedSweepLeavesNoProcess() throws Exception {
    Thread here = Thread.currentThread();
    atFirstTrial(trial -> here.interrupt());
    Sweep sweep = new Sweep("tiny", tiny.trials(), 0);
    assertThrows(
        CancellationException.class, () -> sweep.run(store("a"), new Processes(2, 1), now -> {}));
    assertEquals(List.of(), trials());
  }

  @Test
  void devicesAreHandedOut() {
    assertEquals(List.of("", ""), Processes.devices(2, List.of()));
    assertEquals(List.of("0", "3", "0"), Processes.devices(3, List.of("0", "3")));
    assertThrows(IllegalArgumentException.class, () -> new Processes(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Processes(1, 0));
    assertTrue(new Processes(1).slots() >= 1);
    assertNotEquals(Map.of(), Processes.environment());
    assertEquals("2000", Processes.environment().get("GOMP_SPINCOUNT"));
  }

  @Test
  void eachProcessSeesItsOwnDeviceAndItsOwnThreads() throws Exception {
    Path java = temp.resolve("java-home/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(
        java,
        "#!/bin/sh\necho failed $CUDA_VISIBLE_DEVICES $OMP_NUM_THREADS $MKL_NUM_THREADS $*\nexit 1\n");
    assumeTrue(java.toFile().setExecutable(true));
    String home = System.getProperty("java.home");
    System.setProperty("java.home", temp.resolve("java-home").toString());
    try (Processes runner = new Processes(List.of("1"), 4)) {
      RunStore store = store("a");
      Trial relu = tiny.baseline(tiny.experiment(PaperModel.RESNET_20, 0.05), "relu", 1);
      Outcome outcome =
          runner.run(relu.request(store), relu.experiment().task(), store, (done, total) -> {});
      assertTrue(outcome.message().startsWith("1 4 4 -XX:MaxRAMPercentage=35.0 "), "" + outcome);
      assertTrue(outcome.message().contains("-XX:ActiveProcessorCount=4"), "" + outcome);
    } finally {
      System.setProperty("java.home", home);
    }
  }
}
