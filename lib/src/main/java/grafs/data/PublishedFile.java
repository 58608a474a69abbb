package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One file of a published data set, as its server gives it out.
 *
 * @param url where it is published
 * @param size its bytes
 * @param checksum its checksum
 * @param unpacked what the kit reads from it where it is a {@code .tar.gz}, else empty
 */
public record PublishedFile(URI url, long size, Checksum checksum, Optional<Unpacked> unpacked) {

  /** Where unpacking notes the checksums of what came out of a verified archive. */
  public static final String SUMS = "SHA256SUMS";

  private static final String AGAIN = "; delete it, and environment/lab data fetches it again";

  /**
   * What an archive holds.
   *
   * @param folder the one folder at its top
   * @param members the files in that folder that the kit reads
   */
  public record Unpacked(String folder, List<Member> members) {

    /**
     * Returns where the files lie: in the data set's folder itself, if somebody put any of them
     * there, else in the archive's own folder within it.
     *
     * @param home the data set's folder
     * @return the folder that has, or is to have, the files
     */
    public Path in(Path home) {
      boolean direct = members.stream().anyMatch(m -> Files.exists(home.resolve(m.name)));
      return direct ? home : home.resolve(folder);
    }
  }

  /**
   * A file in an archive.
   *
   * @param name its name
   * @param size its bytes
   * @param checksum its checksum, where one is published
   */
  public record Member(String name, long size, Optional<Checksum> checksum) {}

  /** How much of a published file is here. */
  public enum State {
    /** Nothing of it. */
    ABSENT,
    /** Something under its name that is not it. */
    DAMAGED,
    /** Files of the right size, put there by hand, for which no checksum is published. */
    UNCHECKED,
    /** All of it, to the bit. */
    WHOLE
  }

  /**
   * What a look at the disk found.
   *
   * @param state how much is here
   * @param problem what is wrong, where, and what to do, if something is
   */
  public record Finding(State state, Optional<String> problem) {

    private static final Finding WHOLE = new Finding(State.WHOLE, Optional.empty());
    private static final Finding UNCHECKED = new Finding(State.UNCHECKED, Optional.empty());

    private static Finding damaged(String problem) {
      return new Finding(State.DAMAGED, Optional.of(problem));
    }
  }

  /** {@return the file's name} */
  public String name() {
    String path = url.getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** {@return the names of the files that the kit reads: what comes out of it, or itself} */
  List<String> contents() {
    return unpacked.map(u -> u.members.stream().map(Member::name).toList()).orElse(List.of(name()));
  }

  /** {@return the file with its size and checksum, as messages name it} */
  @Override
  public String toString() {
    return "%s (%s bytes, %s)".formatted(name(), grouped(size), checksum);
  }

  /**
   * Looks whether the file, or what was unpacked from it, is in a folder, and whole. Reads all of
   * it.
   *
   * @param home the data set's folder, which need not exist
   * @return what was found
   * @throws IOException if something that is there cannot be read
   */
  public Finding check(Path home) throws IOException {
    return unpacked.isPresent() ? checkMembers(unpacked.get(), home) : checkFile(home);
  }

  private Finding checkFile(Path home) throws IOException {
    Path file = home.resolve(name());
    if (!Files.exists(file)) {
      return new Finding(State.ABSENT, Optional.of(home + " lacks " + name()));
    }
    return problem(file).map(p -> Finding.damaged(p + AGAIN)).orElse(Finding.WHOLE);
  }

  private static Finding checkMembers(Unpacked unpacked, Path home) throws IOException {
    Path folder = unpacked.in(home);
    List<Member> missing =
        unpacked.members.stream().filter(m -> !Files.exists(folder.resolve(m.name))).toList();
    if (!missing.isEmpty()) {
      State state = missing.size() == unpacked.members.size() ? State.ABSENT : State.DAMAGED;
      List<String> names = missing.stream().map(Member::name).toList();
      return new Finding(state, Optional.of(folder + " lacks " + String.join(", ", names)));
    }
    boolean all = true;
    for (Member member : unpacked.members) {
      Path file = folder.resolve(member.name);
      Optional<Checksum> noted = noted(folder, member.name);
      Optional<Checksum> expected = member.checksum.isPresent() ? member.checksum : noted;
      Optional<String> problem = problem(file, member.size, expected);
      if (problem.isPresent()) {
        return Finding.damaged(problem.get() + AGAIN);
      }
      all &= expected.isPresent();
    }
    return all ? Finding.WHOLE : Finding.UNCHECKED;
  }

  private static Optional<Checksum> noted(Path folder, String name) throws IOException {
    Path sums = folder.resolve(SUMS);
    if (!Files.isRegularFile(sums)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(sums)) {
      return lines
          .filter(l -> l.matches("[0-9a-f]{64}  .*") && l.substring(66).equals(name))
          .map(l -> Checksum.sha256(l.substring(0, 64)))
          .findFirst();
    }
  }

  /**
   * Compares a file with what is published.
   *
   * @param file a file that exists
   * @return what is wrong with it, if anything
   * @throws IOException if it cannot be read
   */
  public Optional<String> problem(Path file) throws IOException {
    return problem(file, size, Optional.of(checksum));
  }

  private static Optional<String> problem(Path file, long size, Optional<Checksum> expected)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.of(file + " is no file");
    }
    long actual = Files.size(file);
    if (actual != size) {
      return Optional.of(
          "%s has %s bytes, expected %s".formatted(file, grouped(actual), grouped(size)));
    }
    if (expected.isPresent()) {
      Checksum found = Checksum.of(file, expected.get().algorithm());
      if (!found.equals(expected.get())) {
        return Optional.of("%s has %s, expected %s".formatted(file, found, expected.get().hex()));
      }
    }
    return Optional.empty();
  }
}
