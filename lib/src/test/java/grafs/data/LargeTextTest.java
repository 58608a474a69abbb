package grafs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that the file in which the tokens of a text are stored may be larger than Java's heap. The
 * test writes such a file, and starts this class as a process with a small heap, which reads the
 * file.
 */
class LargeTextTest {

  /** The number of tokens: 5 GB, at two bytes each. */
  private static final long TOKENS = 2_500_000_000L;

  /**
   * The file consists of runs of equal tokens; each run has this many. The value of a token is the
   * index of its run, so that a block of consecutive tokens shows its position in the file.
   */
  private static final int RUN = 1 << 16;

  /** The number of tokens in a block. */
  private static final int LENGTH = 256;

  /** The number of blocks in a batch. */
  private static final int BATCH = 64;

  @TempDir Path folder;

  @Test
  @Tag("slow")
  void fiveGigabytesStreamThroughASmallHeap() throws Exception {
    Assumptions.assumeTrue(
        Files.getFileStore(folder).getUsableSpace() > 6_000_000_000L,
        "skipped: there are no 6 GB free in " + folder);
    Path text = Files.writeString(folder.resolve("text.txt"), "a");
    Checksum sum = Checksum.of(text, "SHA-256");
    Path file = TokenFile.file(text, sum, folder, Tokenizer.gpt2());
    TokenFile.make(file, LargeTextTest::write);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx900m",
                "-cp",
                System.getProperty("java.class.path"),
                LargeTextTest.class.getName(),
                text.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.print(output);
    assertEquals(0, process.waitFor(), output);
  }

  /**
   * Writes {@link #TOKENS} tokens, in runs. The test gives the file the name under which {@link
   * TextSet} looks for the tokens of the text {@code a}, so these tokens are read in place of that
   * text's single one.
   */
  private static void write(DataOutputStream out) throws IOException {
    ByteBuffer run = ByteBuffer.allocate(RUN * Short.BYTES);
    for (long from = 0; from < TOKENS; from += RUN) {
      run.clear();
      long end = Math.min(from + RUN, TOKENS);
      for (long i = from; i < end; i++) {
        run.putShort((short) (i / RUN));
      }
      out.write(run.array(), 0, run.position());
    }
  }

  /**
   * Reads all tokens in order, then random blocks of them; throws if a token is wrong.
   *
   * @param arguments the path of the text
   */
  public static void main(String[] arguments) {
    Path text = Path.of(arguments[0]);
    TextSet set = TextSet.of(text, text.getParent(), Tokenizer.gpt2());
    check(set.size() == TOKENS, set.size() + " tokens");
    long start = System.nanoTime();
    for (long from = 0; from < TOKENS; from += RUN) {
      long[] run = set.tokens(from, (int) Math.min(RUN, TOKENS - from));
      long expected = from / RUN;
      check(Arrays.stream(run).allMatch(token -> token == expected), "in run " + expected);
    }
    double inOrder = TOKENS / seconds(start);

    int[] sixteenths = new int[16];
    start = System.nanoTime();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (Batch batch : set.training(BATCH, LENGTH, 1000, 1).epoch(manager, 0)) {
        try (batch) {
          long[] tokens = batch.getData().head().toLongArray();
          long[] next = batch.getLabels().head().toLongArray();
          for (int i = 0; i < tokens.length; i += LENGTH) {
            sixteenths[(int) (16 * tokens[i] * RUN / TOKENS)]++;
            check(next[i] - tokens[i] <= 1 && next[i] >= tokens[i], "a block that jumps");
          }
        }
      }
    }
    double random = 1000L * BATCH * LENGTH / seconds(start);
    System.out.printf(
        Locale.ROOT,
        "5 GB with a heap of %d MB: %.0f million tokens a second in order, %.1f in random blocks;"
            + " blocks from each sixteenth: %s%n",
        Runtime.getRuntime().maxMemory() >> 20,
        inOrder / 1e6,
        random / 1e6,
        Arrays.toString(sixteenths));
    // Each sixteenth of the file is expected to have 4 000 blocks, with a standard deviation of 61.
    check(Arrays.stream(sixteenths).allMatch(n -> Math.abs(n - 4000) < 400), "not from all over");
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
