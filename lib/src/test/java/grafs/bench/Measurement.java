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
 * The result of one run of a benchmark in a process of its own: a Java virtual machine, started by
 * the benchmark library JMH, or Python ({@link PyTorchPeer}).
 *
 * @param subject the benchmark with its parameters
 * @param round the number of the round, from 1; in each round, every benchmark of a group is run
 *     once
 * @param milliseconds the time of each timed invocation
 * @param peak the peak resident memory of the process, tensors included, in megabytes
 */
record Measurement(Subject subject, int round, double[] milliseconds, double peak) {

  /**
   * The options for the Java heap of every measuring process. The heap is small at first, as in the
   * Jupyter kernel of a notebook. Tensors are not in the heap.
   */
  private static final String[] HEAP = {"-Xms64m", "-Xmx1g"};

  /**
   * A benchmark with its parameters.
   *
   * @param benchmark a class with JMH benchmarks, or {@link PyTorchPeer}
   * @param method the name of its method
   * @param parameters the values of the class's parameters, by name
   */
  record Subject(Class<?> benchmark, String method, Map<String, String> parameters) {

    /** {@return the names of the class and the method, such as {@code StepBenchmark.step}} */
    String name() {
      return benchmark.getSimpleName() + "." + method;
    }

    /** {@return the parameters as {@code name=value}, sorted by name, with spaces between} */
    String settings() {
      return parameters.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .map(e -> e.getKey() + "=" + e.getValue())
          .collect(Collectors.joining(" "));
    }
  }

  /**
   * Runs a JMH benchmark.
   *
   * @param subject the benchmark with its parameters
   * @param round the number of the round, which the result will have
   * @param warmups the number of invocations before those that are timed
   * @param samples the number of invocations that are timed
   * @param log the file that JMH writes its own report to
   * @param options further options for the Java virtual machine
   * @return the measurement
   * @throws RunnerException if the process fails; the log says why
   */
  static Measurement take(
      Subject subject, int round, int warmups, int samples, Path log, String... options)
      throws RunnerException {
    List<String> append = new ArrayList<>(List.of(options));
    // If a process is ended during a tensor operation, for example by Ctrl-C, its native code may
    // crash. Java then writes a crash report, without this option to the working directory.
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

  /**
   * {@return the time of an invocation on an idle machine, in milliseconds, as {@link #undisturbed}
   * estimates it}
   */
  double time() {
    return undisturbed(Arrays.stream(milliseconds));
  }

  /**
   * Estimates the time on an otherwise idle machine as the 10th percentile of the times. Other
   * programs, also those on the host of a virtual machine, can only add time. They add several
   * times more to a step of many small operations than to a step of few large ones, so the added
   * time would not cancel in the ratio of two such steps.
   */
  static double undisturbed(DoubleStream times) {
    return quantile(times, 0.1);
  }

  /** {@return the p-quantile of the values, for p from 0 to 1, interpolated linearly} */
  static double quantile(DoubleStream values, double p) {
    double[] sorted = values.sorted().toArray();
    double at = p * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
