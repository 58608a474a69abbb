package grafs.data;

import static grafs.data.DataException.grouped;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a published image set, and others of their layout: where they are, what they hold.
 */
sealed interface ImageFiles permits CifarFiles, SvhnFiles {

  /** What to do about a broken file. */
  String MEND = "; delete it and put the published file in its place";

  /**
   * A file of the published set.
   *
   * @param name its name
   * @param bytes its size
   */
  record Published(String name, long bytes) {}

  /** {@return the published set's name, as messages call it} */
  String title();

  /** {@return all files of the published set that images are read from} */
  List<Published> published();

  /** {@return the folder in the published archive, or "" if the files are published singly} */
  String archiveFolder();

  /** {@return which files go where, as a sentence without its full stop} */
  String wanted(Path folder);

  /**
   * Reads the images that are there.
   *
   * @param folder the folder with the files
   * @param name what the data set is called
   * @throws DataException if there are no training or no test images, or a file is broken
   */
  ImageDataset read(Path folder, String name) throws IOException;

  /** {@return the folder itself or the archive's in it, whichever has such files} */
  default Optional<Path> in(Path folder) {
    return Stream.of(folder, folder.resolve(archiveFolder()))
        .filter(f -> published().stream().anyMatch(p -> Files.exists(f.resolve(p.name))))
        .findFirst();
  }

  /** {@return whether all files of the published set are there} */
  default boolean complete(Path folder) {
    return missing(folder).isEmpty();
  }

  private List<String> missing(Path folder) {
    return published().stream()
        .map(Published::name)
        .filter(n -> !Files.exists(folder.resolve(n)))
        .toList();
  }

  /** {@return what keeps the folder's files from being the published set, empty if nothing does} */
  default Optional<String> unofficial(Path folder) throws IOException {
    List<String> missing = missing(folder);
    if (!missing.isEmpty()) {
      return Optional.of(
          title()
              + " in "
              + folder
              + " lacks "
              + String.join(", ", missing)
              + ". "
              + wanted(folder));
    }
    for (Published file : published()) {
      long size = Files.size(folder.resolve(file.name));
      if (size != file.bytes) {
        return Optional.of(
            title()
                + " file "
                + folder.resolve(file.name)
                + " has "
                + grouped(size)
                + " bytes, expected "
                + grouped(file.bytes)
                + MEND);
      }
    }
    return Optional.empty();
  }
}
