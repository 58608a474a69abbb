package grafs.data;

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

  /**
   * Says what to do about a broken file. To delete it helps only where the kit fetches it again,
   * which it does in {@link Published#folder()}.
   *
   * @param file the file
   * @return the end of a message
   */
  static String mend(Path file) {
    Path place = file.toAbsolutePath().normalize();
    return Published.all().stream()
        .filter(published -> place.startsWith(published.folder()))
        .map(p -> "; delete it, and environment/lab data " + p.name() + " fetches it again")
        .findFirst()
        .orElse("; put a whole one in its place");
  }

  /** {@return the published set of this layout} */
  Published published();

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
    Stream<Path> archives =
        published().files().stream()
            .flatMap(f -> f.unpacked().stream())
            .map(u -> folder.resolve(u.folder()));
    return Stream.concat(Stream.of(folder), archives)
        .filter(f -> names().stream().anyMatch(n -> Files.exists(f.resolve(n))))
        .findFirst();
  }

  /** {@return whether all files of the published set are there} */
  default boolean complete(Path folder) {
    return names().stream().allMatch(n -> Files.exists(folder.resolve(n)));
  }

  /** The published files that images are read from. */
  private List<String> names() {
    return published().files().stream().flatMap(f -> f.contents().stream()).toList();
  }
}
