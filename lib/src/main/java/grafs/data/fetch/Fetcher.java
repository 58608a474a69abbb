package grafs.data.fetch;

import static grafs.data.DataException.grouped;

import grafs.data.Checksum;
import grafs.data.DataException;
import grafs.data.Published;
import grafs.data.PublishedFile;
import grafs.data.PublishedFile.Finding;
import grafs.data.PublishedFile.Member;
import grafs.data.PublishedFile.State;
import grafs.data.fetch.Download.TransferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.examples.Expander;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Fetches a published data set: downloads missing or damaged files, checks and unpacks them, and
 * only then moves them to their final names. Complete files are left alone.
 *
 * @param set what to fetch
 * @param home the data set's folder
 * @param stall the time without a byte after which a connection counts as lost
 * @param pause the time to wait after the first failed attempt; doubles with each
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
      if (set.check(home).state() != State.WHOLE) {
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
   * Fetches missing files while holding a lock on the empty file {@code .lock}. That file is never
   * deleted, since two processes could then hold locks at once.
   */
  private void fetchLocked() throws IOException, InterruptedException {
    try (FileChannel lock =
        FileChannel.open(
            home.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (lock.tryLock() == null) {
        console.say("Another process is at " + home + ": waiting for it");
        lock.lock();
      }
      for (PublishedFile file : set.files()) {
        Finding found = file.check(home);
        if (found.state() != State.WHOLE) {
          fetch(file, found);
        }
      }
    }
  }

  private void fetch(PublishedFile file, Finding found) throws IOException, InterruptedException {
    if (found.state() == State.DAMAGED) {
      console.say(found.problem());
    }
    Path target = home.resolve(file.name());
    if (file.archive() == null) {
      Files.move(
          download(file, 0),
          target,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    if (file.in(home).equals(home)) {
      // Files put there by hand would be read instead of the unpacked ones, and must not be
      // deleted.
      throw new DataException(
          "%s: %s. Files put there by hand are left alone: move them away and run this again"
              .formatted(
                  set.title(),
                  found.problem().isEmpty()
                      ? "nobody publishes checksums for the files in " + home
                      : found.problem()));
    }
    if (Files.exists(target)) {
      String problem = file.problem(target);
      if (problem.isEmpty()) {
        unpack(file, target);
        return;
      }
      console.say(problem + "; fetching it");
    }
    Path part = download(file, file.members().stream().mapToLong(Member::size).sum());
    unpack(file, part);
    Files.delete(part);
  }

  /**
   * Downloads to a {@code .part} file and verifies it. Throws if the disk lacks room for it and for
   * {@code unpacked} bytes more.
   */
  private Path download(PublishedFile file, long unpacked)
      throws IOException, InterruptedException {
    Path part = home.resolve(file.name() + ".part");
    // Retries once from the start: a resumed download may mix two versions of the file.
    for (int round = 1; ; round++) {
      long needed = file.size() - (Files.exists(part) ? Files.size(part) : 0) + unpacked;
      long free = Files.getFileStore(home).getUsableSpace();
      if (free < needed) {
        throw new DataException(
            "%s needs %s bytes more in %s, where %s are free: make room, or make it a link to a folder on another disk"
                .formatted(file.name(), grouped(needed), home, grouped(free)));
      }
      new Download(file, part, stall, pause, console).run();
      console.say("Checking " + file.name());
      String problem = file.problem(part);
      if (problem.isEmpty()) {
        return part;
      }
      Files.delete(part);
      if (round == 2) {
        throw new TransferException(
            false,
            problem + ", and so it was before: it is not as published, or is changed on the way");
      }
      console.say(problem + "; fetching all of it again");
    }
  }

  /** Unpacks a verified archive, and writes its files' checksums in {@code sha256sum}'s format. */
  private void unpack(PublishedFile file, Path archive) throws IOException {
    console.say("Unpacking " + file.name());
    Path temporary = home.resolve(".unpacking");
    delete(temporary);
    try {
      expand(archive, Files.createDirectory(temporary));
      Path fresh = temporary.resolve(file.archive().folder());
      StringBuilder sums = new StringBuilder();
      for (Member member : file.members()) {
        Path path = fresh.resolve(member.name());
        if (!Files.isRegularFile(path)) {
          throw refused(archive, "has no " + file.archive().folder() + "/" + member.name());
        }
        sums.append("%s  %s\n".formatted(Checksum.of(path, "SHA-256").hex(), member.name()));
      }
      Files.writeString(fresh.resolve(PublishedFile.SUMS), sums);
      Path target = home.resolve(file.archive().folder());
      delete(target);
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(temporary);
    }
    Finding found = file.check(home);
    if (found.state() != State.WHOLE) {
      throw refused(archive, "holds another file: " + found.problem());
    }
  }

  /** Unpacks into a folder. Throws at names that lead out of it; links become empty files. */
  private static void expand(Path archive, Path folder) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(raw))) {
      new Expander().expand(tar, folder);
    } catch (IOException e) {
      throw new DataException("Archive " + archive + " could not be unpacked: " + e, e);
    }
  }

  private static DataException refused(Path archive, String what) {
    return new DataException("Archive " + archive + " " + what + ": it is not as published");
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
