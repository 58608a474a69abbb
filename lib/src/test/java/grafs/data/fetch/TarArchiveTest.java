package grafs.data.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.Seed;
import grafs.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Archives that are not plain files and folders are refused, and nothing outside is touched. */
@ExtendWith(Seed.class)
class TarArchiveTest {

  private static final int LIMIT = 100_000;

  @TempDir Path temp;
  private Path into;
  private Path bystander;

  /** Adds entries to an archive. */
  interface Content {
    void add(TarArchiveOutputStream tar) throws IOException;
  }

  @BeforeEach
  void folders() throws IOException {
    into = Files.createDirectories(temp.resolve("a/into"));
    bystander = Files.writeString(temp.resolve("a/bystander"), "untouched");
  }

  static byte[] tar(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      content.add(tar);
    }
    return bytes.toByteArray();
  }

  static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static void link(TarArchiveOutputStream tar, String name, byte kind, String to)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, kind);
    entry.setLinkName(to);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private void unpack(byte[] archive) throws IOException {
    new TarArchive(Files.write(temp.resolve("x.tar.gz"), archive), LIMIT, 10).unpack(into);
  }

  private String refused(Content content) throws IOException {
    byte[] archive = tar(content);
    String message = assertThrows(DataException.class, () -> unpack(archive)).getMessage();
    System.out.println(message);
    assertNothingOutside();
    return message;
  }

  private void assertNothingOutside() throws IOException {
    assertEquals("untouched", Files.readString(bystander));
    try (Stream<Path> all = Files.walk(temp)) {
      List<String> outside =
          all.filter(p -> !p.startsWith(into) && Files.isRegularFile(p))
              .map(p -> temp.relativize(p).toString())
              .sorted()
              .toList();
      assertEquals(List.of("a/bystander", "x.tar.gz"), outside);
    }
    try (Stream<Path> all = Files.walk(into)) {
      assertTrue(all.noneMatch(Files::isSymbolicLink), "a link was made");
    }
  }

  @Test
  void plainFilesAndFoldersComeOutAsTheyWere() throws IOException {
    byte[] content = new byte[50_000];
    new Random(7).nextBytes(content);
    String longName = "deep/" + "n".repeat(120);
    unpack(
        tar(
            tar -> {
              put(tar, "deep/", new byte[0]);
              put(tar, "deep/file", content);
              put(tar, "./dotted", new byte[] {1});
              put(tar, longName, new byte[0]);
            }));
    assertArrayEquals(content, Files.readAllBytes(into.resolve("deep/file")));
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(into.resolve("dotted")));
    assertEquals(0, Files.size(into.resolve(longName)));
    assertNothingOutside();
  }

  @Test
  void namesThatLeadOutAreRefused() throws IOException {
    for (String name :
        List.of(
            "../bystander",
            "a/../../bystander",
            "..",
            "a/..",
            bystander.toString(),
            "/etc/passwd",
            "..\\bystander",
            "x/../../into2/bystander")) {
      String message = refused(tar -> put(tar, name, new byte[] {1}));
      assertTrue(message.contains("leads out of its folder"), message);
    }
  }

  @Test
  void linksAndDevicesAreRefused() throws IOException {
    for (byte kind :
        new byte[] {
          TarConstants.LF_SYMLINK,
          TarConstants.LF_LINK,
          TarConstants.LF_CHR,
          TarConstants.LF_BLK,
          TarConstants.LF_FIFO,
          TarConstants.LF_CONTIG,
          (byte) 'V'
        }) {
      String message =
          refused(
              tar -> {
                link(tar, "way", kind, "..");
                put(tar, "way/bystander", new byte[] {1});
              });
      assertTrue(message.contains("'way', which is neither a plain file nor a folder"), message);
    }
    link(bystander);
  }

  private void link(Path target) throws IOException {
    String message = refused(tar -> link(tar, "bystander", TarConstants.LF_LINK, target + ""));
    assertTrue(message.contains("'bystander', which is neither"), message);
  }

  @Test
  void bombsAreRefused() throws IOException {
    String message = refused(tar -> put(tar, "zeros", new byte[50 * LIMIT]));
    assertTrue(message.contains("unpacks to more than 100 000 bytes"), message);
    assertTrue(Files.size(into.resolve("zeros")) <= LIMIT, "it was stopped on the way");
    String name =
        refused(
            tar -> {
              TarArchiveEntry entry =
                  new TarArchiveEntry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME);
              entry.setSize(50 * LIMIT);
              tar.putArchiveEntry(entry);
              tar.write("n".repeat(50 * LIMIT).getBytes(StandardCharsets.US_ASCII));
              tar.closeArchiveEntry();
              put(tar, "short", new byte[0]);
            });
    assertTrue(name.contains("unpacks to more than 100 000 bytes"), name);
    String many =
        refused(
            tar -> {
              for (int i = 0; i < 11; i++) {
                put(tar, "f" + i, new byte[0]);
              }
            });
    assertTrue(many.contains("more than 10 entries"), many);
  }

  @Test
  void aNameTwiceIsRefused() throws IOException {
    String twice =
        refused(
            tar -> {
              put(tar, "same", new byte[] {1});
              put(tar, "./same", new byte[] {2});
            });
    assertTrue(twice.contains("'./same' twice") || twice.contains("'same' twice"), twice);
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(into.resolve("same")));
    String under =
        refused(
            tar -> {
              put(tar, "file", new byte[] {1});
              put(tar, "file/under", new byte[] {2});
            });
    assertTrue(under.contains("'file/under' twice"), under);
  }

  @Test
  void damageIsAnErrorAndNeverTouchesWhatIsOutside() throws IOException {
    Random random = new Random(Seed.get());
    byte[] noise = new byte[3000];
    random.nextBytes(noise);
    byte[] good = tar(tar -> put(tar, "folder/file", noise));
    int errors = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      if (i % 3 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Path fresh = Files.createDirectory(into.resolve("run" + i));
      try {
        new TarArchive(Files.write(temp.resolve("x.tar.gz"), bad), LIMIT, 10).unpack(fresh);
      } catch (DataException e) {
        errors++;
        assertTrue(e.getMessage().contains("x.tar.gz"), e.getMessage());
      }
    }
    assertNothingOutside();
    assertTrue(errors > 200, errors + " of 300 damaged archives were noticed");
  }
}
