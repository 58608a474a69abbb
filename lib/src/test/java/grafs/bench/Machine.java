package grafs.bench;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The machine and the software on which benchmarks were measured, for their report.
 *
 * @param cpu the processor's model
 * @param cores the number of processors that Java sees
 * @param java the version of Java
 * @param djl the version of DJL
 * @param pytorch the version of the PyTorch library that DJL uses
 */
record Machine(String cpu, int cores, String java, String djl, String pytorch) {

  /** {@return the machine that this program runs on} */
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
   * Measures for two seconds how busy the machine is.
   *
   * @return the share of its processors' time that was in use, 0 to 1
   */
  static double load() throws IOException, InterruptedException {
    long[] before = ticks();
    Thread.sleep(2000);
    long[] after = ticks();
    return 1 - (double) (after[1] - before[1]) / (after[0] - before[0]);
  }

  /**
   * {@return two numbers of clock ticks since the machine was started, summed over all processors:
   * all ticks, and those in which a processor was idle}
   */
  private static long[] ticks() throws IOException {
    String total = Files.readAllLines(Path.of("/proc/stat")).get(0);
    long[] times =
        Arrays.stream(total.substring(4).strip().split(" ")).mapToLong(Long::parseLong).toArray();
    // Columns: user, nice, system, idle, iowait, irq, softirq, steal. The columns after these,
    // guest and guest_nice, are already counted in user and nice.
    return new long[] {Arrays.stream(times, 0, 8).sum(), times[3] + times[4]};
  }
}
