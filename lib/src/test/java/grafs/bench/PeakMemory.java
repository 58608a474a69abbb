package grafs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A profiler of JMH that reports the peak resident memory of the measuring process, tensors
 * included, in megabytes: VmHWM of Linux.
 */
public final class PeakMemory implements InternalProfiler {

  /** The name of this result among those of a benchmark. */
  static final String LABEL = "peak";

  @Override
  public String getDescription() {
    return "peak resident memory";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

  @Override
  public List<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double peak = kilobytes(Path.of("/proc/self/status"), "VmHWM") / 1e3;
    return List.of(new ScalarResult(LABEL, peak, "MB", AggregationPolicy.MAX));
  }

  /** {@return the memory that new processes can have without swapping, in megabytes} */
  static double available() {
    return kilobytes(Path.of("/proc/meminfo"), "MemAvailable") / 1e3;
  }

  /** {@return the number on the line of a file in {@code /proc} that begins with a name} */
  private static long kilobytes(Path file, String name) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow(() -> new IOException("no " + name + " in " + file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
