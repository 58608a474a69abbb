package grafs.data.fetch;

import static grafs.data.DataException.grouped;

import grafs.data.Checksum;
import grafs.data.DataException;
import grafs.data.Published;
import grafs.data.PublishedFile;
import grafs.data.PublishedFile.Finding;
import grafs.data.PublishedFile.Member;
import grafs.data.PublishedFile.State;
import grafs.data.PublishedFile.Unpacked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Brings a published data set into its folder: downloads what is missing or damaged, checks it,
 * unpacks it, and only then gives it its name. What is whole already is left alone.
 *
 * @param set what to fetch
 * @param home the data set's folder
 * @param patience with the network
 * @param observer who hears of it
 */
record Fetcher(Published set, Path home, Patience patience, Observer observer) {

  /** What an archive may unpack to beyond the files that the kit reads. */
  private static final long SLACK = 16 << 20;

  private static final int ENTRIES = 100;

  /**
   * Fetches the data set, after whoever is at it already.
   *
   * @throws DataException if that fails; says why and what to do
   */
  void fetch() throws InterruptedException {
    try {
      if (!whole()) {
        Files.createDirectories(home);
        FolderLock lock =
            FolderLock.take(
                home, () -> observer.say("Another process is at " + home + ": waiting for it"));
        try {
          for (PublishedFile file : set.files()) {
            fetch(file);
          }
        } finally {
          lock.close();
        }
      }
    } catch (TransferException e) {
      throw new DataException(
          "%s could not be fetched: %s. %s"
              .formatted(set.title(), e.getMessage(), set.wanted(home)),
          e);
    } catch (IOException e) {
      throw new DataException(
          "%s could not be put into %s (%s); see to the folder's permissions and room"
              .formatted(set.title(), home, e),
          e);
    }
    observer.say(set.title() + " is there: " + home);
  }

  private boolean whole() throws IOException {
    for (PublishedFile file : set.files()) {
      if (file.check(home).state() != State.WHOLE) {
        return false;
      }
    }
    return true;
  }

  private void fetch(PublishedFile file) throws IOException, InterruptedException {
    Finding found = file.check(home);
    if (found.state() == State.WHOLE) {
      return;
    }
    if (found.state() == State.DAMAGED) {
      observer.say(found.problem().orElseThrow());
    }
    if (file.unpacked().isEmpty()) {
      Files.move(
          download(file, 0),
          home.resolve(file.name()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    Unpacked unpacked = file.unpacked().get();
    if (unpacked.in(home).equals(home)) {
      // Would be read in place of what is unpacked, and is not ours to delete.
      throw new DataException(
          "%s: %s. Files put there by hand are left alone: move them away and run this again"
              .formatted(
                  set.title(),
                  found.problem().orElse("nobody publishes checksums for the files in " + home)));
    }
    Path byHand = home.resolve(file.name());
    Optional<String> problem =
        Files.exists(byHand) ? file.problem(byHand) : Optional.of(byHand + " is not there");
    if (problem.isEmpty()) {
      unpack(file, unpacked, byHand);
    } else {
      if (Files.exists(byHand)) {
        observer.say(problem.get() + "; fetching it");
      }
      Path part = download(file, limit(unpacked));
      unpack(file, unpacked, part);
      Files.delete(part);
    }
  }

  private static long limit(Unpacked unpacked) {
    return SLACK + unpacked.members().stream().mapToLong(Member::size).sum();
  }

  /** Returns the verified part. */
  private Path download(PublishedFile file, long unpacked)
      throws IOException, InterruptedException {
    Path part = home.resolve(file.name() + ".part");
    // A second time from the start, since it may have been put together of two versions.
    for (int round = 1; ; round++) {
      room(file, part, unpacked);
      new Download(file, part, patience, observer).run();
      observer.say("Checking " + file.name());
      Optional<String> problem = file.problem(part);
      if (problem.isEmpty()) {
        return part;
      }
      Files.delete(part);
      if (round == 2) {
        throw TransferException.lasting(
            problem.get()
                + ", and so it was before: it is not as published, or is changed on the way");
      }
      observer.say(problem.get() + "; fetching all of it again");
    }
  }

  private void room(PublishedFile file, Path part, long unpacked) throws IOException {
    long here = Files.exists(part) ? Files.size(part) : 0;
    long needed = file.size() - here + unpacked;
    long free = Files.getFileStore(home).getUsableSpace();
    if (free < needed) {
      throw new DataException(
          "%s needs %s bytes more in %s, where %s are free: make room, or make it a link to a folder on another disk"
              .formatted(file.name(), grouped(needed), home, grouped(free)));
    }
  }

  private void unpack(PublishedFile file, Unpacked unpacked, Path archive) throws IOException {
    observer.say("Unpacking " + file.name());
    Path temporary = home.resolve(".unpacking");
    Path before = home.resolve(".replaced");
    delete(temporary);
    delete(before);
    try {
      Files.createDirectory(temporary);
      new TarArchive(archive, limit(unpacked), ENTRIES).unpack(temporary);
      Path fresh = temporary.resolve(unpacked.folder());
      note(unpacked, fresh, archive);
      Path target = home.resolve(unpacked.folder());
      if (Files.exists(target)) {
        Files.move(target, before, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(temporary);
      delete(before);
    }
    Finding found = file.check(home);
    if (found.state() != State.WHOLE) {
      throw new DataException(
          "Archive " + archive + " holds another file: " + found.problem().orElse("unchecked"));
    }
  }

  /** Notes the checksums of what came out of the verified archive, as sha256sum would. */
  private static void note(Unpacked unpacked, Path fresh, Path archive) throws IOException {
    StringBuilder sums = new StringBuilder();
    for (Member member : unpacked.members()) {
      Path path = fresh.resolve(member.name());
      if (!Files.isRegularFile(path)) {
        throw new DataException(
            "Archive %s has no %s/%s: it is not as published"
                .formatted(archive, unpacked.folder(), member.name()));
      }
      sums.append("%s  %s\n".formatted(Checksum.of(path, "SHA-256").hex(), member.name()));
    }
    Files.writeString(fresh.resolve(PublishedFile.SUMS), sums);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
