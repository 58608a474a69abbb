package grafs.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.run.Experiment;
import grafs.run.KeptTraining;
import grafs.run.PaperModel;
import grafs.run.RunRequest;
import grafs.run.RunStore;
import grafs.run.Task;
import grafs.sweep.TrialStatus.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests {@link Sweep}, a list of searches and trainings called trials: their order, and what
 * happens when trials fail or the sweep is interrupted.
 */
class SweepTest {

  @TempDir Path temp;
  private Tiny tiny;
  private Experiment experiment;

  @BeforeEach
  void images() throws IOException {
    tiny = Tiny.in(temp.resolve("images"));
    experiment = tiny.experiment(PaperModel.RESNET_20, 0.05);
  }

  private RunStore store() {
    return new RunStore(temp.resolve("results"));
  }

  /**
   * Runs trials in this process and records their names in the order in which they start.
   * Subclasses override {@code progress}, which is called after the steps of a trial, to make the
   * trial fail or to interrupt the sweep.
   */
  private static class Watched implements Runner {
    final List<String> begun = Collections.synchronizedList(new ArrayList<>());

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public Outcome run(
        RunRequest request, Task task, RunStore store, BiConsumer<Long, Long> progress)
        throws InterruptedException {
      begun.add(request.config().model() + ": " + request.config().title());
      return Runner.IN_PROCESS.run(request, task, store, (done, all) -> progress(request, done));
    }

    void progress(RunRequest request, long done) {}
  }

