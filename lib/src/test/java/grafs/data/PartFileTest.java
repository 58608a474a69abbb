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

class PartFileTest {

  @TempDir Path temp;

  private Path part(String file, long process, int hoursAgo) throws IOException {
    Path part = temp.resolve("%s.%d-%s.part".formatted(file, process, UUID.randomUUID()));
    Files.writeString(part, "half");
    part.toFile().setLastModified(System.currentTimeMillis() - hoursAgo * 3_600_000L);
    return part.getFileName();
  }

  /** A process that was killed cannot delete its part; one that runs elsewhere still writes its. */
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
