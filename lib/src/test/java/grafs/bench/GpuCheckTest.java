package grafs.bench;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Tests {@link GpuCheck#kill}, which kills the process of a search after some of its epochs. */
class GpuCheckTest {

  /** Starts shell commands in place of a search, which prints a line after each epoch. */
  private static Process process(String commands) throws IOException {
    return new ProcessBuilder("sh", "-c", commands).start();
  }

  @Test
  void aSearchThatEndsBeforeItIsKilledFailsTheCheck() throws Exception {
    GpuCheck.kill(process("echo epoch 1; echo epoch 2; exec sleep 60"), 2);
    assertRefused("echo epoch 1", "ended with status 0 after 1 epochs, before it could be killed");
    assertRefused("exit 3", "ended with status 3 after 0 epochs, before it could be killed");
  }

  private static void assertRefused(String commands, String why) {
    String said =
        assertThrows(IOException.class, () -> GpuCheck.kill(process(commands), 2)).getMessage();
    assertTrue(said.contains(why), said);
  }
}
