package grafs.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Writes a file so that a reader sees all of it or none. */
public final class PartFile {

  /**
   * An action that may fail to read or write files.
   *
   * @param <T> what it is given
   */
  public interface Use<T> {

    /** Performs the action; the exception says which file cannot be read or written. */
    void of(T what) throws IOException;
  }

  private PartFile() {}

  /**
   * Writes a part beside the file and moves it into the file's place.
   *
   * @param file the file, replaced if it exists; its folder is made if there is none
   * @param writing writes the part
   */
  public static void write(Path file, Use<Path> writing) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path part = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      writing.of(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
