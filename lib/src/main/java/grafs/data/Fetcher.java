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
 * Fetches a data set that is published on the web: downloads its missing and damaged files, and
 * leaves its other files as they are. A file is downloaded under a temporary name that ends in
 * {@code .part}. Only if its size and checksum are the published ones, it is moved to its final
 * name or unpacked.
 *
 * @param set the data set
 * @param home the data set's folder, which is created if it does not exist
 * @param stall a connection counts as lost if no byte arrives for this time
 * @param pause the time to wait after an attempt to download that made the temporary file longer;
 *     the time doubles with each attempt in a row that did not
 * @param console prints messages and progress
 */
record Fetcher(Published set, Path home, Duration stall, Duration pause, Console console) {

  /**
   * Fetches the data set. If another process is fetching it, waits for that process first.
   *
   * @throws DataException if a file cannot be downloaded, written or unpacked, or is not the
   *     published one; the message says why and what to do
   * @throws InterruptedException if the thread is interrupted
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
   * Fetches missing and damaged files while this process holds a lock on the empty file {@code
   * .lock}. That file is never deleted: otherwise one process could hold a lock on the deleted
   * file, and another on a new one.
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

  /** Fetches one file that is missing or damaged; {@code problem} says what is wrong with it. */
  private void fetch(PublishedFile file, String problem) throws IOException, InterruptedException {
    Path target = home.resolve(file.name());
    if (file.archive() == null) {
      Files.move(download(file), target, ATOMIC_MOVE, REPLACE_EXISTING);
    } else if (file.in(home).equals(home)) {
      // A user has unpacked files directly into the data set's folder, so this library reads the
      // files there. To unpack the archive would not help: its files would come into a subfolder,
      // which is then not read.
      throw new DataException(
          "%s: %s. The kit leaves files alone that were unpacked into this folder by hand: move all of them away, and run this again to fetch the data set"
              .formatted(set.title(), problem));
    } else if (Files.exists(target) && file.whole().problem(target).isEmpty()) {
      unpack(file, target);
    } else {
      Path part = download(file);
      unpack(file, part);
      Files.delete(part);
    }
  }

  /**
   * Downloads to a {@code .part} file and returns its path.
   *
   * @throws TransferException if the download fails, or the {@code .part} file has a wrong size or
   *     checksum; such a file is deleted
   */
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
              + ": the server's file is not as published, or the download was damaged. It was"
              + " deleted; run this again to repeat it");
    }
    return part;
  }

  /**
   * Unpacks an archive whose checksum was verified.
   *
   * @throws DataException if it cannot be unpacked, the path of an entry leads out of the data
   *     set's folder, or the unpacked files are not the published ones
   */
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
