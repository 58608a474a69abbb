package grafs.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  /** A part that has not grown for so long and whose process is not here is a killed one's. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private PartFile() {}

  /**
   * Writes a file that several processes may write at once: each writes a part of its own beside
   * the file, and moves it into the file's place.
   *
   * @param file the file, replaced if it exists; its folder is made if there is none
   * @param writing writes the part
   * @throws UncheckedIOException if it cannot be written; an old file is then as it was
   */
  public static void write(Path file, Use<Path> writing) {
    String own = ProcessHandle.current().pid() + "-" + UUID.randomUUID();
    replace(
        file,
        own + ".part",
        part -> {
          deleteLeftovers(part.toAbsolutePath().getParent(), file.getFileName() + ".");
          writing.of(part);
        });
  }

  /**
   * Writes a file that only one process writes at a time, which needs no look for what others left:
   * the part is {@code FILE.part}.
   *
   * @param file the file, replaced if it exists; its folder is made if there is none
   * @param writing writes the part
   * @throws UncheckedIOException if it cannot be written; an old file is then as it was
   */
  public static void writeAlone(Path file, Use<Path> writing) {
    replace(file, "part", writing);
  }

  private static void replace(Path file, String ending, Use<Path> writing) {
    Path folder = file.toAbsolutePath().getParent();
    Path part = file.resolveSibling(file.getFileName() + "." + ending);
    try {
      if (Files.notExists(folder)) {
        Files.createDirectories(folder);
      }
      writing.of(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    } finally {
      part.toFile().delete();
    }
  }

  /** Deletes the parts of a file that processes left when they were killed. */
  private static void deleteLeftovers(Path folder, String prefix) throws IOException {
    Pattern name = Pattern.compile(Pattern.quote(prefix) + "(\\d{1,18})-[-\\da-f]+\\.part");
    try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder)) {
      for (Path sibling : siblings) {
        Matcher part = name.matcher(sibling.getFileName().toString());
        if (part.matches()
            && ProcessHandle.of(Long.parseLong(part.group(1))).isEmpty()
            && sibling.toFile().lastModified()
                < System.currentTimeMillis() - ABANDONED.toMillis()) {
          Files.deleteIfExists(sibling);
        }
      }
    }
  }
}
