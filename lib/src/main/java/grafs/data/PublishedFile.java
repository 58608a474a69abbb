package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One file of a published data set, as its server gives it out.
 *
 * @param url where it is published
 * @param size its size in bytes
 * @param checksum its checksum
 * @param archive the contents to unpack if it is a {@code .tar.gz}, else null
 */
public record PublishedFile(URI url, long size, Checksum checksum, Archive archive) {

  /** The file in which unpacking writes the checksums of a verified archive's files. */
  public static final String SUMS = "SHA256SUMS";

  /**
   * The contents of an archive.
   *
   * @param folder the name of its only top-level folder
   * @param members the files in that folder that the library reads
   */
  public record Archive(String folder, List<Member> members) {}

  /**
   * A file that the library reads.
   *
   * @param name its name
   * @param size its size in bytes
   * @param checksum its checksum, or null where none is published
   */
  public record Member(String name, long size, Checksum checksum) {}

  /** The state of published files on disk. */
  public enum State {
    /** No file is there. */
    ABSENT,
    /** A file is missing, or one has the right name but other contents. */
    DAMAGED,
    /** Files of the right size, put there by hand, for which no checksum is published. */
    UNCHECKED,
    /** All files are there and match their checksums. */
    WHOLE
  }

  /**
   * The result of a check.
   *
   * @param state the state of the files
   * @param problem what is wrong, where, and what to do; empty if nothing is
   */
  public record Finding(State state, String problem) {

    /** Combines the results of two checks. */
    Finding and(Finding other) {
      if (state == other.state || state == State.DAMAGED) {
        return this;
      }
      if (other.state == State.DAMAGED) {
        return other;
      }
      Finding worse = state.compareTo(other.state) < 0 ? this : other;
      return worse.state == State.ABSENT ? new Finding(State.DAMAGED, worse.problem) : worse;
    }
  }

  /** {@return the file's name} */
  public String name() {
    return Path.of(url.getPath()).getFileName().toString();
  }

  /** {@return the files that the library reads: those in the archive, or this file itself} */
  public List<Member> members() {
    return archive == null ? List.of(new Member(name(), size, checksum)) : archive.members;
  }

  /** {@return the file with its size and checksum, as messages name it} */
  @Override
  public String toString() {
    return "%s (%s bytes, %s)".formatted(name(), grouped(size), checksum);
  }

  /**
   * Returns the folder of the files: the data set's folder itself if any of them was put there by
   * hand, else the archive's folder within it.
   *
   * @param home the data set's folder
   * @return the folder that has, or is to have, the files
   */
  public Path in(Path home) {
    boolean direct = members().stream().anyMatch(m -> Files.exists(home.resolve(m.name)));
    return direct || archive == null ? home : home.resolve(archive.folder);
  }

  /**
   * Checks whether the file, or what was unpacked from it, is in a folder and complete. Reads all
   * of it.
   *
   * @param home the data set's folder, which need not exist
   * @return what was found
   * @throws IOException if something that is there cannot be read
   */
  public Finding check(Path home) throws IOException {
    Path folder = in(home);
    List<Member> missing =
        members().stream().filter(m -> !Files.exists(folder.resolve(m.name))).toList();
    if (!missing.isEmpty()) {
      String names = missing.stream().map(Member::name).collect(Collectors.joining(", "));
      return new Finding(
          missing.size() == members().size() ? State.ABSENT : State.DAMAGED,
          folder + " lacks " + names);
    }
    State state = State.WHOLE;
    for (Member member : members()) {
      Checksum expected = member.checksum == null ? noted(folder, member.name) : member.checksum;
      String problem = problem(folder.resolve(member.name), member.size, expected);
      if (!problem.isEmpty()) {
        return new Finding(
            State.DAMAGED, problem + "; delete it, and environment/lab data fetches it again");
      }
      state = expected == null ? State.UNCHECKED : state;
    }
    return new Finding(state, "");
  }

  private static Checksum noted(Path folder, String name) throws IOException {
    Path sums = folder.resolve(SUMS);
    if (!Files.isRegularFile(sums)) {
      return null;
    }
    try (Stream<String> lines = Files.lines(sums)) {
      return lines
          .filter(l -> l.matches("[0-9a-f]{64}  .*") && l.substring(66).equals(name))
          .map(l -> new Checksum("SHA-256", l.substring(0, 64)))
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * Compares a file's size and checksum with the published ones.
   *
   * @param file a file that exists
   * @return what is wrong with it, or empty if nothing is
   * @throws IOException if it cannot be read
   */
  public String problem(Path file) throws IOException {
    return problem(file, size, checksum);
  }

  private static String problem(Path file, long size, Checksum expected) throws IOException {
    if (!Files.isRegularFile(file)) {
      return file + " is no file";
    }
    if (Files.size(file) != size) {
      return "%s has %s bytes, expected %s"
          .formatted(file, grouped(Files.size(file)), grouped(size));
    }
    Checksum found = expected == null ? null : Checksum.of(file, expected.algorithm());
    return found == null || found.equals(expected)
        ? ""
        : "%s has %s, expected %s".formatted(file, found, expected.hex());
  }
}
