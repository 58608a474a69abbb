package grafs.nas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.nn.Block;
import grafs.cell.CellSpace;
import grafs.cell.Cells;
import grafs.model.Activations;
import grafs.train.Learner;
import grafs.train.Progress;
import grafs.train.SgdSettings;
import grafs.train.SgdSettings.Decay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that the resident memory of a search, the RAM that its process occupies, does not grow with
 * the number of steps. The search runs in a process of its own, whose whole Java heap is resident
 * from the start. So only memory outside the heap, which holds the tensors, can make the resident
 * memory grow.
 */
class SearchMemoryTest {

  private static final Path STATUS = Path.of("/proc/self/status");

  /**
   * The number of steps in an epoch. The growth of memory is measured from the end of the first
   * epoch.
   */
  private static final int STEPS = 100;

  private static final int EPOCHS = 6;

  /**
   * The largest growth that passes, in kB: 16 kB for each of the 500 steps after the first epoch,
   * as much as four tensors of the network's hidden layers (float32, {@code [32, 32]}).
   */
  private static final long LARGEST_GROWTH = 8_000;

  @TempDir Path folder;

  @Test
  void isFlat() throws Exception {
    check(Relaxation.SOFTMAX);
  }

  @Test
  @Tag("slow")
  void isFlatWithDraws() throws Exception {
    check(Relaxation.DRNAS);
  }

  private void check(Relaxation relaxation) throws Exception {
    assumeTrue(Files.exists(STATUS), "skipped: no " + STATUS + " to read resident memory from");
    Path output = folder.resolve("output.txt");
    Path errors = folder.resolve("errors.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                // The optimising compiler C2 is off, since its own use of memory varies by tens of
                // megabytes.
                "-XX:TieredStopAtLevel=1",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                SearchMemoryTest.class.getName(),
                relaxation.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertEquals(0, process.waitFor(), () -> read(errors));
    } finally {
      process.destroyForcibly();
    }
    List<Long> resident = read(output).lines().map(Long::valueOf).toList();
    System.out.printf("%s: resident after each %d steps: %s kB%n", relaxation, STEPS, resident);
    assertEquals(EPOCHS, resident.size());
    long grown = resident.get(EPOCHS - 1) - resident.get(0);
    assertTrue(
        grown < LARGEST_GROWTH,
        "resident memory grew by %d kB in %d steps: %s kB"
            .formatted(grown, STEPS * (EPOCHS - 1), resident));
  }

  /**
   * Runs a search and prints the resident memory in kB after each epoch.
   *
   * @param arguments the name of the relaxation, {@code softmax} or {@code drnas}
   */
  public static void main(String[] arguments) {
    boolean draws = arguments[0].equals(Relaxation.DRNAS.toString());
    SearchSettings settings =
        SearchSettings.paper(new SgdSettings(0.05, 0.9, 1e-4, Decay.COSINE))
            .warmStartEpochs(1)
            .epochs(EPOCHS)
            .shrinking(Shrinking.OFF)
            .batchSize(32)
            .accumulation(1)
            .alphaLearningRate(0.03)
            .relaxation(draws ? Relaxation.DRNAS : Relaxation.SOFTMAX);
    Block relu = Activations.of("relu").get();
    Cells cells = new Cells(CellSpace.paper(), relu);
    try (Learner learner = Rings.learner(cells, 1)) {
      new Search(settings, cells, learner, Progress.Listener.NONE)
          .run(
              Rings.batches(STEPS, 32, 1),
              Rings.batches(STEPS, 32, 2),
              1,
              null,
              epoch -> System.out.println(residentKilobytes()));
    }
  }

  private static long residentKilobytes() {
    System.gc();
    return read(STATUS)
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
