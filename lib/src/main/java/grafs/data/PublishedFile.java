package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A file of a {@linkplain Published published data set}, in the form in which it is downloaded.
 *
 * @param url its address
 * @param size its size in bytes
 * @param checksum its checksum
 * @param content the SHA-256 of its decompressed content, if the file is gzipped but not an
 *     archive; else null
 * @param archive the content to unpack, if the file is a {@code .tar.gz} archive; else null
 */
record PublishedFile(URI url, long size, Checksum checksum, Checksum content, Archive archive) {

  /**
   * The content of an archive.
   *
   * @param folder the name of its only top-level folder
   * @param members those files in that folder that this library reads
   */
  record Archive(String folder, List<Member> members) {}

  /**
   * A file on this machine: one that this library reads, or a downloaded archive.
   *
   * @param name its name
   * @param size its published size in bytes
   * @param checksum its published checksum; null if none is published
   */
  record Member(String name, long size, Checksum checksum) {

    /**
     * Compares a file's size and checksum with the published ones.
     *
     * @param file the path of the file, which exists
     * @return what is wrong with the file; empty if nothing is
     * @throws IOException if the file cannot be read
     */
    String problem(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        return file + " is not a regular file";
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

  /** {@return the name of the file, the last part of its address} */
  String name() {
    return Path.of(url.getPath()).getFileName().toString();
  }

  /** {@return the downloaded file; for an archive, the archive itself} */
  Member whole() {
    return new Member(name(), size, checksum);
  }

  /** {@return the files that this library reads: those in the archive, or else the file itself} */
  List<Member> members() {
    return archive == null ? List.of(whole()) : archive.members;
  }

  /** {@return name, size and checksum of the downloaded file, for messages} */
  @Override
  public String toString() {
    return "%s (%s bytes, %s)".formatted(name(), grouped(size), checksum);
  }

  /**
   * Returns the folder of the files that this library reads. For an archive it is the archive's
   * folder within the data set's folder. It is the data set's folder itself for any other file, and
   * also for an archive if a user has put at least one of its unpacked files there.
   *
   * @param home the data set's folder
   * @return the folder that has the files or should have them
   */
  Path in(Path home) {
    boolean direct = members().stream().anyMatch(m -> Files.exists(home.resolve(m.name)));
    return direct || archive == null ? home : home.resolve(archive.folder);
  }

  /**
   * Checks that the files that this library reads exist and have the published sizes and checksums,
   * which reads them completely.
   *
   * @param home the data set's folder, which need not exist
   * @return the first problem: which files are missing, or what is wrong with a file; empty if
   *     there is no problem. If a file is wrong, and {@code environment/lab data}, the command that
   *     downloads data sets, can fetch it again, the text also advises the user to delete the file.
   * @throws IOException if an existing file cannot be read
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
        return archive != null && folder.equals(home)
            ? problem
            : problem + "; delete it, and environment/lab data fetches it again";
      }
    }
    return "";
  }
}