  private static TrialStatus row(Report report, String title) {
    return report.rows().stream()
        .filter(row -> row.trial().title().startsWith(title))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatTellsMostIsBegunFirst() {
    Experiment larger = experiment.with(PaperModel.RESNET_32);
    Trial one = tiny.search(experiment, 1);
    Trial two = tiny.search(experiment, 2);
    List<Trial> trials = new ArrayList<>(List.of(two, one));
    for (long seed = 1; seed <= 2; seed++) {
      for (Experiment each : List.of(larger, experiment)) {
        trials.add(tiny.found(each, two, seed));
        trials.add(tiny.found(each, one, seed));
        trials.add(tiny.baseline(each, "relu", seed));
      }
    }
    List<String> order =
        new Sweep("a", trials, 0)
            .trials().stream().map(t -> t.title().replace(" on images", "")).toList();
    assertEquals(
        List.of(
            "ReLU, seed 1, ResNet-20",
            "ReLU, seed 1, ResNet-32",
            "found 2, seed 1, ResNet-20",
            "found 1, seed 1, ResNet-20",
            "found 2, seed 1, ResNet-32",
            "found 1, seed 1, ResNet-32",
            "search, seed 2, ResNet-20",
            "search, seed 1, ResNet-20",
            "ReLU, seed 2, ResNet-20",
            "ReLU, seed 2, ResNet-32",
            "found 2, seed 2, ResNet-20",
            "found 1, seed 2, ResNet-20",
            "found 2, seed 2, ResNet-32",
            "found 1, seed 2, ResNet-32"),
        order);
  }

  @Test
  void searchesThatNothingWaitsForAreBegunFirst() {
    Trial relu = tiny.baseline(experiment, "relu", 1);
    Trial found = tiny.found(experiment, tiny.search(experiment, 1), 1);
    Trial two = tiny.search(experiment, 2);
    Trial three = tiny.search(experiment, 3);
    assertEquals(
        List.of(two, three, relu, found, tiny.search(experiment, 1)),
        new Sweep("a", List.of(relu, two, found, tiny.search(experiment, 1), three), 0).trials());
  }

  @Test
  void aSweepFillsTheStoreAndFindsItFilled() throws IOException {
    Sweep sweep = new Sweep("tiny", tiny.trials(), 0);
    Watched runner = new Watched();
    List<Integer> grown = new ArrayList<>();
    Report report = sweep.run(store(), runner, now -> grown.add(now.table().rowCount()));
    assertEquals(
        List.of(
            "ResNet-20: SiLU, seed 1",
            "ResNet-20: ReLU, seed 1",
            "ResNet-20: search, seed 1",
            "ResNet-20: found 1, seed 1",
            "ResNet-20: found 1, seed 2"),
        runner.begun);
    assertEquals(5, report.count(State.COMPLETE), report.line());
    assertEquals("tiny: 5/5 trials", report.line());
    assertEquals(0, report.secondsLeft());
    Tiny.assertWhole(sweep, store());
    assertEquals(1, grown.get(0));
    assertEquals(5, grown.get(grown.size() - 1));
    assertEquals(grown.stream().sorted().toList(), grown, "the table shrank");
    KeptTraining relu =
        store().trainings().stream()
            .filter(t -> t.run().activation().equals("ReLU"))
            .findFirst()
            .orElseThrow();
    assertEquals("%.2f %%".formatted(100 * relu.run().accuracy()), row(report, "ReLU").result());
    assertEquals(store().searches().get(0).result().found().text(), row(report, "search").result());

    Watched idle = new Watched();
    Report again = sweep.run(store(), idle, now -> {});
    assertEquals(List.of(), idle.begun);
    assertEquals(5, again.count(State.COMPLETE));
    assertEquals(row(report, "search").result(), row(again, "search").result());
  }

  @Test
  void oneTrialOutOfMemoryOneThatThrowsAndOneThatDivergesAreRedRows() throws IOException {
    Experiment hopeless = tiny.experiment(PaperModel.RESNET_20, 1e20);
    Trial search = tiny.search(hopeless, 1);
    List<Trial> trials = new ArrayList<>(tiny.trials());
    trials.add(tiny.baseline(hopeless, "gelu", 7));
    trials.add(tiny.baseline(experiment, "elu", 8));
    trials.add(tiny.baseline(experiment, "leaky_relu", 9));
    trials.add(search);
    trials.add(tiny.found(hopeless, search, 5));
    Sweep sweep = new Sweep("tiny", trials, 2);
    Watched runner =
        new Watched() {
          @Override
          void progress(RunRequest request, long done) {
            if (request.config().title().startsWith("ELU")) {
              // Fills the Java heap until an OutOfMemoryError is thrown.
              List<long[]> all = new ArrayList<>();
              while (true) {
                all.add(new long[Integer.MAX_VALUE - 8]);
              }
            }
            if (request.config().title().startsWith("Leaky ReLU")) {
              throw new IllegalStateException("the cat\nsits on it");
            }
          }
        };
    Report report = sweep.run(store(), runner, now -> {});
    TrialStatus full = row(report, "ELU");
    assertEquals(State.FAILED, full.state());
    assertEquals(3, full.attempts());
    assertTrue(full.message().startsWith("out of memory: Java heap space"), full.message());
    TrialStatus thrown = row(report, "Leaky ReLU");
    assertEquals("the cat sits on it", thrown.message());
    assertEquals(3, thrown.attempts());
    TrialStatus diverged = row(report, "GELU");
    assertEquals(State.DIVERGED, diverged.state());
    assertTrue(diverged.message().contains("diverged"), diverged.message());
    TrialStatus searched =
        report.rows().stream().filter(r -> r.trial().equals(search)).findFirst().orElseThrow();
    assertEquals(State.FAILED, searched.state());
    assertTrue(searched.message().contains("the search diverged in"), searched.message());
    assertEquals(1, searched.attempts(), "what diverges once diverges again");
    TrialStatus orphan = row(report, "found 1, seed 5");
    assertEquals(0, orphan.attempts());
    assertEquals("not started, because the search for its function failed", orphan.message());

    assertEquals(5, report.count(State.COMPLETE), report.line());
    assertTrue(report.failed());
    assertEquals("tiny: 6/10 trials, 1 diverged, 4 failed", report.line());
    assertTrue(
        report.begun().subList(0, 5).stream().allMatch(TrialStatus::red), "red rows come first");
    assertFalse(report.begun().get(5).red());
    // Failed trials are retried after all other trials have started.
    assertEquals(
        List.of("ResNet-20: ELU, seed 8", "ResNet-20: Leaky ReLU, seed 9"),
        runner.begun.subList(runner.begun.size() - 2, runner.begun.size()));

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new SweepLines(new PrintStream(bytes, true, StandardCharsets.UTF_8), true).accept(report);
    String said = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(
        said.contains(
            "\u001b[31mLeaky ReLU, seed 9, ResNet-20 on images: failed: the cat sits on it\u001b[0m"),
        said);
    assertEquals(10, said.lines().filter(line -> line.contains(" on images: ")).count(), said);

    Watched mended = new Watched();
    Report after = new Sweep("tiny", trials, 0).run(store(), mended, now -> {});
    assertEquals(8, after.count(State.COMPLETE) + after.count(State.DIVERGED), after.line());
    assertEquals(3, mended.begun.size(), "only what failed is tried again: " + mended.begun);
  }

  @Test
  void aFailureThatPassesIsRetried() throws IOException {
    Map<String, Integer> attempts = new HashMap<>();
    Watched runner =
        new Watched() {
          @Override
          void progress(RunRequest request, long done) {
            if (done == 1 && attempts.merge(request.config().title(), 1, Integer::sum) == 1) {
              throw new IllegalStateException("not today");
            }
          }
        };
    Sweep sweep = new Sweep("tiny", tiny.trials(), 1);
    Report report = sweep.run(store(), runner, now -> {});
    assertEquals(5, report.count(State.COMPLETE), report.line());
    assertTrue(report.rows().stream().allMatch(row -> row.attempts() == 2 && !row.red()));
    Tiny.assertWhole(sweep, store());
  }

  /**
   * An attempt resumes from the checkpoint that an earlier one left. So the time of the last
   * attempt alone would not be the time that the trial takes.
   */
  @Test
  void theTimeOfATrialIsThatOfAllItsAttempts() {
    Runner runner =
        (request, task, store, progress) -> {
          Thread.sleep(400);
          return Outcome.failed("not today");
        };
    Trial relu = tiny.baseline(experiment, "relu", 1);
    List<Double> seconds = new ArrayList<>();
    Report report =
        new Sweep("tiny", List.of(relu), 2)
            .run(store(), runner, now -> seconds.add(now.rows().get(0).seconds()));
    assertEquals(3, report.rows().get(0).attempts());
    assertTrue(report.rows().get(0).seconds() >= 3 * 0.4, "" + report.rows());
    assertEquals(seconds.stream().sorted().toList(), seconds, "the time went back");
  }

  @Test
  void aFailedAttemptIsPrintedAlsoIfItIsRepeatedAtOnce() {
    Watched runner =
        new Watched() {
          @Override
          void progress(RunRequest request, long done) {
            if (begun.size() == 1) {
              throw new IllegalStateException("not today");
            }
          }
        };
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SweepLines lines = new SweepLines(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);
    Trial relu = tiny.baseline(experiment, "relu", 1);
    new Sweep("tiny", List.of(relu), 1).run(store(), runner, lines);
    assertEquals(
        List.of(relu.title() + ": attempt 1 failed: not today"),
        bytes
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("failed"))
            .toList());
  }

