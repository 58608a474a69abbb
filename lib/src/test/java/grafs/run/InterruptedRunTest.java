package grafs.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import grafs.Printed;
import grafs.model.Activations;
import grafs.notebook.ProgressLine;
import grafs.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a {@link RunStore}, which keeps trainings and searches (runs) on disk, resumes an
 * interrupted training and reaches the same result, also if the disk was full. A store locks the
 * folder of a run while it works on the run. If the same run is started again in the same process
 * before the lock is released, the second start must wait.
 */
class InterruptedRunTest {

  private TinyRuns tiny;

  @BeforeEach
  void text(@TempDir Path temp) throws IOException {
    tiny = new TinyRuns(temp);
  }

  @Test
  void aTrainingThatIsBrokenOffGoesOnToTheSameEnd() throws IOException {
    Experiment.Run unbroken = tiny.train(tiny.store("unbroken"), Progress.Listener.NONE);
    RunStore store = tiny.store("broken");
    for (int stop : new int[] {2, 6, 3}) {
      // An epoch has four steps. Progress is reported at most four times a second, and after the
      // last step. On a fast machine, the report after the last step may be the only one from step
      // `stop` on, so the training is stopped then too.
      assertThrows(
          CancellationException.class,
          () ->
              store.train(
                  tiny.experiment,
                  "GELU",
                  Activations.of("gelu"),
                  5,
                  progress -> {
                    if (progress.done() >= stop || progress.done() == progress.total()) {
                      throw new CancellationException();
                    }
                  }));
    }
    assertTrue(Files.exists(TinyRuns.only(store).resolve("checkpoint/training.zip")));
    assertEquals(
        List.of(), JsonFile.differences(unbroken, tiny.train(store, Progress.Listener.NONE)));
    assertEquals(
        List.of(),
        tiny.store("unbroken").rebuild(TinyRuns.only(store), tiny.task, Progress.Listener.NONE));
  }

  @Test
  void aFullDiskIsSaidAndTheEarlierEpochsAreKept() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "skipped: this system has no /dev/full");
    Experiment.Run unbroken = tiny.train(tiny.store("unbroken"), Progress.Listener.NONE);
    for (String file : List.of("checkpoint/training.zip", "metrics.csv", "result.json")) {
      RunStore store = tiny.store("full-" + file.replace('/', '-'));
      // An epoch has four steps, so the second epoch is interrupted; the first one was saved.
      assertThrows(CancellationException.class, () -> tiny.train(store, TinyRuns::stopAtFive));
      Path folder = TinyRuns.only(store);
      Path part = folder.resolve(file + ".part");
      Files.createSymbolicLink(part, full);
      String said =
          assertThrows(UncheckedIOException.class, () -> tiny.train(store, Progress.Listener.NONE))
              .getMessage();
      assertTrue(said.contains(folder.resolve(file).toString()), said);
      assertTrue(said.contains("No space left on device"), said);
      assertTrue(Files.size(folder.resolve("checkpoint/training.zip")) > 0, "nothing is kept");
      assertTrue(Files.notExists(part, LinkOption.NOFOLLOW_LINKS), "half a file is left");
      assertEquals(
          List.of(), JsonFile.differences(unbroken, tiny.train(store, Progress.Listener.NONE)));
    }
  }

  @Test
  void aRunThatIsStillEndingIsWaitedFor() throws IOException {
    RunStore store = tiny.store("a");
    tiny.train(store, Progress.Listener.NONE);
    Path folder = TinyRuns.only(store);
    try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertTrue(lock.isValid());
      // This process holds the lock: the run waits until it is interrupted or the lock is released.
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> tiny.train(store, Progress.Listener.NONE));
      CompletableFuture.runAsync(
          () -> assertDoesNotThrow(lock::release),
          CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
      String said = Printed.by(() -> tiny.train(store, new ProgressLine()));
      assertTrue(said.contains("is still running in this process: waiting"), said);
    }
    assertFalse(tiny.train(store, Progress.Listener.NONE).epochs().isEmpty());
  }
}
