package grafs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Runs the system's Python in tests that compare results with those of Python libraries. */
public final class Python {

  private static final String INTERPRETER = "/usr/bin/python3";

  private Python() {}

  /**
   * Skips the calling test if Python or a module is missing.
   *
   * @param imports an import statement, such as {@code import numpy}, that must succeed
   * @throws InterruptedException if the thread was interrupted
   */
  public static void require(String imports) throws InterruptedException {
    try {
      Process p = new ProcessBuilder(INTERPRETER, "-c", imports).redirectErrorStream(true).start();
      p.getInputStream().readAllBytes();
      Assumptions.assumeTrue(p.waitFor() == 0, "skipped: no '" + imports + "' in " + INTERPRETER);
    } catch (IOException e) {
      Assumptions.abort("skipped: there is no " + INTERPRETER);
    }
  }

  /**
   * Runs the interpreter, and asserts that its exit status is 0. If not, the failure message is
   * what it printed.
   *
   * @param arguments the interpreter's arguments
   * @throws IOException if the interpreter cannot be started
   * @throws InterruptedException if the thread was interrupted
   */
  public static void run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(INTERPRETER));
    command.addAll(List.of(arguments));
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(p.getInputStream().readAllBytes());
    assertEquals(0, p.waitFor(), said);
  }
}