  @Test
  void anInterruptStopsTheTrialAndTheSweepGoesOnLater() throws Exception {
    Thread here = Thread.currentThread();
    AtomicInteger epochs = new AtomicInteger();
    Watched runner =
        new Watched() {
          @Override
          void progress(RunRequest request, long done) {
            if (epochs.incrementAndGet() == 2) {
              here.interrupt();
            }
          }
        };
    Sweep sweep = new Sweep("tiny", tiny.trials(), 0);
    long start = System.nanoTime();
    String said =
        assertThrows(CancellationException.class, () -> sweep.run(store(), runner, now -> {}))
            .getMessage();
    assertTrue(said.contains("interrupted; run the sweep again to resume"), said);
    assertTrue(System.nanoTime() - start < 20e9, "the trial did not stop");
    assertFalse(Thread.interrupted());
    Report report = sweep.run(store(), Runner.IN_PROCESS, now -> {});
    assertEquals(5, report.count(State.COMPLETE), report.line());
    Tiny.assertWhole(sweep, store());
  }

  @Test
  void aDamagedResultIsOneRedRowAndStaysAsItIs() throws IOException {
    Sweep sweep = new Sweep("tiny", tiny.trials(), 0);
    sweep.run(store(), Runner.IN_PROCESS, now -> {});
    Path damaged =
        store().trainings().stream()
            .filter(kept -> kept.run().activation().equals("ReLU"))
            .findFirst()
            .orElseThrow()
            .folder()
            .resolve("result.json");
    Files.writeString(damaged, "{\"activation\": \"Re");
    Report report = sweep.run(store(), Runner.IN_PROCESS, now -> {});
    assertEquals(1, report.count(State.FAILED));
    String message = row(report, "ReLU").message();
    assertTrue(message.contains(damaged + " is damaged; delete its folder"), message);
    assertEquals("{\"activation\": \"Re", Files.readString(damaged));
  }

  @Test
  void aListThatCannotBeDoneIsRefused() {
    Trial relu = tiny.baseline(experiment, "relu", 1);
    assertRefused(List.of(relu, relu), "twice: ReLU, seed 1, ResNet-20 on images");
    Trial found = tiny.found(experiment, tiny.search(experiment, 3), 1);
    assertRefused(List.of(relu, found), "found 3, seed 1, ResNet-20 on images needs");
    String said =
        assertThrows(IllegalArgumentException.class, () -> new Trial.Found(relu)).getMessage();
    assertTrue(said.contains("is a training; only a search finds a function"), said);
    assertThrows(IllegalArgumentException.class, () -> new Sweep("a", List.of(relu), -1));
  }

  private static void assertRefused(List<Trial> trials, String why) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> new Sweep("a", trials, 0)).getMessage();
    assertTrue(said.contains(why), said);
  }

  @Test
  void theTimeLeftIsThatOfTrialsOfTheSameKind() {
    Trial search = tiny.search(experiment, 1);
    Trial other = tiny.search(experiment, 2);
    List<TrialStatus> rows =
        List.of(
            TrialStatus.waiting(tiny.baseline(experiment, "gelu", 1)),
            TrialStatus.waiting(other),
            TrialStatus.waiting(tiny.baseline(experiment, "silu", 1)).begun().after(10, 0.5),
            TrialStatus.waiting(search).begun().after(100, 1).ended(State.COMPLETE, "x", ""),
            TrialStatus.waiting(tiny.baseline(experiment, "elu", 1))
                .ended(State.COMPLETE, "loaded", ""),
            TrialStatus.waiting(tiny.baseline(experiment, "relu", 1))
                .begun()
                .after(30, 1)
                .ended(State.COMPLETE, "1 %", ""));
    assertEquals(30 + 100 + 20, Report.of("a", rows, 1).secondsLeft(), 1e-9);
    assertEquals(150 / 2.0, Report.of("a", rows, 2).secondsLeft(), 1e-9);
    assertTrue(Double.isNaN(Report.of("a", rows.subList(0, 3), 2).secondsLeft()));
    assertEquals("a: 3/6 trials, 1 running, about 1 min 15 s left", Report.of("a", rows, 2).line());
  }
}
