package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that {@link PartFile} deletes the temporary files, called parts, that killed processes
 * left.
 */
class PartFileTest {

  @TempDir Path temp;

  /** Makes a part of a file, as if it was last written some hours ago; returns the part's name. */
  private Path part(String file, int hoursAgo) throws IOException {
    Path part = temp.resolve(file + "." + UUID.randomUUID() + ".part");
    Files.writeString(part, "half");
    part.toFile().setLastModified(System.currentTimeMillis() - hoursAgo * 3_600_000L);
    return part.getFileName();
  }

  /**
   * Old parts of the same file are deleted. New parts stay, as another process may be writing them.
   * Parts of other files stay as well.
   */
  @Test
  void whatKilledProcessesLeftIsDeleted() throws IOException {
    part("a.bin", 2);
    List<Path> stay =
        Stream.of(part("a.bin", 0), part("b.bin", 2), Path.of("a.bin")).sorted().toList();
    PartFile.write(temp.resolve("a.bin"), part -> Files.writeString(part, "whole"));
    try (Stream<Path> files = Files.list(temp)) {
      assertEquals(stay, files.map(Path::getFileName).sorted().toList());
    }
    assertEquals("whole", Files.readString(temp.resolve("a.bin")));
  }
}
