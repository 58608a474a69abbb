package grafs.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelOutputTest {

  @AfterEach
  void stop() {
    BaseKernel.running = null;
  }

  @Test
  void aKernelOnTheClassPathThatDoesNotRunIsNone() {
    assertSame(Output.CONSOLE, KernelOutput.find());
  }

  @Test
  void displaysAndUpdatesReachTheRunningKernel() {
    BaseKernel.running = new BaseKernel();
    Output output = KernelOutput.find();

    output.show("a", Map.of("text/plain", "1 of 2"), false);
    output.show("a", Map.of("text/plain", "2 of 2"), true);

    assertEquals(
        List.of("display a {text/plain=1 of 2}", "update a {text/plain=2 of 2}"),
        BaseKernel.running.log);
  }
}
