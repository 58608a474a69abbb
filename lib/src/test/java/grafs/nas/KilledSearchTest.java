package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a search whose process is killed continues from its checkpoint to the same result as
 * an uninterrupted one.
 */
class KilledSearchTest {

  /** The exit status of a killed process: 128 plus 9, the number of the signal SIGKILL. */
  private static final int SIGKILLED = 128 + 9;

  @TempDir Path folder;

  @Test
  void killedAndContinuedItEndsTheSame() throws Exception {
    killAndContinue(20261127L, 3);
  }

  @Test
  @Tag("slow")
  void killedManyTimesItEndsTheSame() throws Exception {
    for (int search = 0; search < 4; search++) {
      killAndContinue(20261127L + search, 8);
    }
  }

  /**
   * Starts one process after another and kills each at a random moment; each continues the search
   * from the checkpoint. Then compares the result with that of an uninterrupted search.
   *
   * @param seed the seed of the search and of the random moments
   * @param kills the largest number of processes that are killed
   */
  private void killAndContinue(long seed, int kills) throws Exception {
    Path unbroken = Files.createDirectories(folder.resolve("unbroken-" + seed));
    Path broken = Files.createDirectories(folder.resolve("broken-" + seed));
    try (SearchProcess whole = new SearchProcess(unbroken, seed)) {
      whole.awaitEnd();
    }
    Random random = new Random(seed);
    int continued = 0;
    for (int kill = 0; kill < kills; kill++) {
      try (SearchProcess search = new SearchProcess(broken, seed)) {
        // The process is killed less than 1 s after one of these moments: the beginning of its
        // search, the end of the first or of the second epoch that it has done.
        int more = random.nextInt(3);
        boolean going = true;
        for (int e = 0; e < more && going; e++) {
          going = search.awaitEpoch();
        }
        if (!going || search.process.waitFor(random.nextInt(1000), TimeUnit.MILLISECONDS)) {
          search.awaitEnd();
          break;
        }
        continued += Files.exists(broken.resolve("checkpoint/search.zip")) ? 1 : 0;
        search.process.destroyForcibly();
        assertEquals(SIGKILLED, search.process.waitFor(), "seed " + seed);
      }
    }
    System.out.printf("seed %d: killed %d times with a checkpoint%n", seed, continued);
    try (SearchProcess rest = new SearchProcess(broken, seed)) {
      rest.awaitEnd();
    }
    for (String file : List.of("activation.json", "digest.txt")) {
      assertEquals(
          Files.readString(unbroken.resolve(file)),
          Files.readString(broken.resolve(file)),
          file + ", seed " + seed);
    }
  }

  /**
   * A process that runs {@link RestartedSearch}. It prints a line when the search begins, and a
   * line after every epoch that this process has done itself.
   */
  private static final class SearchProcess implements AutoCloseable {

    final Process process;
    private final BufferedReader lines;
    private final Path errors;

    /** Starts the process and waits until the search begins. */
    SearchProcess(Path folder, long seed) throws IOException {
      errors = folder.resolve("errors.txt");
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx512m",
              "-DOPT_OUT_TRACKING=true",
              "-cp",
              System.getProperty("java.class.path"),
              RestartedSearch.class.getName(),
              folder.toString(),
              Long.toString(seed));
      process = builder.redirectError(errors.toFile()).start();
      lines = process.inputReader();
      if (lines.readLine() == null) {
        throw new IOException(Files.readString(errors));
      }
    }

    /** Waits for the end of an epoch; returns false if the search is over. */
    boolean awaitEpoch() throws IOException {
      return lines.readLine() != null;
    }

    /** Waits for the end of the process, which must succeed. */
    void awaitEnd() throws IOException, InterruptedException {
      while (lines.readLine() != null) {
        // Reads all output, since a full pipe would block the process.
      }
      assertEquals(0, process.waitFor(), () -> read(errors));
    }

    private static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        return e.toString();
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
