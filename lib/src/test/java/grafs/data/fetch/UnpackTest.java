package grafs.data.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.data.Checksum;
import grafs.data.DataException;
import grafs.data.Published;
import grafs.data.PublishedFile;
import grafs.data.PublishedFile.Member;
import grafs.data.PublishedFile.State;
import grafs.data.PublishedFile.Unpacked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set that is published as an archive: downloaded or put there by hand, and unpacked. */
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
        TarArchiveTest.tar(
            tar -> {
              TarArchiveTest.put(tar, "toy-bin/train.bin", train);
              TarArchiveTest.put(tar, "toy-bin/readme.html", new byte[9]);
              TarArchiveTest.put(tar, "toy-bin/test.bin", test);
            });
    server = new LoopbackServer(LoopbackServer.file(archive, "\"a\""));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private PublishedFile published(byte[] file) throws IOException {
    Checksum sum = Checksum.of(Files.write(temp.resolve("copy"), file), "SHA-256");
    Optional<Checksum> md5 = Optional.of(Checksum.of(Files.write(temp.resolve("t"), test), "MD5"));
    return new PublishedFile(
        server.url(NAME),
        file.length,
        sum,
        Optional.of(
            new Unpacked(
                "toy-bin",
                List.of(
                    new Member("train.bin", train.length, Optional.empty()),
                    new Member("test.bin", test.length, md5)))));
  }

  private void fetch(PublishedFile file) throws InterruptedException {
    Published set = new Published("toy", "Toy", "none", List.of(file));
    new Fetcher(set, home, Fast.PATIENCE, Fast.QUIET).fetch();
  }

  private void assertWhole(String... others) throws IOException {
    assertArrayEquals(train, Files.readAllBytes(home.resolve("toy-bin/train.bin")));
    assertArrayEquals(test, Files.readAllBytes(home.resolve("toy-bin/test.bin")));
    assertEquals(State.WHOLE, published(archive).check(home).state());
    try (Stream<Path> all = Files.list(home)) {
      List<String> names = all.map(p -> p.getFileName().toString()).sorted().toList();
      assertEquals(Stream.concat(Stream.of(".lock", "toy-bin"), Stream.of(others)).toList(), names);
    }
  }

  @Test
  void comesUnpackedAndIsKnownAgain() throws Exception {
    assertEquals(State.ABSENT, published(archive).check(home).state());
    fetch(published(archive));
    assertWhole();
    fetch(published(archive));
    assertEquals(1, server.requests().size());
  }

  @Test
  void damageToAnyFileIsNoticedAndMended() throws Exception {
    fetch(published(archive));
    for (String name : List.of("train.bin", "test.bin")) {
      Path file = home.resolve("toy-bin").resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
      PublishedFile.Finding found = published(archive).check(home);
      assertEquals(State.DAMAGED, found.state());
      assertTrue(found.problem().orElseThrow().contains(name), found.toString());
      fetch(published(archive));
      assertWhole();
      Files.delete(file);
      assertEquals(State.DAMAGED, published(archive).check(home).state());
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
    byte[] wrong = TarArchiveTest.tar(tar -> TarArchiveTest.put(tar, "toy-bin/evil", train));
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
    assertEquals(State.UNCHECKED, published(archive).check(home).state());
    Files.write(home.resolve("test.bin"), new byte[test.length]);
    e = assertThrows(DataException.class, () -> fetch(published(archive)));
    assertTrue(e.getMessage().contains("test.bin has MD5"), e.getMessage());
    assertArrayEquals(new byte[test.length], Files.readAllBytes(home.resolve("test.bin")));
    assertEquals(0, server.requests().size());
  }

  @Test
  void whatAKillLeftIsTidiedUp() throws Exception {
    Files.createDirectories(home.resolve(".unpacking/toy-bin"));
    Files.write(home.resolve(".unpacking/toy-bin/train.bin"), new byte[7]);
    Files.createDirectories(home.resolve(".replaced"));
    Files.write(home.resolve(NAME + ".part"), archive);
    fetch(published(archive));
    assertWhole();
    assertEquals(0, server.requests().size());
  }

  @Test
  void aMaliciousArchiveLeavesNothing() throws Exception {
    for (String name : List.of("../../escaped", "toy-bin/../../../escaped", "other/train.bin")) {
      byte[] evil =
          TarArchiveTest.tar(
              tar -> {
                TarArchiveTest.put(tar, "toy-bin/train.bin", train);
                TarArchiveTest.put(tar, name, test);
              });
      Files.createDirectories(home);
      Files.write(home.resolve(NAME), evil);
      DataException e = assertThrows(DataException.class, () -> fetch(published(evil)));
      assertTrue(e.getMessage().contains("not as published"), e.getMessage());
      assertFalse(Files.exists(home.resolve("toy-bin")));
      assertFalse(Files.exists(home.resolve(".unpacking")));
      try (Stream<Path> all = Files.walk(temp)) {
        assertTrue(all.noneMatch(p -> p.endsWith("escaped")));
      }
    }
  }
}
