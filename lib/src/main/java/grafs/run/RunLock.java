package grafs.run;

import grafs.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * The lock of the folder of a run. A run is a search for an activation function or a training of a
 * network; the folder has its files. The process that works on the run holds a lock on the file
 * {@code lock} in the folder.
 */
final class RunLock {

  /**
   * The number of attempts to get a lock that this process itself still holds. They are a tenth of
   * a second apart, so together they take a minute.
   */
  private static final int PATIENCE = 600;

  private RunLock() {}

  /**
   * Does work while holding the lock, which excludes all other processes.
   *
   * @param folder the run's folder; created if there is none
   * @param title what the run is called in messages
   * @param listener receives a note if the lock has to be waited for
   * @param work the work
   * @return the value that the work returns
   * @throws IllegalStateException if another process holds the lock, or this process still holds it
   *     after a minute
   * @throws CancellationException if the thread was interrupted while it waited for the lock
   * @throws UncheckedIOException if the folder cannot be created, or its file {@code lock} cannot
   *     be written or locked
   */
  static <T> T during(Path folder, String title, Progress.Listener listener, Supplier<T> work) {
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve("lock");
      try (FileChannel channel =
              FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = lock(channel, folder, title, listener)) {
        return lock.isValid() ? work.get() : null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the folder %s of %s cannot be created, written or locked; allow it, or keep runs in another folder (%s)"
              .formatted(folder, title, e),
          e);
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted while waiting for %s to stop".formatted(title));
    }
  }

  /**
   * Locks the folder. If this process holds the lock already, as it does when a notebook cell was
   * stopped in the middle of a training step, waits until the lock is released, for a minute at
   * most.
   */
  private static FileLock lock(
      FileChannel channel, Path folder, String title, Progress.Listener listener)
      throws IOException, InterruptedException {
    for (int waited = 0; waited < PATIENCE; waited++) {
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw new IllegalStateException(
              "%s is being run by another process, in %s: wait until that ends, or stop it"
                  .formatted(title, folder));
        }
        return lock;
      } catch (OverlappingFileLockException e) {
        if (waited == 0) {
          listener.note(title + " is still running in this process: waiting a minute for its end");
        }
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException(
        "%s is still running in this process, in %s: wait until it ends, or restart the kernel"
            .formatted(title, folder));
  }
}
