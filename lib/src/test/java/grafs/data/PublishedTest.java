package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that the table of published data sets, the resource {@code published.json}, agrees with the
 * page {@code datasets/README.md}, and that files are compared with the sizes and checksums in the
 * table.
 */
class PublishedTest {

  @TempDir Path temp;

  /** Asserts that some line of the page contains all of the given parts. */
  private static void assertTogether(String page, String... parts) {
    assertTrue(
        page.lines().anyMatch(l -> Stream.of(parts).allMatch(l::contains)),
        () -> "datasets/README.md has no line with " + List.of(parts));
  }

  @Test
  void thePageSaysWhatTheTableSays() throws IOException {
    String page = Files.readString(ProjectHome.datasets().resolve("README.md"));
    for (Published set : Published.all()) {
      assertTogether(page, "| `" + set.name() + "` |", set.title(), set.licence());
      for (PublishedFile file : set.files()) {
        String size = DataException.grouped(file.size());
        assertTogether(
            page, "[`" + file.name() + "`](" + file.url() + ")", size, file.checksum().hex());
      }
    }
    long sums = page.lines().filter(l -> l.matches(".*`[0-9a-f]{64}`.*")).count();
    assertEquals(Published.all().stream().mapToLong(s -> s.files().size()).sum(), sums);
  }

  @Test
  void namesFilesAndChecksumsAreAllDifferent() {
    Set<Object> seen = new HashSet<>();
    for (Published set : Published.all()) {
      assertTrue(seen.add(set.name()));
      assertEquals(set, Published.of(set.name()));
      assertTrue(set.folder().endsWith(Path.of("datasets", set.name())));
      for (PublishedFile file : set.files()) {
        assertTrue(seen.add(file.url()) && seen.add(file.checksum()), file::toString);
        // Gzipped files, other than archives, have a checksum of their content too.
        boolean gzipped = file.name().endsWith(".gz") && file.archive() == null;
        assertEquals(gzipped, file.content() != null && seen.add(file.content()), file::toString);
        for (PublishedFile.Member member : file.members()) {
          Checksum sum = member.checksum();
          assertTrue(member.size() > 0, member::toString);
          assertTrue(
              sum == null
                  || sum.hex()
                      .matches(sum.algorithm().equals("MD5") ? "[0-9a-f]{32}" : "[0-9a-f]{64}"),
              member::toString);
        }
      }
    }
    // CIFAR-100's files have 50 000 and 10 000 records, each of two label bytes and 3 072 bytes of
    // pixels.
    List<PublishedFile.Member> cifar100 = Published.of("cifar100").files().get(0).members();
    assertEquals(50_000 * 3074, cifar100.get(0).size());
    assertEquals(10_000 * 3074, cifar100.get(1).size());
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    String message = assertThrows(DataException.class, () -> Published.of("cifar11")).getMessage();
    assertTrue(message.contains("'cifar11'") && message.contains("cifar10 cifar100"), message);
  }

  @Test
  void whatIsWrongComesWithWhatToDo() throws IOException {
    Published set = Published.of("cifar10");
    String problem = assertThrows(DataException.class, () -> set.require(temp)).getMessage();
    for (String part :
        List.of(
            "lacks data_batch_1.bin",
            "test_batch.bin",
            "environment/lab data cifar10",
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "170 052 171 bytes",
            "c4a38c50",
            temp.toString())) {
      assertTrue(problem.contains(part), () -> part + " is not in: " + problem);
    }
  }

  /**
   * A file of the published size is refused if it has another checksum. The file that is used here
   * has CIFAR-10's images after lossy compression as JPEG.
   */
  @Test
  void anotherFileOfTheSameSizeIsNotTheSet() throws IOException {
    Path jpeg = SharedFolder.require("data/cifar-10-jpeg/data_batch_1.bin");
    List<PublishedFile.Member> members = Published.of("cifar10").files().get(0).members();
    for (PublishedFile.Member member : members) {
      Files.createSymbolicLink(temp.resolve(member.name()), jpeg);
    }
    String problem = Published.of("cifar10").problem(temp);
    for (PublishedFile.Member member : members) {
      Files.delete(temp.resolve(member.name()));
    }
    assertTrue(problem.contains("data_batch_1.bin has MD5"), problem);
    assertTrue(problem.contains("5dd7e06a14cb22eb9f671a540d1b7c25"), problem);
  }

  @Test
  void checksumsAreThoseOfTheAlgorithm() throws IOException {
    // RFC 1321 and FIPS 180-4 give these checksums of the text "abc".
    Path abc = Files.writeString(temp.resolve("abc"), "abc");
    assertEquals(new Checksum("MD5", "900150983cd24fb0d6963f7d28e17f72"), Checksum.of(abc, "MD5"));
    assertEquals(
        new Checksum("SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Checksum.of(abc, "SHA-256"));
  }
}
