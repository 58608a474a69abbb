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

/** {@link PartFile} deletes the temporary files, called parts, that killed processes left. */
class PartFileTest {

  @TempDir Path temp;

  /** Makes a part, last written some hours ago by the process with this id; returns its name. */
  private Path part(String file, long process, int hoursAgo) throws IOException {
    Path part = temp.resolve("%s.%d-%s.part".formatted(file, process, UUID.randomUUID()));
    Files.writeString(part, "half");
    part.toFile().setLastModified(System.currentTimeMillis() - hoursAgo * 3_600_000L);
    return part.getFileName();
  }

  /**
   * Old parts of the same file are deleted if their process does not run on this machine. New parts
   * stay, as a process on another machine may be writing them; parts of running processes and of
   * other files stay too.
   */
  @Test
  void whatKilledProcessesLeftIsDeleted() throws IOException {
    long none = 999_999_999_999L;
    part("a.bin", none, 2);
    List<Path> stay =
        Stream.of(
                part("a.bin", none, 0),
                part("a.bin", ProcessHandle.current().pid(), 2),
                part("b.bin", none, 2),
                Path.of("a.bin"))
            .sorted()
            .toList();
    PartFile.write(temp.resolve("a.bin"), part -> Files.writeString(part, "whole"));
    try (Stream<Path> files = Files.list(temp)) {
      assertEquals(stay, files.map(Path::getFileName).sorted().toList());
    }
    assertEquals("whole", Files.readString(temp.resolve("a.bin")));
  }
}
