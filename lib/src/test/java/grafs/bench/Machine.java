package grafs.bench;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the figures were measured on.
 *
 * @param cpu the processor's model
 * @param cores the number of processors that Java sees
 * @param java Java's version
 * @param djl DJL's version
 * @param pytorch PyTorch's version
 */
record Machine(String cpu, int cores, String java, String djl, String pytorch) {

  /** {@return this machine} */
  static Machine here() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown");
    return new Machine(
        cpu,
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().toString(),
        Engine.getDjlVersion(),
        Engine.getInstance().getVersion());
  }

  /**
   * Watches the machine for two seconds.
   *
   * @return the share of its processors' time that was in use, 0 to 1
   */
  static double load() throws IOException, InterruptedException {
    long[] before = ticks();
    Thread.sleep(2000);
    long[] after = ticks();
    return 1 - (double) (after[1] - before[1]) / (after[0] - before[0]);
  }

  /** All and idle processor time since the machine started. */
  private static long[] ticks() throws IOException {
    String total = Files.readAllLines(Path.of("/proc/stat")).get(0);
    long[] times =
        Arrays.stream(total.substring(4).strip().split(" ")).mapToLong(Long::parseLong).toArray();
    // user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of the first two.
    return new long[] {Arrays.stream(times, 0, 8).sum(), times[3] + times[4]};
  }
}
