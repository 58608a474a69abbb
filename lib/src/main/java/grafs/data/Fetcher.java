package grafs.data;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import grafs.data.Download.TransferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.examples.Expander;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Fetches a published data set: downloads missing or damaged files, checks them, and only then
 * moves them to their final names or unpacks them. Complete files are left alone.
 *
 * @param set what to fetch
 * @param home the data set's folder
 * @param stall the time without a byte after which a connection counts as lost
 * @param pause the time to wait after an attempt that brought bytes; each attempt in a row that
 *     brings none doubles it
 * @param console prints progress
 */
record Fetcher(Published set, Path home, Duration stall, Duration pause, Console console) {

  /**
   * Fetches the data set; waits first if another process is fetching it.
   *
   * @throws DataException if that fails; says why and what to do
   */
  void fetch() throws InterruptedException {
    try {
      if (!set.problem(home).isEmpty()) {
        Files.createDirectories(home);
        fetchLocked();
      }
    } catch (TransferException e) {
      throw new DataException(
          "%s could not be fetched: %s. %s"
              .formatted(set.title(), e.getMessage(), set.wanted(home)),
          e);
    } catch (IOException e) {
      throw new DataException(
          "%s could not be put into %s (%s); make room or set its permissions, and run this again to go on"
              .formatted(set.title(), home, e),
          e);
    }
    console.say(set.title() + " is there: " + home);
  }

  /**
   * Fetches missing and damaged files while holding a lock on the empty file {@code .lock}. That
   * file is never deleted, since two processes could then hold locks at once.
   */
  private void fetchLocked() throws IOException, InterruptedException {
    try (FileChannel lock = FileChannel.open(home.resolve(".lock"), CREATE, WRITE)) {
      if (lock.tryLock() == null) {
        console.say("Another process is at " + home + ": waiting for it");
        lock.lock();
      }
      for (PublishedFile file : set.files()) {
        String problem = file.problem(home);
        if (!problem.isEmpty()) {
          console.say(problem);
          fetch(file, problem);
        }
      }
    }
  }

  private void fetch(PublishedFile file, String problem) throws IOException, InterruptedException {
    Path target = home.resolve(file.name());
    if (file.archive() == null) {
      Files.move(download(file), target, ATOMIC_MOVE, REPLACE_EXISTING);
    } else if (file.in(home).equals(home)) {
      // Files in the data set's own folder would be read instead of the unpacked ones.
      throw new DataException(
          "%s: %s. Files put there by hand are left alone: move them away and run this again"
              .formatted(set.title(), problem));
    } else if (Files.exists(target) && file.whole().problem(target).isEmpty()) {
      unpack(file, target);
    } else {
      Path part = download(file);
      unpack(file, part);
      Files.delete(part);
    }
  }

  /** Downloads to a {@code .part} file; deletes it and throws if its size or checksum is wrong. */
  private Path download(PublishedFile file) throws IOException, InterruptedException {
    Path part = home.resolve(file.name() + ".part");
    new Download(file, part, stall, pause, console).run();
    console.say("Checking " + file.name());
    String problem = file.whole().problem(part);
    if (!problem.isEmpty()) {
      Files.delete(part);
      throw new TransferException(
          false,
          problem
              + ": it is not as published, or was changed on the way; run this again to fetch all"
              + " of it anew");
    }
    return part;
  }

  /** Unpacks a verified archive. Throws if a name in it leads out of the folder. */
  private void unpack(PublishedFile file, Path archive) throws IOException {
    console.say("Unpacking " + file.name());
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(raw))) {
      new Expander().expand(tar, home);
    } catch (IOException e) {
      throw new DataException("Archive " + archive + " could not be unpacked: " + e, e);
    }
    String problem = file.problem(home);
    if (!problem.isEmpty()) {
      throw new DataException("Archive " + archive + " is not as published: " + problem);
    }
  }
}
