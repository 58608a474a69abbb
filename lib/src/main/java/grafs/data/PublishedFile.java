package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One file of a published data set, as it is downloaded.
 *
 * @param url where it is published
 * @param size its size in bytes
 * @param checksum its checksum
 * @param archive the contents to unpack if it is a {@code .tar.gz}, else null
 */
record PublishedFile(URI url, long size, Checksum checksum, Archive archive) {

  /**
   * The contents of an archive.
   *
   * @param folder the name of its only top-level folder
   * @param members the files in that folder that the library reads
   */
  record Archive(String folder, List<Member> members) {}

  /**
   * A file that the library reads, or an archive.
   *
   * @param name its name
   * @param size its size in bytes
   * @param checksum its checksum, or null where none is published
   */
  record Member(String name, long size, Checksum checksum) {

    /**
     * Compares a file's size and checksum with the published ones.
     *
     * @param file an existing path
     * @return what is wrong with it, or empty if nothing is
     * @throws IOException if it cannot be read
     */
    String problem(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        return file + " is no file";
      }
      if (Files.size(file) != size) {
        return "%s has %s bytes, expected %s"
            .formatted(file, grouped(Files.size(file)), grouped(size));
      }
      Checksum found = checksum == null ? null : Checksum.of(file, checksum.algorithm());
      return found == null || found.equals(checksum)
          ? ""
          : "%s has %s, expected %s".formatted(file, found, checksum.hex());
    }
  }

  /** {@return the file's name} */
  String name() {
    return Path.of(url.getPath()).getFileName().toString();
  }

  /** {@return the file itself, packed if it is an archive} */
  Member whole() {
    return new Member(name(), size, checksum);
  }

  /** {@return the files that the library reads: those in the archive, or this file itself} */
  List<Member> members() {
    return archive == null ? List.of(whole()) : archive.members;
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
  Path in(Path home) {
    boolean direct = members().stream().anyMatch(m -> Files.exists(home.resolve(m.name)));
    return direct || archive == null ? home : home.resolve(archive.folder);
  }

  /**
   * Checks whether the file, or what was unpacked from it, is in a folder and complete. Reads all
   * of it.
   *
   * @param home the data set's folder, which need not exist
   * @return what is wrong, or empty if nothing is
   * @throws IOException if something that is there cannot be read
   */
  String problem(Path home) throws IOException {
    Path folder = in(home);
    String missing =
        members().stream()
            .map(Member::name)
            .filter(name -> !Files.exists(folder.resolve(name)))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      return folder + " lacks " + missing;
    }
    for (Member member : members()) {
      String problem = member.problem(folder.resolve(member.name));
      if (!problem.isEmpty()) {
        return problem + "; delete it, and environment/lab data fetches it again";
      }
    }
    return "";
  }
}
