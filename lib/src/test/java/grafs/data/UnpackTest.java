package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.data.PublishedFile.Archive;
import grafs.data.PublishedFile.Member;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
import org.apache.commons.lang3.function.FailableConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests how a {@link Fetcher} fetches a data set that is published as an archive: the archive is
 * downloaded, or taken from the data set's folder if a user has put it there, then checked and
 * unpacked.
 */
class UnpackTest {

  private static final String NAME = "toy.tar.gz";

  @TempDir Path temp;
  private final byte[] train = new byte[40_000];
  private final byte[] test = new byte[8_000];
  private Path home;
  private byte[] archive;
  private LoopbackServer server;

  @BeforeEach
  void publish() throws IOException {
    home = temp.resolve("toy");
    new Random(3).nextBytes(train);
    new Random(4).nextBytes(test);
    archive =
        tar(
            tar -> {
              put(tar, "toy-bin/train.bin", train);
              put(tar, "toy-bin/readme.html", new byte[9]);
              put(tar, "toy-bin/test.bin", test);
            });
    server = new LoopbackServer(LoopbackServer.file(archive));
  }

  /** Returns an archive to which {@code content} adds the entries. */
  private static byte[] tar(FailableConsumer<TarArchiveOutputStream, IOException> content)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip)) {
      content.accept(tar);
    }
    return bytes.toByteArray();
  }

  /** Adds a file to an archive. */
  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Returns the data set's only file, described as if this archive were the published one. */
  private PublishedFile published(byte[] file) throws IOException {
    Checksum sum = Checksum.of(Files.write(temp.resolve("copy"), file), "SHA-256");
    Checksum md5 = Checksum.of(Files.write(temp.resolve("t"), test), "MD5");
    return new PublishedFile(
        server.url(NAME),
        file.length,
        sum,
        null,
        new Archive(
            "toy-bin",
            List.of(
                new Member("train.bin", train.length, null),
                new Member("test.bin", test.length, md5))));
  }

  private void fetch(PublishedFile file) throws InterruptedException {
    Fast.fetch(home, file);
  }

  /**
   * Asserts that the data set is unpacked, and that its folder has nothing else but the file {@code
   * .lock} and these files.
   */
  private void assertWhole(String... others) throws IOException {
    assertArrayEquals(train, Files.readAllBytes(home.resolve("toy-bin/train.bin")));
    assertArrayEquals(test, Files.readAllBytes(home.resolve("toy-bin/test.bin")));
    assertEquals("", published(archive).problem(home));
    try (Stream<Path> all = Files.list(home)) {
      List<String> names = all.map(p -> p.getFileName().toString()).sorted().toList();
      assertEquals(Stream.concat(Stream.of(".lock", "toy-bin"), Stream.of(others)).toList(), names);
    }
  }

  @Test
  void comesUnpackedAndIsKnownAgain() throws Exception {
    assertTrue(published(archive).problem(home).endsWith("toy-bin lacks train.bin, test.bin"));
    fetch(published(archive));
    assertWhole();
    fetch(published(archive));
    assertEquals(1, server.requests().size());
  }

  @Test
  void damageIsNoticedAndMended() throws Exception {
    fetch(published(archive));
    Path folder = home.resolve("toy-bin");
    byte[] other = test.clone();
    other[other.length / 2] ^= 1;
    Files.write(folder.resolve("test.bin"), other);
    assertTrue(published(archive).problem(home).contains("test.bin has MD5"));
    fetch(published(archive));
    assertWhole();
    for (String name : List.of("train.bin", "test.bin")) {
      Path file = folder.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      assertTrue(published(archive).problem(home).contains(name + " has "));
      fetch(published(archive));
      assertWhole();
      Files.delete(file);
      assertTrue(published(archive).problem(home).contains("lacks " + name));
      fetch(published(archive));
      assertWhole();
    }
  }

  @Test
  void anArchivePutThereByHandNeedsNoNetwork() throws Exception {
    Files.createDirectories(home);
    Files.write(home.resolve(NAME), archive);
    server.close();
    fetch(published(archive));
    assertWhole(NAME);
  }

  @Test
  void aWrongArchivePutThereByHandIsNotUnpacked() throws Exception {
    Files.createDirectories(home);
    byte[] wrong = tar(tar -> put(tar, "toy-bin/evil", train));
    Files.write(home.resolve(NAME), wrong);
    fetch(published(archive));
    assertWhole(NAME);
    assertFalse(Files.exists(home.resolve("toy-bin/evil")));
  }

  @Test
  void filesUnpackedByHandAreCheckedAndLeftAlone() throws Exception {
    Files.createDirectories(home);
    Files.write(home.resolve("test.bin"), test);
    DataException e = assertThrows(DataException.class, () -> fetch(published(archive)));
    assertTrue(e.getMessage().contains(home + " lacks train.bin"), e.getMessage());
    Files.write(home.resolve("train.bin"), train);
    assertEquals("", published(archive).problem(home));
    Files.write(home.resolve("test.bin"), new byte[test.length]);
    e = assertThrows(DataException.class, () -> fetch(published(archive)));
    assertTrue(e.getMessage().contains("test.bin has MD5"), e.getMessage());
    assertFalse(e.getMessage().contains("delete it"), e.getMessage());
    assertArrayEquals(new byte[test.length], Files.readAllBytes(home.resolve("test.bin")));
    assertEquals(0, server.requests().size());
  }

  @Test
  void whatAKillLeftIsUnpackedAgain() throws Exception {
    Files.createDirectories(home.resolve("toy-bin"));
    Files.write(home.resolve("toy-bin/train.bin"), new byte[7]);
    Files.write(home.resolve(NAME + ".part"), archive);
    fetch(published(archive));
    assertWhole();
    assertEquals(0, server.requests().size());
  }

  /**
   * Asserts that an archive is refused although its checksum is the published one, and that nothing
   * is written outside of the data set's folder.
   *
   * @param evil the archive
   * @param why a part of the message
   */
  private void assertRefused(byte[] evil, String why) throws IOException {
    Files.createDirectories(home);
    Files.write(home.resolve(NAME), evil);
    DataException e = assertThrows(DataException.class, () -> fetch(published(evil)));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertTrue(published(evil).problem(home).contains(" lacks "));
    try (Stream<Path> all = Files.walk(temp)) {
      assertTrue(all.noneMatch(p -> p.endsWith("escaped") || Files.isSymbolicLink(p)));
    }
  }

  @Test
  void aMaliciousArchiveWritesNothingElsewhere() throws Exception {
    for (String name :
        List.of("../../escaped", "toy-bin/../../../escaped", temp.resolve("escaped") + "")) {
      byte[] evil =
          tar(
              tar -> {
                put(tar, "toy-bin/train.bin", train);
                put(tar, name, test);
              });
      assertRefused(evil, NAME + " could not be unpacked");
    }
    assertRefused(
        tar(tar -> put(tar, "other/train.bin", train)),
        "is not as published: " + home.resolve("toy-bin") + " lacks ");
    for (byte kind : new byte[] {TarConstants.LF_SYMLINK, TarConstants.LF_LINK}) {
      byte[] links =
          tar(
              tar -> {
                TarArchiveEntry entry = new TarArchiveEntry("toy-bin", kind);
                entry.setLinkName("../..");
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
                put(tar, "toy-bin/escaped", test);
              });
      assertRefused(links, NAME + " could not be unpacked");
    }
    assertRefused(Arrays.copyOf(archive, archive.length / 2), NAME + " could not be unpacked");
  }
}
