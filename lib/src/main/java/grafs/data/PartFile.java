package grafs.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.commons.lang3.function.FailableConsumer;

/**
 * Writes files so that a reader never sees a half-written one. The content is first written to a
 * temporary file in the same folder. This file, called the part, is then renamed atomically.
 * Checkpoints, results, weights and tokenized texts are written in this way.
 */
public final class PartFile {

  /** A part that was not written to for this time counts as left by a killed process. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private PartFile() {}

  /**
   * Writes a file that several processes may write at once. Each process writes a part of its own,
   * and replaces the file with it; the content of the process that finishes last stays. Parts of
   * the same file that killed processes left are deleted.
   *
   * @param file the file, replaced if it exists; its folder is created if it does not exist
   * @param writing is given the path of the part, and writes the content to it
   * @throws UncheckedIOException if the file cannot be written; an existing file is then unchanged
   */
  public static void write(Path file, FailableConsumer<Path, IOException> writing) {
    replace(
        file,
        UUID.randomUUID() + ".part",
        part -> {
          deleteLeftovers(part.toAbsolutePath().getParent(), file.getFileName().toString());
          writing.accept(part);
        });
  }

  /**
   * Writes a file that only one process writes at a time. The part is always {@code FILE.part}, so
   * that the next call overwrites a part that a killed process left, and the folder need not be
   * searched for it.
   *
   * @param file the file, replaced if it exists; its folder is created if it does not exist
   * @param writing is given the path of the part, and writes the content to it
   * @throws UncheckedIOException if the file cannot be written; an existing file is then unchanged
   */
  public static void writeAlone(Path file, FailableConsumer<Path, IOException> writing) {
    replace(file, "part", writing);
  }

  private static void replace(
      Path file, String ending, FailableConsumer<Path, IOException> writing) {
    Path folder = file.toAbsolutePath().getParent();
    Path part = file.resolveSibling(file.getFileName() + "." + ending);
    try {
      if (Files.notExists(folder)) {
        Files.createDirectories(folder);
      }
      writing.accept(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    } finally {
      part.toFile().delete();
    }
  }

  /**
   * Deletes the parts that other processes made of a file with this name, and which were not
   * written to for the time {@link #ABANDONED}.
   */
  private static void deleteLeftovers(Path folder, String name) throws IOException {
    long oldest = System.currentTimeMillis() - ABANDONED.toMillis();
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*.part")) {
      for (Path part : parts) {
        // A part of the file NAME is called NAME.UUID.part. A UUID contains no dot, so the parts of
        // another file, such as NAME.old, do not match.
        if (part.getFileName().toString().matches(Pattern.quote(name) + "\\.[^.]+\\.part")
            && part.toFile().lastModified() < oldest) {
          Files.deleteIfExists(part);
        }
      }
    }
  }
}
