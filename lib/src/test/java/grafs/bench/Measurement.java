package grafs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The result of one run of a benchmark in a Java virtual machine of its own.
 *
 * @param subject what was measured
 * @param round the round, from 1, that it was part of
 * @param milliseconds the time of each invocation
 * @param peak the most memory that the process held, in megabytes
 */
record Measurement(Subject subject, int round, double[] milliseconds, double peak) {

  /** The heap of every measuring process, small at first as in the kernel; tensors live outside. */
  private static final String[] HEAP = {"-Xms64m", "-Xmx1g"};

  /**
   * A benchmark with its parameters.
   *
   * @param benchmark the class
   * @param method its method
   * @param parameters its parameters' values by name
   */
  record Subject(Class<?> benchmark, String method, Map<String, String> parameters) {

    /** {@return the class and the method} */
    String name() {
      return benchmark.getSimpleName() + "." + method;
    }

    /** {@return the parameters as {@code name=value}, sorted by name} */
    String settings() {
      return parameters.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .map(e -> e.getKey() + "=" + e.getValue())
          .collect(Collectors.joining(" "));
    }
  }

  /**
   * Runs a benchmark.
   *
   * @param subject what to measure
   * @param round the round
   * @param warmups invocations to leave out first
   * @param samples invocations to time
   * @param log the file that JMH writes its own report to
   * @param options further options for Java
   * @return the measurement
   * @throws RunnerException if the process fails; the log says why
   */
  static Measurement take(
      Subject subject, int round, int warmups, int samples, Path log, String... options)
      throws RunnerException {
    List<String> append = new ArrayList<>(List.of(options));
    // Killed amid a tensor operation, a process dies of it: not in the user's folder.
    append.add("-XX:ErrorFile=" + log.resolveSibling("bench-crash.log"));
    ChainedOptionsBuilder benchmark =
        new OptionsBuilder()
            .include(subject.benchmark().getName() + "\\." + subject.method() + "$")
            .forks(1)
            .warmupIterations(warmups)
            .measurementIterations(samples)
            .jvmArgs(HEAP)
            .jvmArgsAppend(append.toArray(String[]::new))
            .addProfiler(PeakMemory.class)
            .shouldFailOnError(true)
            .output(log.toString());
    subject.parameters().forEach(benchmark::param);
    Collection<RunResult> results = new Runner(benchmark.build()).run();
    RunResult result = results.iterator().next();
    double[] times =
        result.getBenchmarkResults().stream()
            .flatMap(fork -> fork.getIterationResults().stream())
            .map(IterationResult::getPrimaryResult)
            .mapToDouble(r -> r.getScore())
            .toArray();
    double peak = result.getSecondaryResults().get(PeakMemory.LABEL).getScore();
    return new Measurement(subject, round, times, peak);
  }

  /** {@return the undisturbed time in milliseconds, see {@link #undisturbed}} */
  double time() {
    return undisturbed(Arrays.stream(milliseconds));
  }

  /**
   * Estimates the time on an otherwise idle machine as the 10th percentile. Other load, also that
   * of a virtual machine's host, only ever adds time, and it adds several times more to steps of
   * many small operations than to steps of few large ones, so that it would not cancel in a ratio.
   */
  static double undisturbed(DoubleStream times) {
    return quantile(times, 0.1);
  }

  /** {@return the p-quantile of some values, interpolated linearly} */
  static double quantile(DoubleStream values, double p) {
    double[] sorted = values.sorted().toArray();
    double at = p * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
