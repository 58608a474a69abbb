package grafs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grafs.data.LoopbackServer.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that several processes can fetch the same data set at once, and that a process can continue
 * the download of one that was killed.
 */
@Timeout(60)
class SeveralProcessesTest {

  private static final int SIZE = 2_000_000;

  @TempDir Path temp;
  private final byte[] content = new byte[SIZE];
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
  }

  /** Starts a process that fetches the file from a server. */
  private Process start(LoopbackServer server) throws IOException {
    new Random(5).nextBytes(content);
    String sum = Checksum.of(Files.write(temp.resolve("copy"), content), "SHA-256").hex();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                FetchProcess.class.getName(),
                server.url("toy.bin").toString(),
                String.valueOf(SIZE),
                sum,
                temp.resolve("toy").toString())
            .redirectErrorStream(true)
            .start();
    processes.add(process);
    return process;
  }

  /** Waits until a process has ended with status 0; returns what it printed. */
  private static String end(Process process) throws IOException, InterruptedException {
    String said = new String(process.getInputStream().readAllBytes());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), said);
    return said;
  }

  @Test
  void oneDownloadsAndTheOthersFindItDone() throws Exception {
    CountDownLatch everybodyIsHere = new CountDownLatch(1);
    Answer slow =
        exchange -> {
          everybodyIsHere.await();
          LoopbackServer.file(content).give(exchange);
        };
    try (LoopbackServer server = new LoopbackServer(slow)) {
      List<Process> three = List.of(start(server), start(server), start(server));
      // A process prints a line when it begins to download or to wait for another one. The server
      // answers only after all three have printed a line, so two of them have had to wait.
      int waiting = 0;
      while (waiting < 3) {
        Thread.sleep(50);
        waiting = 0;
        for (Process process : three) {
          waiting += process.getInputStream().available() > 0 ? 1 : 0;
          assertTrue(process.isAlive(), "one ended early");
        }
      }
      everybodyIsHere.countDown();
      int waited = 0;
      for (Process process : three) {
        waited += end(process).contains("Another process is at") ? 1 : 0;
      }
      assertEquals(2, waited);
      assertEquals(1, server.requests().size());
      assertArrayEquals(content, Files.readAllBytes(temp.resolve("toy/toy.bin")));
    }
  }

  @Test
  void aKilledProcessLeavesAPartThatTheNextContinues() throws Exception {
    int half = SIZE / 2;
    try (LoopbackServer server =
        new LoopbackServer(
            e -> LoopbackServer.stalls(content, half).give(e),
            e -> LoopbackServer.file(content).give(e))) {
      Process first = start(server);
      Path part = temp.resolve("toy/toy.bin.part");
      while (!Files.exists(part) || Files.size(part) < half) {
        assertTrue(first.isAlive());
        Thread.sleep(20);
      }
      first.destroy(); // Sends a signal, as Ctrl-C does.
      first.waitFor();
      assertFalse(Files.exists(temp.resolve("toy/toy.bin")));
      assertArrayEquals(Arrays.copyOf(content, half), Files.readAllBytes(part));
      end(start(server));
      assertArrayEquals(content, Files.readAllBytes(temp.resolve("toy/toy.bin")));
      assertFalse(Files.exists(part));
      assertEquals("bytes=" + half + "-", server.requests().get(1).getFirst("Range"));
    }
  }
}
