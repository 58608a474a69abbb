package grafs.data;

import static grafs.data.LoopbackServer.chunked;
import static grafs.data.LoopbackServer.drops;
import static grafs.data.LoopbackServer.file;
import static grafs.data.LoopbackServer.ignoringRange;
import static grafs.data.LoopbackServer.stalls;
import static grafs.data.LoopbackServer.status;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.data.LoopbackServer.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that, whatever the server does, a {@link Fetcher} either gets a file with its published
 * content or fails with a message that says why. Other content never gets the file's final name: a
 * download is written to a temporary file, called the part, which is renamed at the end.
 */
@Timeout(60)
class FetcherTest {

  private static final int SIZE = 300_001;
  private static final int HALF = 150_000;

  @TempDir Path temp;

  /** The published content of the file. */
  private final byte[] content = bytes(1);

  /** Other content of the same size. */
  private final byte[] other = bytes(2);

  private static byte[] bytes(int seed) {
    byte[] bytes = new byte[SIZE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Path home() {
    return temp.resolve("datasets").resolve("toy");
  }

  private Path target() {
    return home().resolve("toy.bin");
  }

  private Path part() {
    return home().resolve("toy.bin.part");
  }

  private PublishedFile published(URI url, long size) throws IOException {
    Path copy = Files.write(temp.resolve("published"), content);
    return new PublishedFile(url, size, Checksum.of(copy, "SHA-256"), null, null);
  }

  private void fetch(PublishedFile file) throws InterruptedException {
    Fast.fetch(home(), file);
  }

  /**
   * Fetches the file from a server with these answers, asserts that it has the published content
   * and that no temporary file is left, and deletes it.
   *
   * @return the headers of the requests
   */
  private List<com.sun.net.httpserver.Headers> succeeds(Answer... answers)
      throws IOException, InterruptedException {
    try (LoopbackServer server = new LoopbackServer(answers)) {
      fetch(published(server.url("toy.bin"), SIZE));
      assertArrayEquals(content, Files.readAllBytes(target()));
      try (Stream<Path> left = Files.list(home())) {
        List<String> names =
            left.map(p -> p.getFileName().toString()).filter(n -> !n.equals(".lock")).toList();
        assertEquals(List.of("toy.bin"), names);
      }
      Files.delete(target());
      return server.requests();
    }
  }

  /**
   * Fetches the file from a server with these answers, and asserts that this fails after the given
   * number of requests, with a message that says how to get the file.
   *
   * @return the message
   */
  private String fails(int requests, Answer... answers) throws IOException {
    try (LoopbackServer server = new LoopbackServer(answers)) {
      PublishedFile file = published(server.url("toy.bin"), SIZE);
      String message = assertThrows(DataException.class, () -> fetch(file)).getMessage();
      System.out.println(message);
      assertFalse(Files.exists(target()));
      assertEquals(requests, server.requests().size());
      for (String help : List.of(server.url("toy.bin") + "", "300 001 bytes", home() + "")) {
        assertTrue(message.contains(help), help);
      }
      return message;
    }
  }

  private static void assertSays(String part, String message) {
    assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
  }

  /** Returns the first byte of the range that a request asks for. */
  private static long from(com.sun.net.httpserver.Headers request) {
    return Long.parseLong(request.getFirst("Range").replaceAll("^bytes=(\\d+)-$", "$1"));
  }

  @Test
  void comesWhole() throws Exception {
    assertEquals(1, succeeds(file(content)).size());
    assertEquals(1, succeeds(chunked(content, SIZE)).size());
  }

  @Test
  void aBrokenConnectionContinuesWhereItBroke() throws Exception {
    var requests = succeeds(drops(content, HALF), drops(content, 1000), file(content));
    assertEquals(3, requests.size());
    long second = from(requests.get(1));
    // Bytes that were under way when the connection broke may be lost.
    assertTrue(second > 0 && second <= HALF, "from " + second);
    long third = from(requests.get(2));
    assertTrue(third >= second && third <= second + 1000, "from " + third);
  }

  @Test
  void manyBreaksAreNoFailureWhileTheFileGrows() throws Exception {
    Answer[] breaks = new Answer[20];
    Arrays.fill(breaks, drops(content, SIZE / 19));
    assertEquals(20, succeeds(breaks).size());
  }

  @Test
  void whatAKilledProcessLeftIsContinued() throws Exception {
    Files.createDirectories(home());
    Files.write(part(), Arrays.copyOf(content, HALF));
    assertEquals("bytes=150000-", succeeds(file(content)).get(0).getFirst("Range"));
    Files.write(part(), content);
    assertEquals(0, succeeds(status(500)).size(), "nothing was missing");
    Files.write(part(), Arrays.copyOf(content, SIZE + 1));
    assertSays("has 300 002 bytes, expected 300 001", fails(0, file(content)));
    assertEquals("bytes=0-", succeeds(file(content)).get(0).getFirst("Range"));
  }

  @Test
  void aStalledConnectionIsGivenUpAndContinued() throws Exception {
    var requests = succeeds(stalls(content, HALF), file(content));
    assertEquals("bytes=150000-", requests.get(1).getFirst("Range"));
    assertEquals(2, succeeds(e -> Thread.sleep(60_000), file(content)).size());
    assertSays("no byte came", fails(6, stalls(content, 0)));
  }

  @Test
  void aServerThatBringsNothingMoreIsGivenUp() throws Exception {
    assertSays("broke off after 0 of 300 001 bytes", fails(6, drops(content, 0)));
    // The server sends the same first half each time, so the six attempts after the first do not
    // make the part longer.
    assertSays("broke off after 1", fails(7, ignoringRange(content, HALF)));
    assertTrue(Files.size(part()) > 100_000, "a later run continues it");
  }

  @Test
  void corruptBytesAreFoundAndThrownAway() throws Exception {
    byte[] corrupt = content.clone();
    corrupt[HALF] ^= 4;
    assertSays("toy.bin.part has SHA-256", fails(1, file(corrupt)));
    assertFalse(Files.exists(part()), "it would be continued");
    assertEquals("bytes=0-", succeeds(file(content)).get(0).getFirst("Range"));
  }

  @Test
  void aServerMayNotKnowRanges() throws Exception {
    assertEquals(2, succeeds(drops(content, HALF), ignoringRange(content, SIZE)).size());
    assertEquals(3, succeeds(drops(content, HALF), status(416), file(content)).size());
    Answer wrong =
        e -> {
          e.getResponseHeaders().set("Content-Range", "bytes 7-" + (SIZE - 1) + "/" + SIZE);
          e.sendResponseHeaders(206, SIZE - 7);
          e.getResponseBody().write(content, 7, SIZE - 7);
        };
    assertSays("the server's file is not as published", fails(2, drops(content, HALF), wrong));
    assertFalse(Files.exists(part()), "it would be continued");
  }

  @Test
  void aFileThatChangedIsNotTaken() throws Exception {
    // The two halves of the part are from different files, which the checksum reveals.
    assertSays("has SHA-256", fails(2, drops(other, HALF), file(content)));
    byte[] longer = Arrays.copyOf(content, SIZE + 1);
    assertSays("300 002 bytes, expected 300 001", fails(1, file(longer)));
    assertSays(
        "300 002 bytes, but 300 001 were published", fails(1, ignoringRange(longer, SIZE + 1)));
    assertSays(
        "is a file of 9 bytes", fails(2, drops(content, HALF), ignoringRange(new byte[9], 9)));
    assertSays("is a file of 150 000 bytes", fails(1, chunked(content, HALF)));
  }

  @Test
  void anAnswerWithoutAnEndIsGivenUp() throws Exception {
    Answer endless =
        e -> {
          e.sendResponseHeaders(200, 0);
          while (true) {
            e.getResponseBody().write(content);
            Thread.sleep(50);
          }
        };
    assertSays("is a file of more than 300 001 bytes", fails(1, endless));
    assertFalse(Files.exists(part()), "it would be continued");
  }

  @Test
  void aFileThatTheDiskHasNoRoomForIsNotBegun() throws Exception {
    try (LoopbackServer server = new LoopbackServer(file(content))) {
      PublishedFile file = published(server.url("toy.bin"), Long.MAX_VALUE);
      String message = assertThrows(DataException.class, () -> fetch(file)).getMessage();
      assertSays("could not be put into " + home(), message);
      assertSays("are free on the disk); make room", message);
      assertEquals(0, server.requests().size());
    }
  }

  /** An interrupted download closes its connection, so that nothing more is written. */
  @Test
  void anInterruptedDownloadWritesNothingMore() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    Answer slow =
        e -> {
          e.sendResponseHeaders(200, SIZE);
          try {
            for (int i = 0; i < SIZE; i++) {
              e.getResponseBody().write(content, i, 1);
              e.getResponseBody().flush();
              Thread.sleep(2);
            }
          } catch (IOException broken) {
            closed.countDown();
          }
        };
    try (LoopbackServer server = new LoopbackServer(slow)) {
      PublishedFile file = published(server.url("toy.bin"), SIZE);
      Thread fetching =
          new Thread(() -> assertThrows(InterruptedException.class, () -> fetch(file)));
      fetching.start();
      while (!Files.exists(part())) {
        Thread.sleep(10);
      }
      fetching.interrupt();
      assertTrue(closed.await(20, TimeUnit.SECONDS), "the connection is still open");
    }
  }

  @Test
  void redirectsAreFollowedButNotForEver() throws Exception {
    assertEquals(
        3,
        succeeds(status(302, "Location", "/b"), status(307, "Location", "c?x=1"), file(content))
            .size());
    // Java's HTTP client follows no more than four redirects in a row.
    String often = fails(5, status(301, "Location", "/toy.bin"));
    assertSays("answers 301", often);
    assertSays("Invalid redirection", fails(6, status(302)));
    for (String elsewhere : List.of("ftp://127.0.0.1/toy.bin", "file:///etc/passwd")) {
      assertSays("answers 302", fails(1, status(302, "Location", elsewhere)));
    }
  }

  @Test
  void refusalsAreFinalAndTroublesAreNot() throws Exception {
    assertSays("answers 404", fails(1, status(404)));
    assertSays("answers 403", fails(1, status(403)));
    assertSays("answers 418", fails(1, status(418)));
    assertSays("answers 500", fails(6, status(500)));
    assertEquals(3, succeeds(status(503), status(429), file(content)).size());
    assertSays("the server sent nothing", fails(6, e -> e.sendResponseHeaders(206, -1)));
  }

  @Test
  void aServerThatIsNotThereIsSaidAtOnce() throws Exception {
    URI url;
    try (LoopbackServer server = new LoopbackServer(status(500))) {
      url = server.url("toy.bin");
    }
    PublishedFile file = published(url, SIZE);
    String message = assertThrows(DataException.class, () -> fetch(file)).getMessage();
    assertSays("127.0.0.1 does not answer (java.net.ConnectException", message);
    assertSays("put into " + home(), message);
  }

  @Test
  void whatIsThereIsCheckedNotTrusted() throws Exception {
    Files.createDirectories(home());
    Files.write(target(), content);
    assertEquals(0, succeeds(status(404)).size());
    Files.write(target(), other);
    assertEquals(1, succeeds(file(content)).size());
    Files.write(target(), Arrays.copyOf(content, HALF));
    assertEquals(1, succeeds(file(content)).size());
  }

  @Test
  void whatTheDiskRefusesIsSaid() throws Exception {
    try (LoopbackServer server = new LoopbackServer(file(content))) {
      Files.createDirectories(part().resolve("in the way"));
      PublishedFile file = published(server.url("toy.bin"), SIZE);
      assertSays(part() + "", assertThrows(DataException.class, () -> fetch(file)).getMessage());
    }
    Files.createDirectories(temp.resolve("b"));
    Path way = Files.createFile(temp.resolve("b/toy"));
    PublishedFile file = published(URI.create("http://127.0.0.1:1/toy.bin"), SIZE);
    DataException e = assertThrows(DataException.class, () -> Fast.fetch(way, file));
    assertSays("could not be put into " + way, e.getMessage());
  }

  @Test
  void progressSaysHowLongItTakes() throws Exception {
    var out = new java.io.ByteArrayOutputStream();
    Console console = new Console(new java.io.PrintStream(out, true, "UTF-8"), true);
    console.progress("toy.bin", 2_000_000, 101_000_000, 1_500_000);
    console.say("Checking");
    String[] lines = out.toString("UTF-8").split("\n");
    assertEquals("\r\u001b[Ktoy.bin: 1 % of 101 MB, 1.5 MB/s, 1 min 06 s left", lines[0]);
    assertEquals("Checking", lines[1]);
  }
}
