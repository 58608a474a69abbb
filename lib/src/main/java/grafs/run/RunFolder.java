package grafs.run;

import grafs.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The folder of one run.
 *
 * @param root the folder of the store
 * @param config all that decides what comes out, and so where it lies
 */
record RunFolder(Path root, RunConfig config) {

  static final String CONFIG = "config.json";
  static final String RESULT = "result.json";

  /** How many nanoseconds a run that this process is still at has to end. */
  private static final long PATIENCE = 60_000_000_000L;

  /** {@return where it lies} */
  Path path() {
    return root.resolve(config.folder());
  }

  /** {@return whether the run is complete} */
  boolean complete() {
    return Files.exists(path().resolve(RESULT));
  }

  /** {@return its {@code config.json}} */
  RunStore.Header header() {
    return new JsonFile(path().resolve(CONFIG)).read(RunStore.Header.class);
  }

  /**
   * Does something in the folder, alone among all processes.
   *
   * @param code the version of the code, for a run that begins
   * @param listener hears that it waits
   * @param work what to do there
   * @return what the work returns
   * @throws IllegalStateException if another process is at this very run, or this one still is
   *     after a minute
   * @throws CancellationException if the thread was interrupted while it waited for that
   */
  <T> T locked(String code, Progress.Listener listener, Function<Path, T> work) {
    Path folder = path();
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = lock(channel, folder, listener)) {
        JsonFile file = new JsonFile(folder.resolve(CONFIG));
        if (lock.isValid() && !file.exists()) {
          file.write(new RunStore.Header(config, Provenance.now(code)));
        }
        return work.apply(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be written: " + e, e);
    }
  }

  /**
   * Locks the folder. If this process still holds the lock, as when a notebook cell was stopped in
   * the middle of a step, waits until the step ends.
   */
  private FileLock lock(FileChannel channel, Path folder, Progress.Listener listener)
      throws IOException {
    long begin = System.nanoTime();
    boolean said = false;
    while (System.nanoTime() - begin < PATIENCE) {
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw new IllegalStateException(
              config.title() + " is running elsewhere already, in " + folder);
        }
        return lock;
      } catch (OverlappingFileLockException e) {
        if (!said) {
          listener.note(config.title() + " is still ending in this kernel: waiting for that");
          said = true;
        }
        pause();
      }
    }
    throw new IllegalStateException(
        "%s is still running in this kernel, in %s: wait until it ends, or restart the kernel"
            .formatted(config.title(), folder));
  }

  private void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted while " + config.title() + " was ending");
    }
  }

  /** Deletes the checkpoint, which a complete run no longer needs. */
  void deleteCheckpoint() {
    try (Stream<Path> files = Files.walk(path().resolve("checkpoint"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (NoSuchFileException e) {
      // There was none, or another process was faster.
    } catch (IOException e) {
      throw new UncheckedIOException(path() + " cannot be cleared: " + e, e);
    }
  }

  /** Reports that the run was loaded, and whether other versions of the software made it. */
  void sayLoaded(Progress.Listener listener) {
    Provenance there = header().provenance();
    boolean same = there.sameSoftware(Provenance.now(Provenance.commit()));
    listener.note(
        "%s: complete, loaded from %s%s"
            .formatted(
                config.title(),
                config.folder(),
                same
                    ? ""
                    : "; made on %s by other versions of code or libraries, see its config.json"
                        .formatted(there.started())));
  }
}
