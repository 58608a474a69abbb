package grafs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A profiler of the benchmark library JMH that reports the peak resident memory of the measuring
 * process, tensors included: what Linux calls VmHWM, in megabytes.
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
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      String peak = lines.filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
      double megabytes = Long.parseLong(peak.replaceAll("\\D", "")) * 1024 / 1e6;
      return List.of(new ScalarResult(LABEL, megabytes, "MB", AggregationPolicy.MAX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
